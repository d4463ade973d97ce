import { expect, test } from 'vitest';
import { latestStanding } from '../../../src/app/collect/latestStanding';
import type { JudgementEvent, Rater } from '../../../src/feedback/judgement';

const YOU: Rater = { kind: 'person', name: 'you' };

let clock = 0;
const event = (kind: 'judged' | 'skipped' | 'undone', comparisonId: string, rater: Rater = YOU): JudgementEvent => {
  const at = ++clock;
  const base = { id: `e${String(at).padStart(3, '0')}`, datasetId: 'd', comparisonId, at, rater };
  return kind === 'judged' ? { ...base, kind, verdict: 'first' } : { ...base, kind };
};

test('undo after undo goes back through the pairs in the order they were judged', () => {
  const log = [event('judged', 'a'), event('skipped', 'b'), event('judged', 'c')];
  expect(latestStanding(log)?.comparisonId).toBe('c');
  log.push(event('undone', 'c'));
  expect(latestStanding(log)?.comparisonId).toBe('b');
  log.push(event('undone', 'b'));
  expect(latestStanding(log)?.comparisonId).toBe('a');
  log.push(event('undone', 'a'));
  expect(latestStanding(log)).toBeNull();
});

test('a pair that was judged twice gives back the first judgement before the pair is open again', () => {
  const log = [event('judged', 'a'), event('judged', 'b'), event('judged', 'a'), event('undone', 'a')];
  expect(latestStanding(log)?.comparisonId).toBe('b');
  log.push(event('undone', 'b'));
  expect(latestStanding(log)?.comparisonId).toBe('a');
});

test('what a rule or a file judged is not a person’s to undo', () => {
  const log = [event('judged', 'a'), event('judged', 'b', { kind: 'simulated', rule: 'animals', temperature: 0.1 }), event('judged', 'c', { kind: 'imported', file: 'x.jsonl' })];
  expect(latestStanding(log)?.comparisonId).toBe('a');
});
