import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { LengthControl, lengthAlone, standardisedLengths } from '../../../src/reward/lengthControl';
import { PRIOR } from '../../../src/reward/ranking/prior';
import { lengthControlReport, type ScoredPair } from '../../../src/reward/report';
import type { PairPreference, Preference } from '../../../src/reward/preference';
import { REWARD_DEFAULTS, type RewardSettings } from '../../../src/reward/settings';
import { trainRewardModel } from '../../../src/reward/training';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { MODEL, randomText, referenceTexts } from './judgedWorld';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('lengthAlone', () => {
  it('is the log-odds of the longer one, where all differ alike and the prior hardly counts', () => {
    // Δz = ±2 and 750 of 1000 for the longer one: σ(2γ) = 3/4.
    const pairs = Array.from({ length: 1000 }, (_, i) => {
      const gap = i % 2 ? 2 : -2;
      return { gap, label: i < 750 === gap > 0 ? 1 : 0 };
    });
    expect(lengthAlone(pairs)).toBeCloseTo(Math.log(3) / 2, 4);
    expect(lengthAlone(pairs.map(({ gap, label }) => ({ gap: -gap, label })))).toBeCloseTo(-Math.log(3) / 2, 4);
  });

  it('is 0 where nothing is decided, and finite where length decides all', () => {
    expect(lengthAlone([1, -2, 3].map((gap) => ({ gap, label: 0.5 })))).toBeCloseTo(0, 10);
    expect(lengthAlone([{ gap: 0, label: 1 }, { gap: 0, label: 0 }])).toBeCloseTo(0, 10);
    expect(lengthAlone([])).toBe(0);
    const gamma = lengthAlone([{ gap: 1, label: 1 }, { gap: -1, label: 0 }]);
    // At the maximum the prior's slope balances the likelihood's: λγ = 2σ(−γ).
    expect(PRIOR * gamma).toBeCloseTo(2 * sigmoid(-gamma), 8);
  });

  it('is the slope of the ratings, as far as the prior lets it; beside pairs, where the slopes of all balance', () => {
    const ratings = [{ z: 1, target: 2 }, { z: -2, target: 1 }, { z: 0.5, target: 1 }];
    // Ridge regression: Σ z·t / (λ/2 + Σ z²).
    expect(lengthAlone([], ratings)).toBeCloseTo(0.5 / (PRIOR / 2 + 5.25), 10);
    const gamma = lengthAlone([{ gap: 1.5, label: 1 }], ratings);
    expect(1.5 * sigmoid(-1.5 * gamma)).toBeCloseTo(PRIOR * gamma + 2 * (5.25 * gamma - 0.5), 8);
  });
});

it('standardises lengths, also where all are equal', () => {
  expect(standardisedLengths([2, 4, 4, 6])).toEqual({ z: [-Math.SQRT2, 0, 0, Math.SQRT2].map((z) => expect.closeTo(z, 12)), deviation: expect.closeTo(Math.SQRT2, 12) });
  expect(standardisedLengths([5, 5])).toEqual({ z: [0, 0], deviation: 1 });
});

describe('γ of judgements of any kind', () => {
  const of = (responses: string[], verdict: Preference['verdict'], prompt = 'p'): Preference => ({ comparisonId: 'c', prompt, responses, verdict, swapped: false });
  async function started(judged: readonly Preference[]) {
    const control = new LengthControl(judged, (text) => text.length, REWARD_DEFAULTS);
    const { gamma, deviation } = await control.result();
    control.dispose();
    return { z: control.z, gamma, deviation };
  }

  it('adds to each text that a judgement speaks of by its length among all of them', async () => {
    // Lengths 2 and 4; 6 of what was edited and 2 of the original; 6 for the rated one. Mean 4, variance (4 + 0 + 4 + 4 + 4) / 5.
    const { z, deviation } = await started([of(['aa', 'aaaa'], 'first'), of(['aa', 'aaa'], { kind: 'rewrite', response: 0, text: 'aaaaaa' }), of(['a', 'aaaaaa'], { kind: 'rating', response: 1, criterion: 'c', scale: '1 to 5', value: 3 })]);
    expect(deviation).toBeCloseTo(Math.sqrt(16 / 5), 12);
    expect(z).toEqual([[-2, 0], [2, -2], [2]].map((lengths) => lengths.map((length) => expect.closeTo(length / Math.sqrt(16 / 5), 12))));
  });

  it('starts from the pairs of a ranking and of two thumbs, and from ratings as they are', async () => {
    // 1, 2 and 3 tokens have the standard deviation √(2/3).
    const unit = 1 / Math.sqrt(2 / 3);
    const ranked = await started([of(['a', 'aa', 'aaa'], { kind: 'ranking', groups: [[1], [2], [0]] })]);
    expect(ranked.gamma).toBeCloseTo(lengthAlone([{ gap: -unit, label: 1 }, { gap: -unit, label: 0 }, { gap: -2 * unit, label: 0 }]), 5);
    // Of 1 and 3 tokens it is 1.
    const thumbs = await started([of(['a'], { kind: 'thumb', response: 0, up: true }), of(['aaa'], { kind: 'thumb', response: 0, up: false })]);
    expect(thumbs.gamma).toBeCloseTo(lengthAlone([{ gap: -2, label: 1 }]), 5);
    expect(thumbs.gamma).toBeLessThan(0);
    const rated = [['a', 1], ['aaa', 5]] as const;
    const ratings = await started(rated.map(([text, value]) => of([text], { kind: 'rating', response: 0, criterion: 'c', scale: '1 to 5', value })));
    expect(ratings.gamma).toBeCloseTo(2 / (PRIOR / 2 + 2), 5);
    expect((await started([of(['a'], { kind: 'thumb', response: 0, up: true }), of(['aaa'], { kind: 'thumb', response: 0, up: false }, 'q')])).gamma).toBe(0);
  });
});

