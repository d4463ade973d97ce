import { scalar, tensor1d, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/feedback/judgement';
import { initThresholds, LOSSES, targetsOf } from '../../../src/reward/kinds';
import type { Preference } from '../../../src/reward/preference';
import { REWARD_DEFAULTS, type RewardSettings } from '../../../src/reward/settings';
import { startBackend } from '../../../src/tensor/backend';
import { expectLosses } from './losses/slopes';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const judged = (verdict: Verdict, more: Partial<Preference> = {}): Preference => ({ comparisonId: 'c', prompt: 'p', responses: ['a', 'b', 'c'], swapped: false, verdict, ...more });
const rating = (value: number, criterion = 'clear'): Verdict => ({ kind: 'rating', response: 0, criterion, scale: '1 to 5', value });
const settings = (changes: Partial<RewardSettings> = {}): RewardSettings => ({ ...REWARD_DEFAULTS, centring: 0, ...changes });
const logSigmoid = (x: number) => -Math.log(1 + Math.exp(-x));

describe('what is to be learned from a judgement', () => {
  it('is a label for pairs and rewrites, the order of a ranking, and a thumb’s direction', () => {
    const order: Verdict = { kind: 'ranking', groups: [[1], [0, 2]] };
    const targets = targetsOf([judged('second', { strength: 2 }), judged('both-bad'), judged({ kind: 'rewrite', response: 0, text: 'A' }), judged(order), judged({ kind: 'thumb', response: 0, up: true }), judged({ kind: 'thumb', response: 0, up: false })]);
    expect(targets).toEqual([
      { kind: 'pair', target: { label: 0, strength: 2, bothBad: 0 } },
      { kind: 'pair', target: { label: 0.5, strength: 0, bothBad: 1 } },
      { kind: 'pair', target: { label: 1, strength: 0, bothBad: 0 } },
      { kind: 'ranking', target: order },
      { kind: 'thumb', target: 1 },
      { kind: 'thumb', target: 0 },
    ]);
  });

  it('is a rating’s distance from what its rater gives by that criterion', () => {
    const by = (name: string) => ({ rater: { kind: 'person' as const, name } });
    const targets = targetsOf([judged(rating(1), by('strict')), judged('first'), judged(rating(5), by('kind')), judged(rating(3), by('strict')), judged(rating(3), by('kind')), judged(rating(4, 'kind'), by('kind')), judged(rating(4, 'kind'), by('kind'))]);
    expect(targets.map(({ kind, target }) => (kind === 'rating' ? target : kind))).toEqual([-1, 'pair', 1, 1, -1, 0, 0].map((z) => (typeof z === 'number' ? expect.closeTo(z, 6) : z)));
  });
});

describe('the loss of a pair', () => {
  const first = [0.4, -1.2, 0.7];
  const second = [0.1, 0.5, 0.2];
  const targets = [
    { label: 1, strength: 3, bothBad: 0 },
    { label: 0, strength: 1, bothBad: 0 },
    { label: 0.5, strength: 0, bothBad: 1 },
  ];
  const tieLoss = (gap: number) => -(logSigmoid(gap) + logSigmoid(-gap)) / 2;

  it('asks for a lead that grows with the stated strength, where the settings want one', async () => {
    const plain = (a: number[], b: number[]) => [-logSigmoid(a[0] - b[0] - 3 * 0.5), -logSigmoid(b[1] - a[1] - 0.5), tieLoss(a[2] - b[2])];
    await expectLosses((a, b) => LOSSES.pair([a as Tensor1D, b as Tensor1D], targets, settings({ margin: 0.5 }), {}), plain, first, second);
  });

  it('puts both below zero where both are bad, where the settings want it', async () => {
    const plain = (a: number[], b: number[], zero: number) => [-logSigmoid(a[0] - b[0]), -logSigmoid(b[1] - a[1]), tieLoss(a[2] - b[2]) - logSigmoid(zero - a[2]) - logSigmoid(zero - b[2])];
    await expectLosses((a, b, zero) => LOSSES.pair([a as Tensor1D, b as Tensor1D], targets, settings({ bothBad: 'zero' }), { zero: zero as Scalar }), plain, first, second, 0.3);
  });

  it('gives ties a chance of their own: Rao and Kupper’s, or Davidson’s', async () => {
    // θ = √(1 + eᵗ), ν = eᵗ, in the forms that their papers give.
    const raoKupper = (a: number[], b: number[], t: number) => {
      const theta = Math.sqrt(1 + Math.exp(t));
      const [x, y] = [a.map(Math.exp), b.map(Math.exp)];
      return [x[0] / (x[0] + theta * y[0]), y[1] / (y[1] + theta * x[1]), ((theta ** 2 - 1) * x[2] * y[2]) / ((x[2] + theta * y[2]) * (y[2] + theta * x[2]))].map((p) => -Math.log(p));
    };
    const davidson = (a: number[], b: number[], t: number) => {
      const [x, y] = [a.map(Math.exp), b.map(Math.exp)];
      const all = x.map((_, i) => x[i] + y[i] + Math.exp(t) * Math.sqrt(x[i] * y[i]));
      return [x[0] / all[0], y[1] / all[1], (Math.exp(t) * Math.sqrt(x[2] * y[2])) / all[2]].map((p) => -Math.log(p));
    };
    for (const [ties, plain] of [['rao-kupper', raoKupper], ['davidson', davidson]] as const)
      await expectLosses((a, b, tie) => LOSSES.pair([a as Tensor1D, b as Tensor1D], targets, settings({ ties }), { tie: tie as Scalar }), plain, first, second, 0.4);
  });
});

describe('the loss of a ranking', () => {
  it('is the surprise at its choices, and centred over those that it names', async () => {
    const orders = [{ groups: [[2], [0], [1]] }, { groups: [[1], [0]] }];
    const scores = [[0.3, -0.8], [1.1, 0.2], [-0.4, 5]];
    const plain = (a: number[], b: number[], c: number[]) => {
      const [x, y, z] = [a, b, c].map((column) => column.map(Math.exp));
      return [
        -Math.log((z[0] / (x[0] + y[0] + z[0])) * (x[0] / (x[0] + y[0]))) + 0.1 * ((2 * (a[0] + b[0] + c[0])) / 3) ** 2,
        -Math.log(y[1] / (x[1] + y[1])) + 0.1 * (a[1] + b[1]) ** 2,
      ];
    };
    await expectLosses((...columns) => LOSSES.ranking(columns as Tensor1D[], orders, settings({ centring: 0.1 }), {}), plain, ...(scores as [number[], number[], number[]]));
  });

  it('of two is that of the pair', async () => {
    const pair = LOSSES.pair([tensor1d([0.4, 2]), tensor1d([1, 1.7])], [{ label: 0, strength: 0, bothBad: 0 }, { label: 0.5, strength: 0, bothBad: 0 }], settings({ centring: 0.2 }), {});
    const ranking = LOSSES.ranking([tensor1d([0.4, 2]), tensor1d([1, 1.7])], [{ groups: [[1], [0]] }, { groups: [[0, 1]] }], settings({ centring: 0.2 }), {});
    const [expected, found] = [await pair.data(), await ranking.data()];
    found.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i], 5));
  });
});

