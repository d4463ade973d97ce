import { grads, tensor1d, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { LABELS, LOSSES } from '../../../src/reward/kinds';
import { weightedMean } from '../../../src/reward/losses/weightedMean';
import { REWARD_DEFAULTS } from '../../../src/reward/settings';
import { startBackend } from '../../../src/tensor/backend';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const FIRST = [0.4, -1.2, 2.0, 0.3, 9];
const SECOND = [0.1, 0.5, 2.0, -30, -9];
const VERDICTS = ['first', 'second', 'tie', 'first', 'both-bad'] as const;
const WEIGHTS = [1, 1, 1, 1, 0];

const logSigmoid = (x: number) => -Math.log(1 + Math.exp(-x));

/** −log σ(r_winner − r_loser), averaged over both ways for a tie; in float64. */
function expected(first: readonly number[], second: readonly number[], centring: number): number {
  let sum = 0;
  for (let i = 0; i < 4; i++) {
    const gap = first[i] - second[i];
    const verdict = VERDICTS[i];
    sum -= verdict === 'first' ? logSigmoid(gap) : verdict === 'second' ? logSigmoid(-gap) : (logSigmoid(gap) + logSigmoid(-gap)) / 2;
    sum += centring * (first[i] + second[i]) ** 2;
  }
  return sum / 4;
}

const targets = VERDICTS.map((verdict) => ({ label: LABELS[verdict], strength: 2, bothBad: Number(verdict === 'both-bad') }));
const loss = (first: Tensor, second: Tensor, centring: number) =>
  weightedMean(LOSSES.pair([first as Tensor1D, second as Tensor1D], targets, { ...REWARD_DEFAULTS, centring }, {}), tensor1d(WEIGHTS));
const valueOf = async (first: number[], second: number[], centring: number) => (await loss(tensor1d(first), tensor1d(second), centring).data())[0];

describe('the loss of pairs as settings have it by default, Bradley–Terry’s', () => {
  it('is the mean of −log σ(margin), soft for ties, blind to filling', async () => {
    expect(await valueOf(FIRST, SECOND, 0)).toBeCloseTo(expected(FIRST, SECOND, 0), 5);
    expect(await valueOf(FIRST, SECOND, 0.01)).toBeCloseTo(expected(FIRST, SECOND, 0.01), 4);
  });

  it('has the right gradient, by finite differences', async () => {
    const [dFirst, dSecond] = await Promise.all(
      grads((first: Tensor, second: Tensor) => loss(first, second, 0.01))([tensor1d(FIRST), tensor1d(SECOND)]).map((gradient) => gradient.data()),
    );
    const step = 1e-5;
    const moved = (values: number[], i: number, by: number) => values.map((value, j) => (i === j ? value + by : value));
    for (let i = 0; i < FIRST.length; i++) {
      const slopeFirst = (expected(moved(FIRST, i, step), SECOND, 0.01) - expected(moved(FIRST, i, -step), SECOND, 0.01)) / (2 * step);
      const slopeSecond = (expected(FIRST, moved(SECOND, i, step), 0.01) - expected(FIRST, moved(SECOND, i, -step), 0.01)) / (2 * step);
      expect(dFirst[i]).toBeCloseTo(slopeFirst, 4);
      expect(dSecond[i]).toBeCloseTo(slopeSecond, 4);
    }
  });

  it('does not see a constant added to every score, and starts at ln 2', async () => {
    const shifted = (values: number[]) => values.map((value) => value + 4);
    expect(await valueOf(shifted(FIRST), shifted(SECOND), 0)).toBeCloseTo(await valueOf(FIRST, SECOND, 0), 5);
    expect(await valueOf([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], 0)).toBeCloseTo(Math.LN2, 6);
  });

  it('survives margins that overflow a plain exponential', async () => {
    const value = await valueOf([-200, 0, 0, 0, 0], [200, 0, 0, 0, 0], 0);
    expect(value).toBeCloseTo((400 + 3 * Math.LN2) / 4, 3);
  });
});
