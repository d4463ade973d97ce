import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { proportion } from '../../../src/feedback/proportion';
import { disposeParameters, toParameters, type Weights } from '../../../src/model/parameters';
import { TUNE_ALL, type Tuning } from '../../../src/model/tuningSettings';
import { RewardTrainingError } from '../../../src/reward/fit';
import { scoreTexts, TextTooLongError, type JudgedText } from '../../../src/reward/rewardModel';
import type { Preference } from '../../../src/reward/preference';
import { REWARD_DEFAULTS, type RewardSettings } from '../../../src/reward/settings';
import { trainRewardModel, type RewardTraining } from '../../../src/reward/training';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { byRule, gold, MODEL, pairs, randomText, referenceTexts } from './judgedWorld';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

function train(preferences: Preference[], changes: Partial<RewardSettings> = {}, more: Partial<RewardTraining> = {}) {
  const settings: RewardSettings = { ...REWARD_DEFAULTS, learningRate: 3e-3, batchSize: 8, normalisationSamples: 40, ...changes };
  return trainRewardModel({ model: MODEL, preferences, referenceTexts: referenceTexts(40), settings, ...more });
}

async function scoresOf(weights: Weights, texts: JudgedText[]): Promise<number[]> {
  const parameters = toParameters(weights);
  const scores = await scoreTexts({ ...MODEL, parameters }, texts);
  disposeParameters(parameters);
  return [...scores];
}

