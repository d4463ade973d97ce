import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bayesCeiling, goldBars, SIMULATED_FORMS, type SimulatedFormName } from '../../../src/feedback/simulatedLabeler';
import { initWeights } from '../../../src/model/parameters';
import type { Preference } from '../../../src/reward/preference';
import type { JudgedText } from '../../../src/reward/rewardModel';
import { REWARD_DEFAULTS, type RewardSettings } from '../../../src/reward/settings';
import { trainRewardModel, type RewardTraining } from '../../../src/reward/training';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { TINY } from '../model/tinyModel';
import { letterTokenizer } from '../rl/tinyWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const MODEL = { config: TINY, tokenizer: letterTokenizer(), weights: initWeights(TINY, new RandomStream(3)) };
const TEMPERATURE = 0.5;
const gold = (response: string) => (response.match(/[aeiou]/g) ?? []).length;

/** Six letters of which vowels make a share that differs from text to text. */
function randomText(random: RandomStream): string {
  const share = random.uniform();
  return Array.from({ length: 6 }, () => (random.uniform() < share ? 'aeiou' : 'bcdfg')[random.integer(5)]).join('');
}

/** What the simulated labeler says of so many comparisons over twenty prompts, in one form. */
function judgements(form: SimulatedFormName, count: number, responsesEach: number, seed = 1): Preference[] {
  const random = new RandomStream(seed);
  const all = Array.from({ length: count }, () => Array.from({ length: responsesEach }, () => randomText(random)));
  const labeler = { ...goldBars(all.flat().map(gold)), temperature: TEMPERATURE };
  return all.map((responses, i) => ({
    comparisonId: `${form} ${i}`,
    prompt: `p${'abcdefghijklmnopqrst'[i % 20]}`,
    responses,
    swapped: i % 2 === 0,
    ...SIMULATED_FORMS[form].judge(responses.map(gold), labeler, () => random.uniform()),
  }));
}

/** The same text with its consonants made vowels, as somebody would who likes them. */
const rewrites = (count: number): Preference[] =>
  judgements('thumb', count, 1, 7).map((judged) => ({ ...judged, verdict: { kind: 'rewrite', response: 0, text: judged.responses[0].replace(/[bcdfg]/g, 'o') } }));

function train(preferences: Preference[], changes: Partial<RewardSettings> = {}, more: Partial<RewardTraining> = {}) {
  const random = new RandomStream(99);
  const referenceTexts: JudgedText[] = Array.from({ length: 32 }, () => ({ prompt: 'x', response: randomText(random) }));
  const settings: RewardSettings = { ...REWARD_DEFAULTS, learningRate: 1e-2, epochs: 4, batchSize: 16, heldOutShare: 0.25, normalisationSamples: 32, ...changes };
  return trainRewardModel({ model: MODEL, preferences, referenceTexts, settings, ...more });
}

const KINDS: [string, () => Preference[], Partial<RewardSettings>?][] = [
  ['pairs', () => judgements('pair', 240, 2)],
  ['pairs, where ties are an answer of their own (Rao–Kupper)', () => judgements('pair', 240, 2), { ties: 'rao-kupper' }],
  ['pairs, where ties are an answer of their own (Davidson)', () => judgements('pair', 240, 2), { ties: 'davidson' }],
  ['pairs with strengths', () => judgements('strength', 240, 2), { margin: 0.5 }],
  ['rankings of four', () => judgements('ranking', 100, 4)],
  ['ratings', () => judgements('rating', 400, 1)],
  ['thumbs', () => judgements('thumb', 400, 1)],
  ['rewrites', () => rewrites(160)],
];

describe('a reward model that is trained', () => {
  it.each(KINDS)('on %s judges prompts that it never saw far better than a coin, and keeps nothing but a score', async (_, data, changes) => {
    const before = memory().numTensors;
    const { weights, report } = await train(data(), changes);
    expect(memory().numTensors).toBe(before);
    expect(report.accuracy!.value).toBeGreaterThan(0.65);
    expect(report.accuracy!.low).toBeGreaterThan(0.5);
    expect([...weights.keys()]).toEqual([...MODEL.weights.keys(), 'score.weight', 'score.bias']);
  });

  it('on all kinds at once counts each judgement once, and tests on the pairs that they imply', async () => {
    const data = [...judgements('pair', 60, 2), ...judgements('ranking', 40, 3), ...judgements('ranking', 20, 4, 2), ...judgements('rating', 60, 1), ...judgements('thumb', 60, 1, 3), ...rewrites(40)];
    const { report } = await train(data, { ties: 'davidson', bothBad: 'zero' });
    expect([report.trainPairs, report.heldOutPairs]).toEqual([210, 70]);
    // Of 16 judgements in a step 75/210 are pairs, with the rewrites among them, and 45/210 of each other kind: 6 and 3 times 4, rounded up. The pairs run out last.
    expect(report.lossCurve).toHaveLength(4 * Math.ceil(75 / 6));
    expect(report.accuracy!.n).toBeGreaterThan(70);
    expect(report.accuracy!.low).toBeGreaterThan(0.6);
    // Ratings leave the ceiling open.
    const { report: simulated } = await train(data, { epochs: 1 }, { simulated: { gold: ({ response }) => gold(response), temperature: TEMPERATURE } });
    expect([simulated.ceiling, simulated.selfAgreement]).toEqual([null, null]);
  });

  it('on steps that are filled up takes the mean of what counts', async () => {
    const data = [...judgements('pair', 7, 2), ...judgements('thumb', 5, 1)];
    const losses = async (batchSize: number) => (await train(data, { batchSize, learningRate: 0, epochs: 1, heldOutShare: 0 })).report.lossCurve.map(({ loss }) => loss);
    const [whole] = await losses(12);
    // A step of five is three of each: of 7 and 5, then of 4 and 2, then of one alone.
    const parts = await losses(5);
    expect(parts).toHaveLength(3);
    expect((6 * parts[0] + 5 * parts[1] + parts[2]) / 12).toBeCloseTo(whole, 5);
  });

  it('on rankings has the ceiling of the pairs that they order', async () => {
    const data = judgements('ranking', 40, 3).map((judged): Preference => ({ ...judged, responses: ['aaa', 'abb', 'bbb'], verdict: { kind: 'ranking', groups: [[0], [1], [2]] } }));
    const { report } = await train(data, { epochs: 1 }, { simulated: { gold: ({ response }) => gold(response), temperature: 2 } });
    expect(report.accuracy!.n).toBe(30);
    // Three pairs of each: 3 against 1, 3 against 0, 1 against 0.
    expect(report.ceiling).toBeCloseTo(bayesCeiling([2, 3, 1], 2)!, 12);
  });

  it('on what is unreadable in a rewrite leaves it out', async () => {
    const [long, ...rest] = rewrites(40);
    const { report } = await train([{ ...long, verdict: { kind: 'rewrite', response: 0, text: 'o'.repeat(90) } }, ...rest], { epochs: 1 });
    expect([report.leftOut, report.trainPairs + report.heldOutPairs]).toEqual([1, 39]);
  });
});
