import { describe, expect, it } from 'vitest';
import type { Comparison, JudgementEvent, Rater, Verdict } from '../../../src/feedback/judgement';
import { proportion } from '../../../src/feedback/proportion';
import { recordAction } from '../../../src/feedback/recording';
import { selfAgreement } from '../../../src/feedback/selfAgreement';

const me: Rater = { kind: 'person', name: 'me' };
const you: Rater = { kind: 'person', name: 'you' };
const rule: Rater = { kind: 'simulated', rule: 'cheerful', temperature: 0.1 };

function log(...judged: [string, Rater, Verdict | 'undo'][]): JudgementEvent[] {
  const events: JudgementEvent[] = [];
  for (const [id, rater, verdict] of judged)
    events.push(recordAction({ id, datasetId: 'd' } as Comparison, rater, verdict === 'undo' ? { kind: 'undone' } : { kind: 'judged', verdict }, 1000, events));
  return events;
}

describe('how often people agree with themselves', () => {
  it('counts the pairs that one person judged twice', () => {
    const events = log(['a', me, 'first'], ['b', me, 'second'], ['c', me, 'first'], ['a', me, 'first'], ['b', me, 'first'], ['a', you, 'second'], ['a', you, 'second']);
    expect(selfAgreement(events)).toEqual(proportion(2, 3));
    expect(selfAgreement([...events].reverse())).toEqual(proportion(2, 3));
  });

  it('counts a pair once, and no tie', () => {
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'first'], ['a', me, 'second']))).toEqual(proportion(1, 1));
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'tie'], ['b', me, 'both-bad'], ['b', me, 'both-bad']))).toBeNull();
  });

  it('is not known from two people, from what was taken back, or from a rule', () => {
    expect(selfAgreement(log(['a', me, 'first'], ['a', you, 'first']))).toBeNull();
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'undo'], ['a', me, 'second']))).toBeNull();
    expect(selfAgreement(log(['a', rule, 'first'], ['a', rule, 'first']))).toBeNull();
  });
});