it('the report says how scores would go with length if γ had stayed in them', () => {
  const pair: PairPreference = { comparisonId: 'c', prompt: 'p', responses: ['a', 'b'], verdict: 'first', swapped: false };
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
      const verdict = random.uniform() < sigmoid(2 * (worth(responses[0]) - worth(responses[1]))) ? 'first' : 'second';
      return { comparisonId: `c${i}`, prompt: `p${'abcdefghijklmnopqrst'[i % 20]}`, responses, verdict, swapped: false };
    });
  }
  /** Share of vowels, standardised: uniform on [0, 1] has the standard deviation 1/√12. */
  const quality = (text: string) => ((text.match(/[aeiou]/g) ?? []).length / text.length - 0.5) * Math.sqrt(12);
  const worth = (text: string) => quality(text) + (text.length - 8) / 2.6;

  const SETTINGS: RewardSettings = { ...REWARD_DEFAULTS, learningRate: 3e-3, batchSize: 16, normalisationSamples: 40, epochs: 3, heldOutShare: 0.4 };
  const preferences = judgedByBoth(320);
  const train = (changes: Partial<RewardSettings>, pairs?: number, judged = preferences) => trainRewardModel({ model: MODEL, preferences: judged, pairs, referenceTexts: referenceTexts(40), settings: { ...SETTINGS, ...changes } });

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

  /** The same worth, said in other forms: by the odds of a pair, or as a number. */
  const FORMS: Record<'rankings' | 'thumbs' | 'ratings', (count: number) => Preference[]> = {
    rankings: (count) => judgedAlone(count, (texts, random) => {
      const noisy = texts.map((text, i) => ({ i, score: 2 * worth(text) - Math.log(-Math.log(random.uniform())) }));
      return { kind: 'ranking', groups: noisy.sort((a, b) => b.score - a.score).map(({ i }) => [i]) };
    }, 3),
    thumbs: (count) => judgedAlone(count, ([text], random) => ({ kind: 'thumb', response: 0, up: random.uniform() < sigmoid(2 * worth(text)) })),
    ratings: (count) => judgedAlone(count, ([text]) => ({ kind: 'rating', response: 0, criterion: 'c', scale: '1 to 5', value: worth(text) })),
  };
  function judgedAlone(count: number, say: (texts: string[], random: RandomStream) => Preference['verdict'], each = 1): Preference[] {
    const random = new RandomStream(32);
    return Array.from({ length: count }, (_, i) => {
      const responses = Array.from({ length: each }, () => randomText(random, 4 + random.integer(9)));
      return { comparisonId: `c${i}`, prompt: `p${'abcdefghijklmnopqrst'[i % 20]}`, responses, verdict: say(responses, random), swapped: false };
    });
  }

  it.each<[keyof typeof FORMS, number, number, number]>([
    // A ranking's and a thumb's log-odds are 2 for each standard deviation, of which about 1 shows while quality is not known. A rating is half quality, half length: 1/√2 of its own deviation.
    ['rankings', 150, 0.6, 2.5],
    ['thumbs', 600, 0.6, 2.5],
    ['ratings', 400, 0.6, 0.8],
  ])('keeps it out of what %s teach', async (form, count, least, most) => {
    const before = memory().numTensors;
    const judged = FORMS[form](count);
    const [{ report: plain }, { report: controlled }] = [await train({}, undefined, judged), await train({ lengthControl: true }, undefined, judged)];
    expect(memory().numTensors).toBe(before);
    expect(plain.lengthCorrelation!).toBeGreaterThan(0.3);
    expect(Math.abs(controlled.lengthCorrelation!)).toBeLessThan(0.2);
    expect(controlled.lengthControl!.gamma).toBeGreaterThan(least);
    expect(controlled.lengthControl!.gamma).toBeLessThan(most);
  }, 240_000);

  it('gives an ensemble one γ, and the same for the same seed', async () => {
    const short = { lengthControl: true, members: 2, epochs: 1, heldOutShare: 0.05 };
    const [a, b] = [await train(short, 32), await train(short, 32)];
    expect(a.weights).toEqual(b.weights);
    expect(a.report.lengthControl).toEqual(b.report.lengthControl);
    expect(a.report.lengthControl!.gamma).toBeGreaterThan(0.5);
  }, 120_000);
});
