import { grads, scalar, sum, tensor1d, tensor2d, type Scalar, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bothBadLosses } from '../../../../src/reward/losses/bothBad';
import { davidsonLosses } from '../../../../src/reward/losses/davidson';
import { handicapped, pairLosses } from '../../../../src/reward/losses/pair';
import { plackettLuceLosses, subsetWeights } from '../../../../src/reward/losses/plackettLuce';
import { raoKupperLosses } from '../../../../src/reward/losses/raoKupper';
import { ratingLosses } from '../../../../src/reward/losses/rating';
import { thumbsLosses } from '../../../../src/reward/losses/thumbs';
import { startBackend, type StartOptions } from '../../../../src/tensor/backend';

const labels = () => tensor1d([1, 0, 0.5]);
const pair = () => [tensor1d([0.4, -1.2, 2.1]), tensor1d([0.1, 0.5, -1.9])];

/** Each loss with the inputs that it is differentiable in. */
const LOSSES: Record<string, { of: (...inputs: Tensor[]) => Tensor; inputs: () => Tensor[] }> = {
  pair: { of: (a, b) => pairLosses(handicapped(a as Tensor1D, labels(), tensor1d([0.5, 1, 0])), b as Tensor1D, labels()), inputs: pair },
  'Rao–Kupper': { of: (a, b, tie) => raoKupperLosses(a as Tensor1D, b as Tensor1D, labels(), tie as Scalar), inputs: () => [...pair(), scalar(0.4)] },
  Davidson: { of: (a, b, tie) => davidsonLosses(a as Tensor1D, b as Tensor1D, labels(), tie as Scalar), inputs: () => [...pair(), scalar(0.4)] },
  'both bad': { of: (a, b, zero) => bothBadLosses(a as Tensor1D, b as Tensor1D, zero as Scalar), inputs: () => [...pair(), scalar(0.4)] },
  thumbs: { of: (a, zero) => thumbsLosses(a as Tensor1D, tensor1d([1, 0, 1]), zero as Scalar), inputs: () => [pair()[0], scalar(0.4)] },
  rating: { of: (a) => ratingLosses(a as Tensor1D, tensor1d([1, 0, -1])), inputs: () => [pair()[0]] },
  ranking: {
    of: (scores) => plackettLuceLosses(scores as Tensor2D, subsetWeights([{ groups: [[2], [0, 1], [3]] }, { groups: [[1]], rest: [0, 3] }], 4)),
    inputs: () => [tensor2d([0.3, -1.1, 0.8, 2, 0.1, 0.7, -0.4, 1.6], [2, 4])],
  },
};

/** Losses and gradients of all of them, as numbers. */
async function everything(): Promise<Record<string, number[][]>> {
  const results: Record<string, number[][]> = {};
  for (const [name, { of, inputs }] of Object.entries(LOSSES)) {
    const tensors = [of(...inputs()), ...grads((...given: Tensor[]) => sum(of(...given)))(inputs())];
    results[name] = await Promise.all(tensors.map(async (one) => Array.from(await one.data())));
  }
  return results;
}

/** Declares a test that every loss and its gradients are on a backend what they are in plain JavaScript. */
export function describeEveryLoss(options: StartOptions): void {
  describe(`on ${options.prefer}`, () => {
    it('every loss and its gradients are those of plain JavaScript', async () => {
      await startBackend({ prefer: 'cpu' });
      const expected = await everything();
      await startBackend(options);
      const found = await everything();
      for (const [name, tensors] of Object.entries(expected))
        tensors.forEach((numbers, i) => numbers.forEach((number, j) => expect(found[name][i][j], `${name} ${i} ${j}`).toBeCloseTo(number, 4)));
    });
  });
}
