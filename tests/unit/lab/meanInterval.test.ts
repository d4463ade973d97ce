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

it('covers it as often where samples of one prompt resemble each other, and where each prompt has another number of them', () => {
  const random = new RandomStream(6);
  const TRIALS = 2000;
  let [covered, coveredAlone] = [0, 0];
  for (let trial = 0; trial < TRIALS; trial++) {
    const prompts = Array.from({ length: 50 }, (_, prompt) => new Array<number>(1 + (prompt % 5)).fill(prompt)).flat();
    const ofPrompt = Array.from({ length: 50 }, () => random.normal());
    const values = prompts.map((prompt) => 3 + ofPrompt[prompt] + random.normal());
    const [{ low, high }, alone] = [meanInterval(values, prompts), meanInterval(values)];
    if (low <= 3 && 3 <= high) covered++;
    if (alone.low <= 3 && 3 <= alone.high) coveredAlone++;
  }
  expect(covered / TRIALS).toBeGreaterThan(0.915);
  expect(covered / TRIALS).toBeLessThan(0.97);
  expect(coveredAlone / TRIALS).toBeLessThan(0.85);
});

it('takes the spread of whole clusters for the interval and that of single values for the standard deviation', () => {
  // Mean 3; the clusters exceed it by −2 and 2: √(2/1·(4 + 4))/4 = 1.
  const { std, low, high } = meanInterval([1, 3, 2, 6], ['a', 'a', 'b', 'b']);
  expect(std).toBeCloseTo(Math.sqrt(14 / 3), 12);
  expect([low, high]).toEqual([expect.closeTo(3 - 1.959964, 6), expect.closeTo(3 + 1.959964, 6)]);
});

it('divides by n − 1', () => {
  expect(meanInterval([1, 3])).toMatchObject({ mean: 2, std: Math.SQRT2, n: 2 });
  expect(meanInterval([1, 3]).high).toBeCloseTo(2 + 1.959964, 6);
});