describe('the losses of a single text', () => {
  it('are the squared error of a rating and the logistic loss of a thumb', async () => {
    expect(await LOSSES.rating([tensor1d([1, -1])], [0.5, 0], settings(), {}).data()).toEqual(Float32Array.of(0.25, 1));
    const [up, down] = await LOSSES.thumb([tensor1d([1, 1])], [1, 0], settings(), { zero: scalar(0.25) }).data();
    expect([up, down]).toEqual([-logSigmoid(0.75), -logSigmoid(-0.75)].map((loss) => expect.closeTo(loss, 6)));
  });
});

describe('the thresholds that are learned', () => {
  it('are those that the kinds and the settings need', () => {
    const names = (kinds: Parameters<typeof initThresholds>[0], changes: Partial<RewardSettings> = {}) => [...initThresholds(kinds, settings(changes)).keys()];
    expect(names(['pair', 'ranking', 'rating'])).toEqual([]);
    expect(names(['pair'], { ties: 'davidson' })).toEqual(['score.tie']);
    expect(names(['ranking'], { ties: 'davidson', bothBad: 'zero' })).toEqual([]);
    expect(names(['pair'], { bothBad: 'zero' })).toEqual(['score.zero']);
    expect(names(['thumb'])).toEqual(['score.zero']);
  });
});
