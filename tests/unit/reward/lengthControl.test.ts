import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { lengthAlone, standardisedLengths } from '../../../src/reward/lengthControl';
import { PRIOR } from '../../../src/reward/ranking/prior';
import { lengthControlReport, type ScoredPair } from '../../../src/reward/report';
import type { Preference } from '../../../src/reward/preference';
import { REWARD_DEFAULTS, type RewardSettings } from '../../../src/reward/settings';
import { trainRewardModel } from '../../../src/reward/training';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { MODEL, randomText, referenceTexts } from './judgedWorld';

beforeAll(async () => {
  await startBackend({ prefer: 'cpu' });
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('lengthAlone', () => {
  it('is the log-odds of the longer one, where all differ alike and the prior hardly counts', () => {
    // Δz = ±2 and 750 of 1000 for the longer one: σ(2γ) = 3/4.
    const gaps = Array.from({ length: 1000 }, (_, i) => (i % 2 ? 2 : -2));
    const labels = gaps.map((gap, i) => (i < 750 === gap > 0 ? 1 : 0));
    expect(lengthAlone(gaps, labels)).toBeCloseTo(Math.log(3) / 2, 4);
    expect(lengthAlone(gaps.map((gap) => -gap), labels)).toBeCloseTo(-Math.log(3) / 2, 4);
  });

  it('is 0 where nothing is decided, and finite where length decides all', () => {
    expect(lengthAlone([1, -2, 3], [0.5, 0.5, 0.5])).toBeCloseTo(0, 10);
    expect(lengthAlone([0, 0], [1, 0])).toBeCloseTo(0, 10);
    const gamma = lengthAlone([1, -1], [1, 0]);
    // At the maximum the prior's slope balances the likelihood's: λγ = 2σ(−γ).
    expect(PRIOR * gamma).toBeCloseTo(2 * sigmoid(-gamma), 8);
  });
});

it('standardises lengths, also where all are equal', () => {
  expect(standardisedLengths([2, 4, 4, 6])).toEqual({ z: [-Math.SQRT2, 0, 0, Math.SQRT2].map((z) => expect.closeTo(z, 12)), deviation: expect.closeTo(Math.SQRT2, 12) });
  expect(standardisedLengths([5, 5])).toEqual({ z: [0, 0], deviation: 1 });
});

it('the report says how scores would go with length if γ had stayed in them', () => {
  const pair: Preference = { comparisonId: 'c', prompt: 'p', responses: ['a', 'b'], verdict: 'first', swapped: false };
  // By themselves the scores fall with length, r = −1; with 2 log-odds each 10 tokens they rise, and r = 1.
  const scored: ScoredPair[] = [{ pair, scores: [1, 0], lengths: [10, 20] }, { pair, scores: [-1, -2], lengths: [30, 40] }];
  expect(lengthControlReport(scored, { gamma: 2, deviation: 10 })).toEqual({ gamma: 2, deviation: 10, correlationWith: expect.closeTo(1, 12) });
  expect(lengthControlReport(scored, { gamma: 0, deviation: 10 }).correlationWith).toBeCloseTo(-1, 12);
});

describe('training with length control', () => {
  /** Half of what decides is whether a text is of vowels, half how long it is; neither tells of the other. */
  function judgedByBoth(count: number): Preference[] {
    const random = new RandomStream(31);
    return Array.from({ length: count }, (_, i) => {
      const responses = [0, 1].map(() => randomText(random, 4 + random.integer(9))) as [string, string];
      const worth = responses.map((text) => quality(text) + (text.length - 8) / 2.6);
      const verdict = random.uniform() < sigmoid(2 * (worth[0] - worth[1])) ? 'first' : 'second';
      return { comparisonId: `c${i}`, prompt: `p${'abcdefghijklmnopqrst'[i % 20]}`, responses, verdict, swapped: false };
    });
  }
  /** Share of vowels, standardised: uniform on [0, 1] has the standard deviation 1/√12. */
  const quality = (text: string) => ((text.match(/[aeiou]/g) ?? []).length / text.length - 0.5) * Math.sqrt(12);

  const SETTINGS: RewardSettings = { ...REWARD_DEFAULTS, learningRate: 3e-3, batchSize: 16, normalisationSamples: 40, epochs: 3, heldOutShare: 0.4 };
  const preferences = judgedByBoth(320);
  const train = (changes: Partial<RewardSettings>, pairs?: number) => trainRewardModel({ model: MODEL, preferences, pairs, referenceTexts: referenceTexts(40), settings: { ...SETTINGS, ...changes } });

  it('keeps length out of the score, which without it prefers what is longer', async () => {
    const before = memory().numTensors;
    const [{ report: plain }, { report: controlled }] = [await train({}), await train({ lengthControl: true })];
    expect(memory().numTensors).toBe(before);
    expect(plain).not.toHaveProperty('lengthControl');
    expect(plain.lengthCorrelation!).toBeGreaterThan(0.5);
    // The rule's own quality has none.
    expect(Math.abs(controlled.lengthCorrelation!)).toBeLessThan(0.2);
    expect(controlled.lengthControl!.correlationWith!).toBeGreaterThan(0.5);
    // Lengths of 4 to 12 have the standard deviation 2.58; a judgement's log-odds are 2 for each.
    expect(controlled.lengthControl!.deviation).toBeCloseTo(2.58, 0);
    expect(controlled.lengthControl!.gamma).toBeGreaterThan(1);
    expect(controlled.lengthControl!.gamma).toBeLessThan(2.5);
    expect(controlled.accuracy!.value).toBeGreaterThan(0.55);
  }, 240_000);

  it('gives an ensemble one γ, and the same for the same seed', async () => {
    const short = { lengthControl: true, members: 2, epochs: 1, heldOutShare: 0.05 };
    const [a, b] = [await train(short, 32), await train(short, 32)];
    expect(a.weights).toEqual(b.weights);
    expect(a.report.lengthControl).toEqual(b.report.lengthControl);
    expect(a.report.lengthControl!.gamma).toBeGreaterThan(0.5);
  }, 120_000);
});
