import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { RewardScorer } from '../../../src/lab/rewardScorer';
import { memberCount, unpackMembers } from '../../../src/model/members';
import { disposeParameters, toParameters, type Weights } from '../../../src/model/parameters';
import { TUNE_ALL } from '../../../src/model/tuningSettings';
import { aggregated, aggregateScale, disagreements, MEAN, pooledPairs, pooledScale, sharesOf, type Aggregation, preferenceDisagreement } from '../../../src/reward/ensemble';
import { scoreTexts, type JudgedText } from '../../../src/reward/rewardModel';
import { REWARD_DEFAULTS, type RewardSettings } from '../../../src/reward/settings';
import { trainRewardModel } from '../../../src/reward/training';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { byRule, MODEL, pairs, randomText, referenceTexts } from './judgedWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const MINIMUM: Aggregation = { aggregate: 'minimum', penalty: 0 };
const penalised = (penalty: number): Aggregation => ({ aggregate: 'penalised', penalty });

describe('aggregation', () => {
  // Texts with the rewards (1, 3), (2, 2) and (−1, 5): means 2, 2, 2; variances 1, 0, 9; minima 1, 2, −1.
  const members = [Float32Array.of(1, 2, -1), Float32Array.of(3, 2, 5)];

  it('is the mean, the minimum, or the mean less λ times the variance', () => {
    expect([...aggregated(members, MEAN)]).toEqual([2, 2, 2]);
    expect([...aggregated(members, MINIMUM)]).toEqual([1, 2, -1]);
    expect([...aggregated(members, penalised(0.5))]).toEqual([1.5, 2, -2.5]);
    expect([...aggregated(members, penalised(0))]).toEqual([2, 2, 2]);
    expect([...disagreements(members)]).toEqual([1, 0, 3]);
  });

  it.each([MEAN, MINIMUM, penalised(0.7)])('is brought back to mean 0 and standard deviation 1 on the reference: %j', (aggregation) => {
    const random = new RandomStream(4);
    const scores = Array.from({ length: 4 }, () => Float32Array.from({ length: 300 }, () => random.normal()));
    const { gain, bias } = aggregateScale(scores, aggregation);
    const rewards = [...aggregated(scores, aggregation)].map((reward) => gain * reward + bias);
    const mean = rewards.reduce((a, b) => a + b) / 300;
    expect(mean).toBeCloseTo(0, 5);
    expect(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / 300).toBeCloseTo(1, 5);
  });

  it('of independent members doubles the gain of the mean of four', () => {
    // Var(mean of K independent) = 1/K.
    const random = new RandomStream(5);
    const scores = Array.from({ length: 4 }, () => Float32Array.from({ length: 20_000 }, () => random.normal()));
    expect(aggregateScale(scores, MEAN).gain).toBeCloseTo(2, 1);
  });
});

describe('pooling raw scores', () => {
  const scored = (first: number, second: number) => ({ pair: { comparisonId: 'c', prompt: 'p', responses: ['a', 'b'] as [string, string], verdict: 'first' as const, swapped: false }, scores: [first, second] as [number, number], lengths: [1, 1] as [number, number] });

  it('gives log-odds in the order of the mean reward, which gain and bias make of them', () => {
    const scales = [{ gain: 2, bias: 1 }, { gain: 0.5, bias: -3 }];
    const [pool] = pooledPairs([[scored(1, 2)], [scored(6, -4)]], sharesOf(scales));
    // Shares 0.8 and 0.2.
    expect(pool.scores).toEqual([expect.closeTo(2, 12), expect.closeTo(0.8, 12)]);
    const aggregate = { gain: 3, bias: 0.25 };
    const { gain, bias } = pooledScale(scales, aggregate);
    for (const [side, [a, b]] of [[1, 6], [2, -4]].entries()) expect(gain * pool.scores[side] + bias).toBeCloseTo(3 * ((2 * a + 1 + 0.5 * b - 3) / 2) + 0.25, 10);
  });

  it('of one member leaves everything as it is, to the bit', () => {
    const scale = { gain: 1 / 3, bias: 0.1 };
    expect(sharesOf([scale])).toEqual([1]);
    expect(pooledPairs([[scored(Math.fround(0.1), Math.fround(-0.3))]], [1])).toEqual([scored(Math.fround(0.1), Math.fround(-0.3))]);
    expect(pooledScale([scale], { gain: 7, bias: 7 })).toBe(scale);
  });
});

