import { scalar, tensor1d, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bothBadLosses } from '../../../../src/reward/losses/bothBad';
import { davidsonLosses } from '../../../../src/reward/losses/davidson';
import { handicapped, pairLosses } from '../../../../src/reward/losses/pair';
import { raoKupperLosses } from '../../../../src/reward/losses/raoKupper';
import { ratingLosses, standardised } from '../../../../src/reward/losses/rating';
import { thumbsLosses } from '../../../../src/reward/losses/thumbs';
import { weightedMean } from '../../../../src/reward/losses/weightedMean';
import { startBackend } from '../../../../src/tensor/backend';
import { expectLosses } from './slopes';
import { WASM_FOLDER } from '../../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const FIRST = [0.4, -1.2, 2.1, 0.3, 0];
const SECOND = [0.1, 0.5, 1.9, -2, 0];
/** First better, second better, tie, tie, first better. */
const LABELS = [1, 0, 0.5, 0.5, 1];
const labels = () => tensor1d(LABELS);
const values = async (losses: Tensor) => Array.from(await losses.data());
const shifted = (scores: readonly number[]) => tensor1d(scores.map((score) => score + 3));

/** −log of the chance of each verdict, where `chances` gives those of first, second and tie. */
const surprise = (chances: (gap: number, tie: number) => [number, number, number]) => (first: number[], second: number[], tie: number) =>
  first.map((r, i) => {
    const [ahead, behind, equal] = chances(r - second[i], tie);
    return -Math.log(LABELS[i] === 1 ? ahead : LABELS[i] === 0 ? behind : equal);
  });

describe('the loss of a pair', () => {
  it('is −log σ(lead − margin) of the better one, and the mean of both ways for a tie, whatever its margin', async () => {
    const margins = [0, 1.5, 7, 0, 0.5];
    const plain = (first: number[], second: number[]) =>
      first.map((r, i) => {
        const gap = r - second[i];
        if (LABELS[i] === 0.5) return -(Math.log(sigmoid(gap)) + Math.log(sigmoid(-gap))) / 2;
        return -Math.log(sigmoid((LABELS[i] === 1 ? gap : -gap) - margins[i]));
      });
    await expectLosses((a, b) => pairLosses(handicapped(a as Tensor1D, labels(), tensor1d(margins)), b as Tensor1D, labels()), plain, FIRST, SECOND);
  });

  it('without margins is that with margins of 0, and sees differences alone', async () => {
    const without = await values(pairLosses(tensor1d(FIRST), tensor1d(SECOND), labels()));
    expect(await values(pairLosses(handicapped(tensor1d(FIRST), labels(), tensor1d([0, 0, 0, 0, 0])), tensor1d(SECOND), labels()))).toEqual(without);
    (await values(pairLosses(shifted(FIRST), shifted(SECOND), labels()))).forEach((loss, i) => expect(loss).toBeCloseTo(without[i], 5));
  });
});

