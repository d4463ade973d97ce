import { expect, it } from 'vitest';
import { meanInterval } from '../../../src/lab/meanInterval';
import { RandomStream } from '../../../src/tensor/random';

it('covers the true mean about 95 times in 100', () => {
  const random = new RandomStream(5);
  const TRIALS = 2000;
  let covered = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const { low, high } = meanInterval(Array.from({ length: 100 }, () => 3 + 2 * random.normal()));
    if (low <= 3 && 3 <= high) covered++;
  }
  // 0.945 is expected for a normal interval on 100 values; four standard errors are 0.02.
  expect(covered / TRIALS).toBeGreaterThan(0.925);
  expect(covered / TRIALS).toBeLessThan(0.97);
});

it('divides by n − 1', () => {
  expect(meanInterval([1, 3])).toMatchObject({ mean: 2, std: Math.SQRT2, n: 2 });
});
