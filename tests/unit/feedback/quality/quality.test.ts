import { describe, expect, it } from 'vitest';
import type { Comparison, JudgementEvent } from '../../../../src/feedback/judgement';
import { drawsFrom } from '../../../../src/feedback/chance';
import { proportion } from '../../../../src/feedback/proportion';
import { standingEvents, standingInSteps } from '../../../../src/feedback/judgementState';
import { COEFFICIENTS, labelerGroups } from '../../../../src/feedback/quality/labelerAgreement';
import { measureQuality } from '../../../../src/feedback/quality/quality';
import { finished } from '../../../../src/feedback/steps';
import { ann, bob, cid, comparison, key, log } from './logs';

describe('the quality of a log', () => {
  it('is the rater’s own, and everybody’s agreement', () => {
    const comparisons = ['p', 'q'].map((id) => comparison(id));
    const events = log(['p', ann, 'first'], ['p', bob, 'second'], ['p', key, 'second'], ['q', ann, 'first'], ['q', ann, { act: { kind: 'judged', verdict: 'first', repeat: true } }]);
    const mine = finished(measureQuality(comparisons, events, ann));
    expect(mine).toMatchObject({ judged: 2, consistency: proportion(1, 1), conflicts: ['p'], gold: { right: proportion(0, 1) }, leanings: { left: { share: proportion(2, 2) } } });
    expect(finished(measureQuality(comparisons, events, bob))).toMatchObject({ judged: 1, consistency: null, conflicts: ['p'], gold: { right: proportion(1, 1) } });
  });

  it('goes over each event a few times, however long the log is', () => {
    const looks = (n: number) => {
      let count = 0;
      const comparisons = Array.from({ length: n }, (_, i) => comparison(String(i)));
      const events = comparisons.flatMap(({ id }, i) =>
        [ann, bob].map((rater): JudgementEvent => new Proxy({ id: `${id} ${rater.id}`, datasetId: 'd', comparisonId: id, at: i, rater, kind: 'judged', verdict: 'first' }, { get: (event, field) => (count++, Reflect.get(event, field)) })),
      );
      finished(measureQuality(comparisons, events, ann));
      return count / events.length;
    };
    // Sorting is the only part that grows faster than the log.
    expect(looks(4_000)).toBeLessThan(2 * looks(400));
  });
});

describe('a long log', () => {
  const VERDICTS = ['first', 'second', 'tie'] as const;
  let looks = 0;
  const counted = <T extends object>(of: T): T => new Proxy(of, { get: (target, field) => (looks++, Reflect.get(target, field)) });
  const events = (comparisons: readonly Comparison[]) =>
    [ann, bob, cid].flatMap((rater, r) =>
      comparisons.map(({ id }, i): JudgementEvent => counted({ id: `${rater.id}${i}`, datasetId: 'd', comparisonId: id, at: 10 * i + r, rater, kind: 'judged', verdict: VERDICTS[((i * (r + 3)) >> 2) % 3], elapsed: 3000 + (i % 1000) })),
    );
  const many = (n: number) => Array.from({ length: n }, (_, i) => counted(comparison(String(i), { order: i })));

  /** The most looks at an event or a comparison, or at a row of a table, between two pauses. */
  function most(work: Generator<void, unknown>): number {
    let most = 0;
    do looks = 0;
    while (!work.next().done && (most = Math.max(most, looks)) >= 0);
    return Math.max(most, looks);
  }

  it('is measured in pieces that do not grow with it', () => {
    const longest = (n: number) => {
      const comparisons = many(n);
      return most(measureQuality(comparisons, events(comparisons), ann));
    };
    expect(longest(4000)).toBeLessThan(1.2 * longest(1000));
  });

  it('is compared in pieces too, whatever the coefficient', () => {
    const longest = (n: number) => {
      const comparisons = many(n);
      const { people, tables } = finished(measureQuality(comparisons, events(comparisons), ann));
      const watched = { people, tables: new Map([...tables].map(([measure, table]) => [measure, table.map(counted)])) };
      const groups = finished(labelerGroups(watched));
      expect(groups).toHaveLength(4);
      return [most(labelerGroups(watched)), ...groups.flatMap((group) => COEFFICIENTS.map((coefficient) => most(group.estimate(coefficient))))];
    };
    const [few, lots] = [longest(1000), longest(4000)];
    few.forEach((looks, i) => expect(lots[i]).toBeLessThanOrEqual(1.2 * looks));
  });

  it('stands as it does where nobody pauses, in the same order', () => {
    const said = events(many(1500)).reverse();
    const undone = said.slice(0, 100).map((event): JudgementEvent => ({ id: `un ${event.id}`, datasetId: 'd', comparisonId: event.comparisonId, at: event.at + 5, rater: event.rater, kind: 'undone' }));
    const mixed = [...undone, ...said, ...said.slice(0, 10)];
    expect([...finished(standingInSteps(mixed))]).toEqual([...standingEvents(mixed)]);
  });
});

describe('draws from a seed', () => {
  it('are the same each time, and spread evenly', () => {
    const draw = drawsFrom(3);
    const drawn = Array.from({ length: 10_000 }, draw);
    expect(Array.from({ length: 10 }, drawsFrom(3))).toEqual(drawn.slice(0, 10));
    expect(Array.from({ length: 10 }, drawsFrom(4))).not.toEqual(drawn.slice(0, 10));
    // χ² of twenty bins: the 99.9 % point of 19 degrees of freedom is 43.8.
    const bins = Array.from({ length: 20 }, (_, bin) => drawn.filter((value) => Math.floor(20 * value) === bin).length);
    expect(bins.reduce((sum, count) => sum + count)).toBe(10_000);
    expect(bins.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)).toBeLessThan(43.8);
  });
});