describe('the losses of a pair that may be a tie', () => {
  // λ = exp(r), and the chances as Rao and Kupper, and Davidson, write them.
  const raoKupper = (gap: number, tie: number): [number, number, number] => {
    const [a, b, theta] = [Math.exp(gap), 1, Math.sqrt(1 + Math.exp(tie))];
    return [a / (a + theta * b), b / (b + theta * a), ((theta ** 2 - 1) * a * b) / ((a + theta * b) * (b + theta * a))];
  };
  const davidson = (gap: number, tie: number): [number, number, number] => {
    const [a, b, nu] = [Math.exp(gap), 1, Math.exp(tie)];
    const all = a + b + nu * Math.sqrt(a * b);
    return [a / all, b / all, (nu * Math.sqrt(a * b)) / all];
  };

  it('are those of Rao and Kupper, and of Davidson, in the scores and in the readiness to tie', async () => {
    for (const tie of [-1.3, 0, 0.8]) {
      await expectLosses((a, b, t) => raoKupperLosses(a as Tensor1D, b as Tensor1D, labels(), t as Scalar), surprise(raoKupper), FIRST, SECOND, tie);
      await expectLosses((a, b, t) => davidsonLosses(a as Tensor1D, b as Tensor1D, labels(), t as Scalar), surprise(davidson), FIRST, SECOND, tie);
    }
  });

  it('leave three chances that add up to 1', async () => {
    for (const losses of [raoKupperLosses, davidsonLosses]) {
      const chances = await values(losses(tensor1d([0.7, 0.7, 0.7]), tensor1d([-0.5, -0.5, -0.5]), tensor1d([1, 0, 0.5]), scalar(0.4)));
      expect(chances.reduce((sum, loss) => sum + Math.exp(-loss), 0)).toBeCloseTo(1, 5);
    }
  });

  it('are those of Bradley and Terry where nobody ever ties', async () => {
    const decided = tensor1d([1, 0, 1, 0, 1]);
    const plain = await values(pairLosses(tensor1d(FIRST), tensor1d(SECOND), decided));
    for (const losses of [raoKupperLosses, davidsonLosses])
      (await values(losses(tensor1d(FIRST), tensor1d(SECOND), decided, scalar(-30)))).forEach((loss, i) => expect(loss).toBeCloseTo(plain[i], 5));
  });

  it('see differences alone, and the same with sides swapped', async () => {
    const swapped = tensor1d(LABELS.map((label) => 1 - label));
    for (const losses of [raoKupperLosses, davidsonLosses]) {
      const plain = await values(losses(tensor1d(FIRST), tensor1d(SECOND), labels(), scalar(0.4)));
      (await values(losses(shifted(FIRST), shifted(SECOND), labels(), scalar(0.4)))).forEach((loss, i) => expect(loss).toBeCloseTo(plain[i], 5));
      (await values(losses(tensor1d(SECOND), tensor1d(FIRST), swapped, scalar(0.4)))).forEach((loss, i) => expect(loss).toBeCloseTo(plain[i], 5));
    }
  });

  it('survive gaps that overflow a plain exponential', async () => {
    const far = (losses: typeof davidsonLosses) => values(losses(tensor1d([300, 300]), tensor1d([-300, -300]), tensor1d([0, 0.5]), scalar(0)));
    // θ = √2: the tie costs 600 + η − log(θ² − 1) = 600 + log √2, and Davidson's 300.
    expect(await far(raoKupperLosses)).toEqual([expect.closeTo(600 + Math.log(2) / 2, 3), expect.closeTo(600 + Math.log(2) / 2, 3)]);
    expect(await far(davidsonLosses)).toEqual([expect.closeTo(600, 3), expect.closeTo(300, 3)]);
  });
});

describe('the losses with a zero of their own', () => {
  const THUMBS = [1, 0, 1, 0, 1];

  it('of thumbs is the logistic loss above the zero', async () => {
    const plain = (scores: number[], zero: number) => scores.map((r, i) => -Math.log(sigmoid(THUMBS[i] === 1 ? r - zero : zero - r)));
    await expectLosses((scores, zero) => thumbsLosses(scores as Tensor1D, tensor1d(THUMBS), zero as Scalar), plain, FIRST, 0.3);
  });

  it('of “both are bad” is that of two thumbs down', async () => {
    const plain = (first: number[], second: number[], zero: number) => first.map((r, i) => -Math.log(sigmoid(zero - r)) - Math.log(sigmoid(zero - second[i])));
    await expectLosses((a, b, zero) => bothBadLosses(a as Tensor1D, b as Tensor1D, zero as Scalar), plain, FIRST, SECOND, 0.3);
  });

  it('see where the scores stand, and not only how far apart', async () => {
    const [low] = await values(bothBadLosses(tensor1d([0]), tensor1d([0]), scalar(0)));
    const [high] = await values(bothBadLosses(tensor1d([3]), tensor1d([3]), scalar(0)));
    expect(low).toBeCloseTo(2 * Math.LN2, 5);
    expect(high).toBeGreaterThan(low + 4);
  });
});

describe('the loss of a rating', () => {
  it('is the squared error', async () => {
    const targets = [1, -1, 0, 0.5, 2];
    await expectLosses((scores) => ratingLosses(scores as Tensor1D, tensor1d(targets)), (scores: number[]) => scores.map((r, i) => (r - targets[i]) ** 2), FIRST);
  });

  it('is on ratings of mean 0 and deviation 1 for each rater, or 0 from one who makes no difference', () => {
    const given = [
      { rater: 'strict', value: 1 },
      { rater: 'kind', value: 9 },
      { rater: 'strict', value: 3 },
      { rater: 'kind', value: 10 },
      { rater: 'same', value: 4 },
      { rater: 'kind', value: 8 },
      { rater: 'same', value: 4 },
    ];
    const end = Math.sqrt(1.5);
    expect(Array.from(standardised(given))).toEqual([-1, 0, 1, end, 0, -end, 0].map((z) => expect.closeTo(z, 6)));
    expect(standardised([])).toHaveLength(0);
  });
});

describe('the mean of a batch', () => {
  it('counts judgements of weight 1 alone', async () => {
    expect(await values(weightedMean(tensor1d([1, 5, 100]), tensor1d([1, 1, 0])))).toEqual([3]);
  });
});
