import { describe, expect, it } from 'vitest';
import { longestRun, runProbability } from '../../../../src/feedback/quality/longestRun';

describe('the longest run', () => {
  it('is counted', () => {
    expect(longestRun([])).toBe(0);
    expect(longestRun(['l'])).toBe(1);
    expect(longestRun([...'llrrrl'])).toBe(3);
    expect(longestRun([...'lrlr'])).toBe(1);
  });

  it('is as probable as among all series of tosses, one by one', () => {
    for (const n of [1, 2, 3, 4, 9, 12]) {
      const series = Array.from({ length: 2 ** n }, (_, bits) => longestRun(Array.from({ length: n }, (_, i) => (bits >> i) & 1)));
      for (let length = 0; length <= n + 1; length++)
        expect(runProbability(length, n), `${length} of ${n}`).toBeCloseTo(series.filter((run) => run >= length).length / series.length, 12);
    }
    expect(runProbability(1, 0)).toBe(0);
  });

  it('is hardly probable where a whole long series is of one side', () => {
    // Two of the 2²⁰ series.
    expect(runProbability(20, 20)).toBeCloseTo(2 ** -19, 15);
  });
});
