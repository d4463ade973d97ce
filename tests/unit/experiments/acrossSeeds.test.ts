import { describe, expect, it } from 'vitest';
import { acrossSeeds } from '../../../src/experiments/acrossSeeds';
import { RandomStream } from '../../../src/tensor/random';

describe('a number over several seeds', () => {
  it('has Student’s interval', () => {
    // Mean 2, s² = 1, n = 3: 2 ± 4.303/√3, with t₀.₉₇₅(2) from any table.
    const { mean, low, high, n } = acrossSeeds([1, 2, 3]);
    expect([mean, n]).toEqual([2, 3]);
    expect(low).toBeCloseTo(2 - 4.303 / Math.sqrt(3), 9);
    expect(high).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 9);
  });

  it('covers the true mean of normal draws about 95 times in 100, three seeds at a time', () => {
    const random = new RandomStream(1);
    const draw = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    let covered = 0;
    for (let i = 0; i < 4000; i++) {
      const { low, high } = acrossSeeds([draw(), draw(), draw()]);
      if (low <= 0 && high >= 0) covered++;
    }
    // Four standard errors of a share of 0.95 over 4000.
    expect(Math.abs(covered / 4000 - 0.95)).toBeLessThan(0.014);
  });

  it('has no width with one seed, and none at all without any', () => {
    expect(acrossSeeds([7])).toEqual({ mean: 7, low: 7, high: 7, n: 1 });
    expect(() => acrossSeeds([])).toThrow(RangeError);
  });
});
