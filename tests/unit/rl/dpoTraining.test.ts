import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { proportion } from '../../../src/feedback/proportion';
import { disposeParameters, toParameters, type Weights } from '../../../src/model/parameters';
import { TUNE_ALL, type Tuning } from '../../../src/model/tuningSettings';
import type { PairPreference, Preference } from '../../../src/reward/preference';
import { trainOnPreferences, type DpoTraining } from '../../../src/rl/dpoTraining';
import { DPO_DEFAULTS, type DpoSettings } from '../../../src/rl/dpoSettings';
import { CheckpointError } from '../../../src/rl/checkpoint';
import { TuningError, type EpochState } from '../../../src/rl/epochs';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { plainLogProbs } from '../model/plainLogProbs';
import { TINY } from '../model/tinyModel';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { tinyModel } from './tinyWorld';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const MODEL = tinyModel();
const vowels = (text: string) => (text.match(/[aeiou]/g) ?? []).length;

/** Pairs over twelve prompts, of which the text with more vowels is preferred, or whatever `judge` says. */
function pairs(count: number, seed: number, judge?: (random: RandomStream) => PairPreference['verdict']): PairPreference[] {
  const random = new RandomStream(seed);
  const text = () => Array.from({ length: 2 + random.integer(5) }, () => (random.uniform() < 0.5 ? 'aeiou' : 'bcdfg')[random.integer(5)]).join('');
  return Array.from({ length: count }, (_, i) => {
    const responses: [string, string] = [text(), text()];
    const [a, b] = responses.map(vowels);
    return { comparisonId: `c${i}`, prompt: `p${'abcdefghijkl'[i % 12]}`, responses, swapped: false, verdict: judge?.(random) ?? (a === b ? 'tie' : a > b ? 'first' : 'second') };
  });
}

function train(preferences: Preference[], changes: Partial<DpoSettings> = {}, more: Partial<DpoTraining> = {}) {
  const settings: DpoSettings = { ...DPO_DEFAULTS, learningRate: 3e-3, batchSize: 8, klSamples: 12, ...changes };
  return trainOnPreferences({ model: MODEL, preferences, settings, ...more });
}

const numbersOf = (weights: Weights) => [...weights].map(([name, { data }]) => [name, [...data]]);

