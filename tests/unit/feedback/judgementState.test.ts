import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparison, JudgementEvent, Rater } from '../../../src/feedback/judgement';
import { deriveStates, undoable } from '../../../src/feedback/judgementState';
import { recordAction, type Action } from '../../../src/feedback/recording';

const me: Rater = { kind: 'person', name: 'me' };
const rule: Rater = { kind: 'simulated', rule: 'cheerful', temperature: 0.1 };

function comparison(id: string): Comparison {
  return { id, datasetId: 'd', order: 0, prompt: '', responses: ['a', 'b'], swapped: false, source: { kind: 'imported', file: 'f' }, created: 0 };
}

/** The log of these actions, all at the same moment by the clock. */
function log(...actions: [string, Rater, Action][]): JudgementEvent[] {
  const events: JudgementEvent[] = [];
  for (const [id, rater, action] of actions) events.push(recordAction(comparison(id), rater, action, 1000, events));
  return events;
}

const first: Action = { kind: 'judged', verdict: 'first' };
const second: Action = { kind: 'judged', verdict: 'second' };
const skip: Action = { kind: 'skipped' };
const undo: Action = { kind: 'undone' };

const statusOf = (events: JudgementEvent[]) => {
  const state = deriveStates(events).get('c');
  return state?.status === 'judged' ? state.verdict : (state?.status ?? 'open');
};

describe('what stands of a comparison', () => {
  it.each<[string, [Rater, Action][], string]>([
    ['nothing', [], 'open'],
    ['a verdict', [[me, first]], 'first'],
    ['a verdict changed', [[me, first], [me, second]], 'second'],
    ['a verdict taken back', [[me, first], [me, undo]], 'open'],
    ['a changed verdict taken back once', [[me, first], [me, second], [me, undo]], 'first'],
    ['taken back twice', [[me, first], [me, second], [me, undo], [me, undo]], 'open'],
    ['an undo of nothing, then a verdict', [[me, undo], [me, first]], 'first'],
    ['a verdict after an undo', [[me, first], [me, undo], [me, second]], 'second'],
    ['a skip', [[me, skip]], 'skipped'],
    ['a skip taken back', [[me, skip], [me, undo]], 'open'],
    ['a skip after a verdict', [[me, first], [me, skip]], 'skipped'],
    ['two raters: the latest verdict', [[me, first], [rule, second]], 'second'],
    ['two raters: an undo takes back one’s own', [[me, first], [rule, second], [me, undo]], 'second'],
    ['two raters: then the other’s stands', [[me, first], [rule, second], [rule, undo]], 'first'],
    ['two raters: a skip does not outweigh a verdict', [[me, first], [rule, skip]], 'first'],
  ])('%s', (_name, actions, expected) => {
    expect(statusOf(log(...actions.map(([rater, action]): [string, Rater, Action] => ['c', rater, action])))).toBe(expected);
  });

  it('remembers how it was chosen the first time, whatever came later', () => {
    const wanted: Action = { ...first, choice: 'uncertain' };
    const choiceOf = (...actions: [Rater, Action][]) => {
      const state = deriveStates(log(...actions.map(([rater, action]): [string, Rater, Action] => ['c', rater, action]))).get('c');
      return state?.status === 'judged' ? state.choice : state;
    };
    expect(choiceOf([me, first])).toBeUndefined();
    expect(choiceOf([me, wanted])).toBe('uncertain');
    expect(choiceOf([me, wanted], [me, second])).toBe('uncertain');
    expect(choiceOf([me, first], [rule, wanted])).toBeUndefined();
    expect(choiceOf([me, wanted], [me, undo], [me, second])).toBeUndefined();
    expect(choiceOf([{ kind: 'key' }, first], [me, wanted])).toBe('uncertain');
  });

  it('is the same for any order of arrival and any duplicates', () => {
    const action = fc.constantFrom(first, second, skip, undo, undo);
    const step = fc.tuple(fc.constantFrom('c', 'd', 'e'), fc.constantFrom(me, rule), action);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (steps, keys) => {
        const events = log(...steps);
        const shuffled = [...events, ...events].map((event) => ({ event, key: keys.next().value! })).sort((a, b) => a.key - b.key);
        expect(new Map([...deriveStates(shuffled.map(({ event }) => event))].sort())).toEqual(new Map([...deriveStates(events)].sort()));
      }),
    );
  });

  it('merges two logs of one past into the union', () => {
    const shared = log(['c', me, first], ['d', me, second]);
    const here = [...shared, recordAction(comparison('c'), me, undo, 2000, shared)];
    const there = [...shared, recordAction(comparison('e'), rule, first, 1500, shared)];
    const merged = deriveStates([...there, ...here]);
    expect([...merged.keys()].sort()).toEqual(['d', 'e']);
  });
});

describe('recording', () => {
  it('puts an undo after its judgement even if the clock was set back', () => {
    const [judged] = log(['c', me, first]);
    const undone = recordAction(comparison('c'), me, undo, 5, [judged]);
    expect(undone.at).toBeGreaterThan(judged.at);
    expect(statusOf([undone, judged])).toBe('open');
  });

  it('never gives the same id twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => recordAction(comparison('c'), me, skip, 0).id)).size).toBe(1000);
  });
});

describe('undo', () => {
  it('concerns the comparison that the rater touched last and has not taken back', () => {
    const at = (id: string, action: Action, now: number, earlier: JudgementEvent[] = []) => recordAction(comparison(id), me, action, now, earlier);
    const events = [at('c', first, 1), at('d', skip, 2), recordAction(comparison('e'), rule, first, 3)];
    expect(undoable(events, me)).toBe('d');
    const once = [...events, at('d', undo, 4, events)];
    expect(undoable(once, me)).toBe('c');
    expect(undoable([...once, at('c', undo, 5, once)], me)).toBeNull();
  });
});
