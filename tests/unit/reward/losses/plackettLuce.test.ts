import { tensor1d, tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { pairLosses } from '../../../../src/reward/losses/pair';
import { plackettLuceLosses, subsetWeights } from '../../../../src/reward/losses/plackettLuce';
import { RankingError, type Ranking } from '../../../../src/reward/ranking/rankingTerms';
import { startBackend } from '../../../../src/tensor/backend';
import { meanSurprise } from '../ranking/enumeratedOrders';
import { expectLosses } from './slopes';
import { WASM_FOLDER } from '../../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const RANKINGS: Ranking[] = [
  { groups: [[2], [0], [1], [3]] },
  { groups: [[1, 3], [0, 2]] },
  { groups: [[0], [1, 2, 3]] },
  { groups: [[0, 1, 2, 3]] },
  { groups: [[3]], rest: [0, 1, 2] },
  { groups: [[2, 0]], rest: [1] },
  { groups: [[1], [2]] },
];
const SCORES = RANKINGS.map((_, n) => [0.3 - n / 5, -1.1 + n / 3, 0.8, 0.1 * n]);
const losses = (scores: Tensor2D, rankings: readonly Ranking[]) => plackettLuceLosses(scores, subsetWeights(rankings, scores.shape[1]));
const values = async (scores: number[][], rankings: readonly Ranking[]) => Array.from(await losses(tensor2d(scores), rankings).data());

describe('the loss of a ranking', () => {
  it('is −log-likelihood of choosing one after the other, averaged over the orders of ties', async () => {
    await expectLosses((scores) => losses(scores as Tensor2D, RANKINGS), (scores: number[][]) => scores.map((row, n) => meanSurprise(RANKINGS[n], row)), SCORES);
  });

  it('of two is that of a pair, and of a tie of two that of the soft label', async () => {
    const scores = [[0.4, -1.2], [2, 0.3], [1.5, 0.2]];
    const pairs = pairLosses(tensor1d([0.4, 2, 1.5]), tensor1d([-1.2, 0.3, 0.2]), tensor1d([1, 0, 0.5]));
    const expected = await pairs.data();
    const ranked = await values(scores, [{ groups: [[0], [1]] }, { groups: [[1], [0]] }, { groups: [[0, 1]] }]);
    ranked.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i], 5));
  });

  it('of a best-of-n is the log-loss of a softmax', async () => {
    const [loss] = await values([[1, 2, 3]], [{ groups: [[2]], rest: [0, 1] }]);
    expect(loss).toBeCloseTo(-Math.log(Math.exp(3) / (Math.exp(1) + Math.exp(2) + Math.exp(3))), 5);
  });

  it('sees differences alone, and survives scores that overflow a plain exponential', async () => {
    const plain = await values(SCORES, RANKINGS);
    const moved = await values(SCORES.map((row) => row.map((score) => score + 5)), RANKINGS);
    moved.forEach((loss, n) => expect(loss).toBeCloseTo(plain[n], 4));
    expect((await values([[200, -200]], [{ groups: [[1], [0]] }]))[0]).toBeCloseTo(400, 3);
  });

  it('at equal scores is the log of how many orders there are', async () => {
    for (const groups of [[[0], [1], [2], [3], [4], [5]], [[0, 1, 2, 3, 4, 5]], [[4, 1], [0, 2, 3], [5]]])
      expect((await values([[1, 1, 1, 1, 1, 1]], [{ groups }]))[0]).toBeCloseTo(Math.log(720), 4);
  });

  it('refuses rankings that say nothing, contradict themselves or are too long', () => {
    const refused: [Ranking, RegExp][] = [
      [{ groups: [[0], [1, 0]] }, /names a response twice/],
      [{ groups: [[0]] }, /says nothing/],
      [{ groups: [], rest: [0, 1] }, /says nothing/],
      [{ groups: [[0], [8]] }, /names response 8, and there are 8/],
      [{ groups: [[0, 1, 2, 3, 4, 5, 6]] }, /ties 7 responses/],
    ];
    for (const [ranking, message] of refused) {
      expect(() => subsetWeights([ranking], 8)).toThrow(RankingError);
      expect(() => subsetWeights([ranking], 8)).toThrow(message);
    }
    expect(() => subsetWeights([{ groups: [[0], [1]] }], 9)).toThrow(/too long/);
  });
});