describe('training an ensemble', () => {
  const SETTINGS: RewardSettings = { ...REWARD_DEFAULTS, learningRate: 3e-3, batchSize: 8, normalisationSamples: 40, epochs: 2 };
  const train = (changes: Partial<RewardSettings>) => trainRewardModel({ model: MODEL, preferences: pairs(60, 1, byRule), referenceTexts: referenceTexts(40), settings: { ...SETTINGS, ...changes } });

  const random = new RandomStream(21);
  const texts: JudgedText[] = Array.from({ length: 12 }, () => ({ prompt: 'x', response: randomText(random, 6) }));
  async function ownScores(weights: Weights): Promise<Float32Array> {
    const parameters = toParameters(weights);
    const scores = await scoreTexts({ ...MODEL, parameters }, texts);
    disposeParameters(parameters);
    return scores;
  }
  async function rewards(weights: Weights, aggregation: Aggregation, asked: readonly JudgedText[]): Promise<{ scores: number[]; disagreement?: number }> {
    const scorer = new RewardScorer({ ...MODEL, weights }, undefined, aggregation);
    const scores = [...(await scorer.score(asked))];
    scorer.dispose();
    return { scores, disagreement: scorer.disagreement };
  }

  it('trains members that differ on one split; the first is the single model; every aggregate is normalised', async () => {
    const before = memory().numTensors;
    const { weights, report } = await train({ members: 3 });
    const single = await train({ members: 1 });
    expect(memory().numTensors).toBe(before);
    expect(report.ensemble!.members).toHaveLength(3);
    expect(report.ensemble!.members[0]).toEqual({ accuracy: single.report.accuracy, logLoss: single.report.logLoss });
    expect(new Set(report.ensemble!.members.map(({ logLoss }) => logLoss)).size).toBe(3);
    expect(report).toMatchObject({ trainPairs: single.report.trainPairs, heldOutPairs: single.report.heldOutPairs, lossCurve: { length: single.report.lossCurve.length } });
    expect(single.report).not.toHaveProperty('ensemble');
    expect(memberCount(single.weights)).toBe(1);

    const { first, others } = unpackMembers(weights);
    expect(first).toEqual(single.weights);
    const each = [first, ...others.map((own) => new Map([...first, ...own]))];
    const own: Float32Array[] = [];
    for (const member of each) own.push(await ownScores(member));
    const mean = texts.map((_, n) => (own[0][n] + own[1][n] + own[2][n]) / 3);

    // The aggregate is a line through the plain mean, with the report's own normalisation on the reference.
    const { scores, disagreement } = await rewards(weights, MEAN, texts);
    const slope = (scores[1] - scores[0]) / (mean[1] - mean[0]);
    expect(slope).toBeGreaterThan(1);
    scores.forEach((score, n) => expect(score).toBeCloseTo(scores[0] + slope * (mean[n] - mean[0]), 3));
    const spread = texts.map((_, n) => Math.sqrt([0, 1, 2].reduce((sum, k) => sum + (own[k][n] - mean[n]) ** 2, 0) / 3));
    expect(disagreement).toBeCloseTo(spread.reduce((a, b) => a + b) / texts.length, 4);

    for (const aggregation of [MEAN, MINIMUM, penalised(0.5)]) {
      const { scores: onReference } = await rewards(weights, aggregation, referenceTexts(40));
      const centre = onReference.reduce((a, b) => a + b) / 40;
      expect(centre).toBeCloseTo(0, 3);
      expect(Math.sqrt(onReference.reduce((sum, score) => sum + (score - centre) ** 2, 0) / 40)).toBeCloseTo(1, 3);
    }
    expect((await rewards(single.weights, penalised(9), texts)).disagreement).toBeUndefined();
    expect((await rewards(single.weights, penalised(9), texts)).scores).toEqual([...own[0]]);
    expect(memory().numTensors).toBe(before);
  }, 120_000);

  it('keeps the trunk once where the heads alone are trained', async () => {
    const { weights } = await train({ members: 2, epochs: 1, tune: { ...TUNE_ALL, what: 'head' } });
    expect([...weights.keys()].filter((name) => name.startsWith('ensemble.')).sort()).toEqual(['ensemble.1.score.bias', 'ensemble.1.score.weight', 'ensemble.reference_scores']);
  }, 60_000);
});

describe('the members’ disagreement about an item', () => {
  it('is the spread of the preference probability, and none where all are sure of the same', () => {
    // P(first) is 3/4 to one member and 1/4 to the other.
    expect(preferenceDisagreement([[Math.log(3), 0], [0, Math.log(3)]])).toBeCloseTo(0.25, 6);
    expect(preferenceDisagreement([[4, 1], [5, 2]])).toBe(0);
    // Their margins differ by 20, and they mean the same.
    expect(preferenceDisagreement([[10, 0], [30, 0]])).toBeLessThan(1e-4);
    expect(preferenceDisagreement([[50, 0], [-50, 0]])).toBeCloseTo(0.5, 6);
  });

  it('is the mean over the pairs of several responses, and of one that over the average text', () => {
    const of = (...members: number[][]) => preferenceDisagreement(members);
    const [a, b] = [[1, 0, -1], [0, 2, 0.5]];
    const pairs = [[0, 1], [0, 2], [1, 2]].map(([i, j]) => of([a[i], a[j]], [b[i], b[j]]));
    expect(of(a, b)).toBeCloseTo((pairs[0] + pairs[1] + pairs[2]) / 3, 6);
    expect(of([2], [-1])).toBeCloseTo(of([2, 0], [-1, 0]), 6);
  });
});
