import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparison, JudgementEvent, Rater } from '../../../src/feedback/judgement';
import { JudgedQueue } from '../../../src/feedback/judgedQueue';
import { deriveStates, inOrder, raterKey, standingEvents, undoable } from '../../../src/feedback/judgementState';
import { answersIn, pace, progress } from '../../../src/feedback/queue';
import { recordAction, type Action } from '../../../src/feedback/recording';

const me: Rater = { kind: 'person', name: 'me' };
const rule: Rater = { kind: 'simulated', rule: 'animals', temperature: 1 };

const comparison = (id: string, order = 0): Comparison =>
  ({ id, datasetId: 'x', order, prompt: '', responses: ['1', '2'], swapped: false, source: { kind: 'imported', file: 'f' }, created: 0 });
const QUEUE = ['a', 'b', 'c'].map(comparison);

const first: Action = { kind: 'judged', verdict: 'first' };
const second: Action = { kind: 'judged', verdict: 'second' };
const again: Action = { kind: 'judged', verdict: 'first', repeat: true };
const skip: Action = { kind: 'skipped' };
const undo: Action = { kind: 'undone' };

/** Everything that it says, and the same from scratch. */
function expectAsFromScratch(judged: JudgedQueue, log: readonly JudgementEvent[]): void {
  const states = deriveStates(log);
  expect(new Map([...judged.states].sort())).toEqual(new Map([...states].sort()));
  expect(judged.progress).toEqual(progress(judged.comparisons, states));
  const standing = standingEvents(log);
  expect(judged.answers).toBe(judged.comparisons.reduce((sum, { id }) => sum + answersIn([...(standing.get(id)?.values() ?? [])]), 0));
  expect(judged.next()).toBe(judged.comparisons.find(({ id }) => !states.has(id)) ?? null);
  expect(judged.latest).toBe(Math.max(...log.map(({ at }) => at)));
  expect(judged.openTo()).toEqual(judged.comparisons.filter(({ id }) => !states.has(id)));
  for (const rater of [me, rule]) {
    const said = inOrder([...standingEvents(log).values()].flatMap((raters) => raters.get(raterKey(rater)) ?? []));
    expect(judged.saidBy(rater)).toEqual(said);
    expect(judged.openTo(rater)).toEqual(judged.comparisons.filter(({ id }) => said.every(({ comparisonId }) => comparisonId !== id)));
    expect(judged.undoable(rater)).toBe(undoable(log, rater));
    expect(judged.pace(rater)).toBe(pace(log, rater));
  }
  expect([...judged.events()].map(({ id }) => id).sort()).toEqual(log.map(({ id }) => id).sort());
  const touched = (id: string) => Math.max(...log.filter(({ comparisonId }) => comparisonId === id).map(({ at }) => at));
  const listed = [...judged.placesLatestFirst()].map((place) => judged.comparisons[place]);
  expect(new Set(listed)).toEqual(new Set(judged.comparisons));
  expect(listed.map(({ id }) => touched(id))).toEqual(judged.comparisons.map(({ id }) => touched(id)).sort((a, b) => (a === b ? 0 : b - a)));
  const untouched = judged.comparisons.filter(({ id }) => touched(id) === -Infinity);
  expect(listed.slice(judged.comparisons.length - untouched.length)).toEqual(untouched);
  for (const { id } of judged.comparisons) expect(judged.touched(id) ?? -Infinity).toBe(touched(id));
}

describe('a queue that hears of each event as it comes', () => {
  it('says the same as the whole log from scratch, for any log in any order of arrival', () => {
    // 'd' is judged in the log and is not in this queue.
    const step = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(me, rule), fc.constantFrom(first, second, again, skip, undo, undo), fc.nat({ max: 5 }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(), fc.infiniteStream(fc.nat()), (steps, known, keys) => {
        const log: JudgementEvent[] = [];
        let clock = 0;
        for (const [id, rater, action, wait] of steps) log.push(recordAction(comparison(id), rater, action, (clock += wait), log));
        const inSomeOrder = log.map((event) => ({ event, key: keys.next().value! })).sort((a, b) => a.key - b.key).map(({ event }) => event);
        for (const arriving of [log, inSomeOrder]) {
          const already = known % (log.length + 1);
          const judged = new JudgedQueue(QUEUE, arriving.slice(0, already));
          for (let i = already; i < log.length; i++) {
            judged.add(arriving[i]);
            judged.add(arriving[i]);
            expectAsFromScratch(judged, arriving.slice(0, i + 1));
          }
        }
      }),
    );
  });

  it('says the same when it is built piece by piece, whatever piece comes first', () => {
    const step = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(me, rule), fc.constantFrom(first, second, skip, undo), fc.nat({ max: 5 }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(), fc.nat(), fc.boolean(), (steps, cutComparisons, cutEvents, eventsFirst) => {
        const log: JudgementEvent[] = [];
        let clock = 0;
        for (const [id, rater, action, wait] of steps) log.push(recordAction(comparison(id), rater, action, (clock += wait), log));
        const judged = new JudgedQueue([], []);
        const queue = () => [QUEUE.slice(0, cutComparisons % 4), QUEUE].forEach((some) => judged.extend(some, []));
        const events = () => [log.slice(cutEvents % log.length), log].forEach((some) => judged.extend([], some));
        for (const extend of eventsFirst ? [events, queue] : [queue, events]) extend();
        expect(judged.comparisons).toEqual(QUEUE);
        expectAsFromScratch(judged, log);
        expect(judged.additions).toBe(QUEUE.length + log.length);
      }),
    );
  });

  it('goes back through the pairs in the order they were judged, undo after undo', () => {
    const judged = new JudgedQueue(QUEUE, []);
    let clock = 0;
    const act = (id: string, action: Action, rater: Rater = me) => judged.add(recordAction(comparison(id), rater, action, ++clock));
    act('a', first);
    act('b', skip);
    act('a', second);
    act('c', first, rule);
    for (const id of ['a', 'b', 'a']) {
      expect(judged.undoable(me)).toBe(id);
      act(id, undo);
    }
    expect(judged.undoable(me)).toBeNull();
    expect(judged.next()?.id).toBe('a');
  });

  it('looks at a handful of events for a judgement, however many there are', () => {
    let looks = 0;
    const watched = <T extends object>(value: T): T => new Proxy(value, { get: (target, key) => (looks++, Reflect.get(target, key)) });
    const pairs = Array.from({ length: 20_000 }, (_, i) => watched(comparison(`c${i}`, i)));
    const log = pairs.slice(0, -10).map((pair, i) => watched(recordAction(pair, i % 3 ? me : rule, i % 5 ? first : skip, 1000 * i)));
    const judged = new JudgedQueue(pairs, log);
    expect(judged.next()).toBe(pairs[19_990]);

    let clock = judged.latest;
    for (const action of [first, second, skip, undo, undo, undo]) {
      const pair = judged.find(action === undo ? judged.undoable(me) : judged.next()!.id)!;
      looks = 0;
      judged.add(watched(recordAction(pair, me, action, ++clock)));
      judged.next();
      judged.undoable(me);
      judged.pace(me);
      judged.placesLatestFirst().next();
      expect(looks).toBeGreaterThan(0);
      expect(looks).toBeLessThan(500);
    }
    expect(judged.progress.open).toBe(10);
  });
});
