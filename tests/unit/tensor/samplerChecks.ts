import { dispose, tensor2d } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { RandomStream } from '../../../src/tensor/random';
import { sampleCategorical } from '../../../src/tensor/sampler';
import { chiSquare, chiSquareLimit } from './chiSquare';

// One-sided 1 in 30,000 for a single test; with 6 rows, 1 in 5,000 for all of them together.
const Z = 4;

function softmax(logits: number[], temperature: number): number[] {
  const weights = logits.map((logit) => Math.exp((logit - Math.max(...logits)) / temperature));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** Counts of each column in every row over `draws` successive counters. */
async function countDraws(rows: number[][], temperature: number, seed: number, draws: number): Promise<number[][]> {
  const counts = rows.map((row) => row.map(() => 0));
  // Rows side by side in one call are draws too; that is quicker than a call for each.
  const copies = 500;
  const logits = tensor2d(Array.from({ length: copies }, () => rows).flat());
  for (let counter = 0; counter < draws / copies; counter++) {
    const { tokens, record } = sampleCategorical(logits, temperature, seed, counter);
    (await tokens.data()).forEach((column, i) => counts[i % rows.length][column]++);
    dispose([tokens, record]);
  }
  logits.dispose();
  return counts;
}

/** The sampler's contract, on whichever backend has been started. */
export function checkSampler(): void {
  test('draws every row from its own softmax, at any temperature', async () => {
    const random = new RandomStream(2);
    const rows = Array.from({ length: 3 }, (_, row) => Array.from({ length: 7 }, () => (row === 0 ? 0 : 1.2 * random.normal())));
    for (const [temperature, seed] of [[0.7, 12], [2.5, 13]]) {
      const draws = 3000;
      const counts = await countDraws(rows, temperature, seed, draws);
      rows.forEach((row, i) => {
        const expected = softmax(row, temperature).map((p) => p * draws);
        expect(chiSquare(counts[i], expected)).toBeLessThan(chiSquareLimit(row.length - 1, Z));
      });
    }
  });

  test('reaches columns beyond one workgroup, each as often as it should', async () => {
    const columns = 100;
    const counts = await countDraws([new Array<number>(columns).fill(-3)], 1, 5, 6000);
    expect(chiSquare(counts[0], counts[0].map(() => 6000 / columns))).toBeLessThan(chiSquareLimit(columns - 1, Z));
  });

  test('draws the same for the same seed and counter, and otherwise another', async () => {
    const logits = tensor2d(new Float32Array(64 * 100), [64, 100]);
    const draw = async (seed: number, counter: number) => [...(await sampleCategorical(logits, 1, seed, counter).tokens.data())];
    const first = await draw(1, 1);
    expect(await draw(1, 1)).toEqual(first);
    for (const [seed, counter] of [[1, 2], [2, 1], [1 + 2 ** 32, 1], [1, 1 + 2 ** 32]]) expect(await draw(seed, counter)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(30);
  });

  test('says with each draw its log-probability, and the token once more', async () => {
    const random = new RandomStream(3);
    const rows = Array.from({ length: 9 }, (_, row) => Array.from({ length: 130 }, (_, column) => (row === 8 && column > 2 ? -1e9 : (row + 1) * random.normal())));
    for (const temperature of [0.3, 1, 2.5]) {
      const { tokens, record } = sampleCategorical(tensor2d(rows), temperature, 4, 7);
      const [drawn, numbers] = [await tokens.data(), await record.data()];
      expect([...numbers.slice(0, 9)]).toEqual([...drawn]);
      rows.forEach((row, i) => expect(numbers[9 + i]).toBeCloseTo(Math.log(softmax(row, temperature)[drawn[i]]), 4));
    }
    const { record } = sampleCategorical(tensor2d(rows), 0, 4, 7);
    expect([...(await record.data()).slice(9)]).toEqual(rows.map(() => 0));
  });

  test('never draws what has been ruled out, and takes the best at temperature 0', async () => {
    const row = [1, -1e9, 2, -1e9, 0.5];
    const counts = await countDraws([row], 3, 9, 1500);
    expect([counts[0][1], counts[0][3]]).toEqual([0, 0]);
    expect((await countDraws([row], 0, 9, 500))[0]).toEqual([0, 0, 500, 0, 0]);
  });
}
