import { describe, expect, it } from 'vitest';
import type { JudgementEvent } from '../../../../src/feedback/judgement';
import { drawsFrom } from '../../../../src/feedback/chance';
import { proportion } from '../../../../src/feedback/proportion';
import { measureQuality } from '../../../../src/feedback/quality/quality';
import { ann, bob, comparison, key, log } from './logs';

describe('the quality of a log', () => {
  it('is the rater’s own, and everybody’s agreement', () => {
    const comparisons = ['p', 'q'].map((id) => comparison(id));
    const events = log(['p', ann, 'first'], ['p', bob, 'second'], ['p', key, 'second'], ['q', ann, 'first'], ['q', ann, { act: { kind: 'judged', verdict: 'first', repeat: true } }]);
    const mine = measureQuality(comparisons, events, ann);
    expect(mine).toMatchObject({ judged: 2, consistency: proportion(1, 1), conflicts: ['p'], gold: { right: proportion(0, 1) }, leanings: { left: { share: proportion(2, 2) } } });
    expect(measureQuality(comparisons, events, bob)).toMatchObject({ judged: 1, consistency: null, conflicts: ['p'], gold: { right: proportion(1, 1) } });
  });

  it('goes over each event a few times, however long the log is', () => {
    const looks = (n: number) => {
      let count = 0;
      const comparisons = Array.from({ length: n }, (_, i) => comparison(String(i)));
      const events = comparisons.flatMap(({ id }, i) =>
        [ann, bob].map((rater): JudgementEvent => new Proxy({ id: `${id} ${rater.id}`, datasetId: 'd', comparisonId: id, at: i, rater, kind: 'judged', verdict: 'first' }, { get: (event, field) => (count++, Reflect.get(event, field)) })),
      );
      measureQuality(comparisons, events, ann);
      return count / events.length;
    };
    // Sorting is the only part that grows faster than the log.
    expect(looks(4_000)).toBeLessThan(2 * looks(400));
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