describe('tuning on judgements directly', () => {
  it.each(['dpo', 'ipo', 'kto'] as const)('by %s learns a rule, and reports it on prompts it never saw', async (method) => {
    const before = memory().numTensors;
    const preferences = pairs(240, 1);
    const ties = preferences.filter(({ verdict }) => verdict === 'tie').length;
    const { weights, report } = await train(preferences, { method, epochs: 4, beta: 0.1, learningRate: 1e-2, heldOutShare: 0.25 });
    expect(memory().numTensors).toBe(before);
    expect(ties).toBeGreaterThan(5);
    expect(report).toMatchObject({ ties, leftOut: 0 });
    expect(report.trainPairs + report.heldOutPairs).toBe(240 - ties);
    expect(report.accuracy!.low).toBeGreaterThan(0.5);
    expect(report.accuracy).toEqual(proportion(Math.round(report.accuracy!.value * report.heldOutPairs), report.heldOutPairs));
    expect(report.meanMargin!).toBeGreaterThan(0);
    expect(report.heldOutCurve[0]).toEqual({ step: 0, loss: expect.closeTo({ dpo: Math.LN2, ipo: 1 / (4 * 0.1 ** 2), kto: 0.5 }[method], 6) });
    expect(report.heldOutLoss).toBe(report.heldOutCurve.at(-1)!.loss);
    expect(report.heldOutLoss!).toBeLessThan(report.heldOutCurve[0].loss);
    expect(report.lossCurve).toHaveLength(4 * Math.ceil(report.trainPairs / 8));
    expect(report.kl.samples).toBe(12);
    expect(report.kl.mean).toBeGreaterThan(0);
    expect([...weights.keys()]).toEqual([...MODEL.weights.keys()]);
  });

  it('measures margins of the weights that it hands out, an adapter merged, against the model it began as', async () => {
    const preferences = pairs(40, 2);
    const { weights, report } = await train(preferences, { tune: { ...TUNE_ALL, what: 'lora', rank: 2, alpha: 4 }, heldOutShare: 0.5, learningRate: 1e-2 });
    const [tuned, base] = [toParameters(weights), toParameters(MODEL.weights)];
    // Which prompts were held out is not told: of all splits by prompt, one has this margin. So take them all out of the training instead.
    const encode = (text: string) => MODEL.tokenizer.encode(text);
    const margins = new Map<string, number[]>();
    for (const { prompt, responses, verdict } of preferences) {
      if (verdict !== 'first' && verdict !== 'second') continue;
      const ratios: number[] = [];
      for (const response of responses) {
        const total = async (parameters: typeof tuned) => (await plainLogProbs(parameters, TINY, [1, ...encode(prompt)], encode(response), 1)).reduce((a, b) => a + b, 0);
        ratios.push((await total(tuned)) - (await total(base)));
      }
      const margin = 0.1 * (verdict === 'first' ? ratios[0] - ratios[1] : ratios[1] - ratios[0]);
      margins.set(prompt, [...(margins.get(prompt) ?? []), margin]);
    }
    const groups = [...margins.values()];
    const wanted = report.heldOutPairs;
    const found = Array.from({ length: 2 ** groups.length }, (_, bits) => groups.filter((_, i) => (bits >> i) & 1).flat())
      .filter((chosen) => chosen.length === wanted)
      .some((chosen) => Math.abs(chosen.reduce((a, b) => a + b, 0) / wanted - report.meanMargin!) < 1e-4);
    expect(found).toBe(true);
    disposeParameters(tuned);
    disposeParameters(base);
  });

  it('gives the same policy for the same seed, and another for another', async () => {
    const data = pairs(30, 3);
    const [a, b, c] = [await train(data), await train(data), await train(data, { seed: 2 })];
    expect(numbersOf(b.weights)).toEqual(numbersOf(a.weights));
    expect({ ...b.report, seconds: 0 }).toEqual({ ...a.report, seconds: 0 });
    expect(numbersOf(c.weights)).not.toEqual(numbersOf(a.weights));
  });

  it.each<[string, Tuning]>([
    ['everything', TUNE_ALL],
    ['an adapter', { ...TUNE_ALL, what: 'lora', rank: 2, alpha: 4 }],
  ])('goes on after a stop as if it had never stopped, training %s', async (_, tune) => {
    const data = pairs(60, 4);
    const straight = await train(data, { tune, method: 'kto' });
    const kept: EpochState[] = [];
    const abort = new AbortController();
    const stopped = train(data, { tune, method: 'kto' }, { keep: (state) => kept.push(state), signal: abort.signal, onProgress: (_, done) => void (done === 7 && abort.abort(new Error('enough'))) });
    await expect(stopped).rejects.toThrow('enough');
    const from = kept.at(-1)!;
    expect(from.lossCurve.length).toBeGreaterThan(1);
    expect(from.lossCurve.length).toBeLessThan(straight.report.lossCurve.length);
    const resumed = await train(data, { tune, method: 'kto' }, { from });
    expect(numbersOf(resumed.weights)).toEqual(numbersOf(straight.weights));
    expect({ ...resumed.report, seconds: 0 }).toEqual({ ...straight.report, seconds: 0 });
  });

  it('takes a ranking and a rewrite for the pairs that they imply, and leaves out what prefers no text to another', async () => {
    const rest = pairs(20, 6);
    const texts = ['bcd', 'aei', 'abc'];
    const more: Preference[] = [
      { comparisonId: 'r', prompt: 'pa', responses: texts, swapped: false, verdict: { kind: 'ranking', groups: [[1], [0, 2]] } },
      { comparisonId: 'w', prompt: 'pb', responses: ['bcd', 'fgh'], swapped: false, verdict: { kind: 'rewrite', response: 1, text: 'aio' } },
      { comparisonId: 't', prompt: 'pc', responses: ['bcd'], swapped: false, verdict: { kind: 'thumb', response: 0, up: true } },
      { comparisonId: 'n', prompt: 'pd', responses: texts, swapped: false, verdict: { kind: 'ranking', groups: [[0, 1, 2]] } },
    ];
    const asPairs: Preference[] = [
      { comparisonId: 'r', prompt: 'pa', responses: ['bcd', 'aei'], swapped: false, verdict: 'second' },
      { comparisonId: 'r', prompt: 'pa', responses: ['aei', 'abc'], swapped: false, verdict: 'first' },
      { comparisonId: 'w', prompt: 'pb', responses: ['aio', 'fgh'], swapped: false, verdict: 'first' },
    ];
    const [a, b] = [await train([...rest, ...more]), await train([...rest, ...asPairs])];
    expect(numbersOf(a.weights)).toEqual(numbersOf(b.weights));
    expect(a.report.ties).toBe(b.report.ties + 2);
    expect(a.report.trainPairs).toBe(b.report.trainPairs);
  });

  it('does not care which response is stored first', async () => {
    const data = pairs(30, 5);
    const turned = data.map((pair): PairPreference => ({ ...pair, responses: [pair.responses[1], pair.responses[0]], verdict: ({ first: 'second', second: 'first', tie: 'tie', 'both-bad': 'both-bad' } as const)[pair.verdict] }));
    expect(numbersOf((await train(turned)).weights)).toEqual(numbersOf((await train(data)).weights));
  });

  it('with a learning rate of 0 stays the reference: no distance, no margin, an accuracy of one half', async () => {
    const { report } = await train(pairs(40, 6), { learningRate: 0 });
    expect(report.kl.mean).toBeCloseTo(0, 5);
    expect(report.meanMargin).toBeCloseTo(0, 6);
    expect(report.accuracy!.value).toBe(0.5);
    expect(report.heldOutLoss).toBeCloseTo(Math.LN2, 6);
  });

  it('finds nothing in coin flips on prompts that it never saw', async () => {
    let [right, n] = [0, 0];
    for (const seed of [1, 2]) {
      const { report } = await train(pairs(72, seed, (random) => (random.uniform() < 0.5 ? 'first' : 'second')), { heldOutShare: 0.75, epochs: 6 });
      right += report.accuracy!.value * report.accuracy!.n;
      n += report.accuracy!.n;
    }
    const accuracy = proportion(right, n)!;
    expect(n).toBe(108);
    expect(accuracy.low).toBeLessThan(0.5);
    expect(accuracy.high).toBeGreaterThan(0.5);
  });

  it('leaves out pairs that are too long, and counts them; says null where nothing was held out', async () => {
    const short = pairs(20, 7).filter(({ verdict }) => verdict !== 'tie');
    const long = { ...short[0], comparisonId: 'long', responses: ['a', 'b'.repeat(80)] as [string, string], verdict: 'first' as const };
    const { report } = await train([long, ...short], { epochs: 1, heldOutShare: 0 });
    expect(report).toMatchObject({ leftOut: 1, trainPairs: short.length, heldOutPairs: 0, heldOutLoss: null, accuracy: null, meanMargin: null, heldOutCurve: [] });
    await expect(train([long])).rejects.toThrow(/longer than the 64 tokens/);
  });

  it('says what is missing or wrong', async () => {
    await expect(train([])).rejects.toThrow(TuningError);
    await expect(train(pairs(4, 8, () => 'tie'))).rejects.toThrow(/prefers one/);
    const damaged = { ...MODEL, weights: new Map(MODEL.weights).set('model.norm.weight', { shape: [16], data: new Float32Array(16).fill(NaN) }) };
    await expect(train(pairs(20, 8), {}, { model: damaged })).rejects.toThrow(/finite/);
    const kept: EpochState[] = [];
    await train(pairs(20, 8), { tune: { ...TUNE_ALL, what: 'head' } }, { keep: (state) => kept.push(state) });
    await expect(train(pairs(20, 8), {}, { from: kept[0] })).rejects.toThrow(CheckpointError);
  });
});