describe('trainRewardModel', () => {
  it('learns a rule, reports it on prompts it never saw, and is normalised on the reference policy', async () => {
    const before = memory().numTensors;
    const { weights, report } = await train(pairs(160, 1, byRule), { epochs: 4 }, { simulated: { gold, temperature: 1e-9 } });
    expect(memory().numTensors).toBe(before);
    expect(report.trainPairs + report.heldOutPairs).toBe(160);
    expect(report.heldOutPairs).toBe(32);
    expect(report.accuracy!.value).toBeGreaterThan(0.8);
    expect(report.accuracy!.low).toBeLessThan(report.accuracy!.value);
    expect(report.logLoss!).toBeLessThan(Math.LN2);
    expect(report.ceiling).toBeCloseTo(1, 6);
    expect(report.selfAgreement).toEqual({ expected: expect.closeTo(1, 6) });
    expect(report.lossCurve).toHaveLength(4 * Math.ceil(128 / 8));

    const scores = await scoresOf(weights, referenceTexts(40));
    const mean = scores.reduce((a, b) => a + b) / 40;
    expect(mean).toBeCloseTo(0, 4);
    expect(Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 40)).toBeCloseTo(1, 4);
  });

  it.each<[string, Tuning, RegExp]>([
    ['the head', { ...TUNE_ALL, what: 'head' }, /^score\./],
    ['the last layer', { ...TUNE_ALL, what: 'last' }, /^(model\.layers\.1\.|model\.norm\.|score\.)/],
    ['an adapter', { ...TUNE_ALL, what: 'lora', targets: ['q_proj', 'up_proj'] }, /q_proj|up_proj|^score\./],
  ])('of %s alone changes that, leaves the rest as it was to the bit, and learns', async (_, tune, expected) => {
    const before = memory().numTensors;
    const { weights, report } = await train(pairs(160, 1, byRule), { epochs: 4, learningRate: 2e-2, tune });
    expect(memory().numTensors).toBe(before);
    const changed = [...weights].filter(([name, { data }]) => data.some((value, i) => value !== MODEL.weights.get(name)?.data[i])).map(([name]) => name);
    expect(changed).toEqual([...weights.keys()].filter((name) => expected.test(name)));
    expect([...weights.keys()]).toEqual([...MODEL.weights.keys(), 'score.weight', 'score.bias']);
    expect(report.accuracy!.value).toBeGreaterThan(0.6);
    // The merged model is the one that was normalised.
    const scores = await scoresOf(weights, referenceTexts(40));
    expect(scores.reduce((a, b) => a + b) / 40).toBeCloseTo(0, 3);
  });

  it('gives the same model for the same seed, and another for another', async () => {
    const data = pairs(24, 2, byRule);
    const [a, b, c] = [await train(data), await train(data), await train(data, { seed: 2 })];
    const weightOf = ({ weights }: typeof a) => [...weights.get('score.weight')!.data];
    expect(weightOf(b)).toEqual(weightOf(a));
    expect(weightOf(c)).not.toEqual(weightOf(a));
    expect({ ...b.report, seconds: 0 }).toEqual({ ...a.report, seconds: 0 });
  });

  it('does not care which response is called first', async () => {
    const data = pairs(24, 3, byRule);
    const turned = data.map((pair): Preference => ({
      ...pair,
      responses: [pair.responses[1], pair.responses[0]],
      verdict: pair.verdict === 'first' ? 'second' : pair.verdict === 'second' ? 'first' : pair.verdict,
      swapped: !pair.swapped,
    }));
    const [a, b] = [await train(data), await train(turned)];
    const texts = referenceTexts(20);
    const [scoresA, scoresB] = [await scoresOf(a.weights, texts), await scoresOf(b.weights, texts)];
    scoresA.forEach((score, i) => expect(scoresB[i]).toBeCloseTo(score, 3));
    expect(b.report.leftSide).toEqual(a.report.leftSide);
    expect(b.report.accuracy).toEqual(a.report.accuracy);
  });

  it('finds nothing in coin flips, even when it knows its own pairs by heart: the interval contains one half', async () => {
    const flip = (_: number, __: number, random: RandomStream) => (random.uniform() < 0.5 ? 'first' : 'second') as Preference['verdict'];
    let [known, learned, right, decided] = [0, 0, 0, 0];
    for (const seed of [1, 2, 3]) {
      const data = pairs(60, seed, flip);
      const { weights, report } = await train(data, { heldOutShare: 0.8, epochs: 10, batchSize: 12, learningRate: 0.02, normalisationSamples: 8 });
      const { value, n } = report.accuracy!;
      const scores = await scoresOf(weights, data.flatMap(({ prompt, responses }) => responses.map((response) => ({ prompt, response }))));
      const all = data.filter(({ verdict }, i) => (verdict === 'first') === scores[2 * i] > scores[2 * i + 1]).length;
      right += value * n;
      decided += n;
      known += all - value * n;
      learned += report.trainPairs;
    }
    expect([learned, decided]).toEqual([36, 144]);
    expect(known / learned).toBeGreaterThanOrEqual(0.95);
    const accuracy = proportion(right, decided)!;
    expect(accuracy.low).toBeLessThan(0.5);
    expect(accuracy.high).toBeGreaterThan(0.5);
  }, 120_000);

  it('says null, not NaN, where nothing was held out', async () => {
    const { report } = await train(pairs(10, 5, byRule).map((pair) => ({ ...pair, prompt: 'only' })), { epochs: 1 });
    expect(report).toMatchObject({
      trainPairs: 10,
      heldOutPairs: 0,
      accuracy: null,
      logLoss: null,
      brier: null,
      calibrationError: null,
      calibration: [],
      meanMargin: null,
      lengthCorrelation: null,
      accuracyByLength: [],
      leftSide: null,
      ceiling: null,
      selfAgreement: null,
      disputes: { heldOut: { ordered: 0, against: 0 } },
    });
  });

  it('says what it contradicts of what it learned and of what was held out', async () => {
    const flip = (first: number, second: number, random: RandomStream) => (random.uniform() < 0.3 ? byRule(second, first) : byRule(first, second));
    const data = pairs(80, 4, flip);
    const { weights, report } = await train(data, { epochs: 3, heldOutShare: 0.5 });
    const scores = await scoresOf(weights, data.flatMap(({ prompt, responses }) => responses.map((response) => ({ prompt, response }))));
    const seen = data.flatMap(({ comparisonId, verdict }, i) => {
      const lead = scores[2 * i] - scores[2 * i + 1];
      return verdict === 'tie' ? [] : [{ comparisonId, heldOut: report.heldOut!.includes(comparisonId), margin: (verdict === 'first' ? lead : -lead) / report.gain }];
    });
    for (const [tally, heldOut] of [[report.disputes!.learned, false], [report.disputes!.heldOut, true]] as const) {
      const side = seen.filter((one) => one.heldOut === heldOut);
      expect(tally).toEqual({ ordered: side.length, against: side.filter(({ margin }) => margin < 0).length });
    }
    const against = seen.filter(({ margin }) => margin < 0).sort((a, b) => a.margin - b.margin);
    expect(against.length).toBeGreaterThan(10);
    expect(report.disputes!.worst.map(({ comparisonId, heldOut }) => [comparisonId, heldOut])).toEqual(against.map(({ comparisonId, heldOut }) => [comparisonId, heldOut]));
    report.disputes!.worst.forEach(({ order }, i) => expect(order.chance).toBeCloseTo(1 / (1 + Math.exp(-against[i].margin)), 3));
  });

  it('says how hard each judgement pulled: of a model that hardly moved |σ(r₁ − r₂) − y|, beside the mean', async () => {
    const data = pairs(12, 9, byRule).map((pair) => ({ ...pair, prompt: 'only' }));
    const { weights, report } = await train(data, { epochs: 1, batchSize: 12, learningRate: 1e-9, centring: 0 });
    const scores = await scoresOf(weights, data.flatMap(({ prompt, responses }) => responses.map((response) => ({ prompt, response }))));
    const label = { first: 1, second: 0, tie: 0.5 };
    const residuals = data.map(({ verdict }, i) => Math.abs(1 / (1 + Math.exp((scores[2 * i + 1] - scores[2 * i]) / report.gain)) - label[verdict as 'first' | 'second' | 'tie']));
    const mean = residuals.reduce((sum, residual) => sum + residual, 0) / 12;
    const expected = new Map(data.map(({ comparisonId }, i) => [comparisonId, residuals[i] / mean]));
    expect(report.pulls).toHaveLength(12);
    for (const { comparisonId, pull } of report.pulls!) expect(pull).toBeCloseTo(expected.get(comparisonId)!, 3);
    expect(report.pulls!.map(({ pull }) => pull)).toEqual(report.pulls!.map(({ pull }) => pull).sort((a, b) => b - a));
  });

  it('counts the pulls on every member', async () => {
    const data = pairs(12, 9, byRule).map((pair) => ({ ...pair, prompt: 'only' }));
    const pullsOf = async (members: number) => (await train(data, { epochs: 1, batchSize: 12, learningRate: 1e-9, members })).report.pulls!;
    const [one, two] = [await pullsOf(1), await pullsOf(2)];
    expect(two.reduce((sum, { pull }) => sum + pull, 0)).toBeCloseTo(12, 6);
    expect(two).not.toEqual(one);
  });

  it('knows no pull of a judgement where it learns from scores that a ranking made', async () => {
    const { report } = await train(pairs(24, 2, byRule), { epochs: 1, pipeline: 'modular' });
    expect(report.pulls).toBeUndefined();
    expect(report.disputes!.learned.ordered).toBeGreaterThan(10);
  });

  it('reports progress, and stops where it is told to', async () => {
    const seen: string[] = [];
    await train(pairs(40, 6, byRule), { epochs: 1 }, { onProgress: (phase, done, total) => void seen.push(`${phase} ${done}/${total}`) });
    expect(seen).toEqual(['train 1/4', 'train 2/4', 'train 3/4', 'train 4/4', 'evaluate 16/16', 'review 32/64', 'review 64/64', 'normalise 32/40', 'normalise 40/40']);

    const before = memory().numTensors;
    const abort = new AbortController();
    const stopped = train(pairs(40, 6, byRule), {}, { signal: abort.signal, onProgress: (_, done) => void (done === 2 && abort.abort(new Error('enough'))) });
    await expect(stopped).rejects.toThrow('enough');
    expect(memory().numTensors).toBe(before);
  });

  it('leaves out pairs that the model cannot read in one piece, and counts them', async () => {
    const short = pairs(40, 6, byRule);
    const long = short.slice(0, 3).map((pair, i) => ({ ...pair, comparisonId: `long ${i}`, responses: ['a', 'b'.repeat(80)] as [string, string] }));
    const { weights, report } = await train([...long, ...short], { epochs: 1 });
    const without = await train(short, { epochs: 1 });
    expect(report).toMatchObject({ leftOut: 3, trainPairs: without.report.trainPairs, lossCurve: without.report.lossCurve });
    expect(without.report.leftOut).toBe(0);
    expect(weights).toEqual(without.weights);
    await expect(train(long)).rejects.toThrow(/Every judged text is longer than the 64 tokens/);
  });

  it('says what is missing', async () => {
    await expect(train([])).rejects.toThrow(RewardTrainingError);
    await expect(train(pairs(10, 7, byRule), {}, { referenceTexts: referenceTexts(39) })).rejects.toThrow(/40 samples.*39/);
    const long = referenceTexts(40).map((text) => ({ ...text, response: 'a'.repeat(80) }));
    await expect(train(pairs(10, 7, byRule), { epochs: 1 }, { referenceTexts: long })).rejects.toThrow(TextTooLongError);
    await expect(train(pairs(10, 7, byRule), { learningRate: 1e30, epochs: 4 })).rejects.toThrow(/finite/);
  });
});

describe('scoreTexts', () => {
  it('scores each text as if it were alone, whatever else is in the batch', async () => {
    const random = new RandomStream(8);
    const texts = Array.from({ length: 37 }, () => ({ prompt: randomText(random, 1 + random.integer(6)), response: randomText(random, random.integer(20)) }));
    const { weights } = await train(pairs(10, 5, byRule), { epochs: 1 });
    const together = await scoresOf(weights, texts);
    for (const i of [0, 5, 36]) expect(together[i]).toBeCloseTo((await scoresOf(weights, [texts[i]]))[0], 4);
    expect(new Set(together.map((score) => score.toFixed(5))).size).toBeGreaterThan(25);
  });
});
