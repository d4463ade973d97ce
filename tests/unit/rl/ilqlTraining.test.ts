import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Weights } from '../../../src/model/parameters';
import { TUNE_ALL, type Tuning } from '../../../src/model/tuningSettings';
import type { Preference } from '../../../src/reward/preference';
import { TuningError } from '../../../src/rl/epochs';
import { ILQL_DEFAULTS, type IlqlSettings } from '../../../src/rl/ilqlSettings';
import { trainCritic, type IlqlState, type IlqlTraining } from '../../../src/rl/ilqlTraining';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { tinyModel } from './tinyWorld';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const MODEL = tinyModel();
const vowels = (text: string) => (text.match(/[aeiou]/g) ?? []).length;

/** Pairs over twelve prompts, of which the text with more vowels is preferred. */
function pairs(count: number, seed: number): Preference[] {
  const random = new RandomStream(seed);
  const text = () => Array.from({ length: 2 + random.integer(5) }, () => (random.uniform() < 0.5 ? 'aeiou' : 'bcdfg')[random.integer(5)]).join('');
  return Array.from({ length: count }, (_, i) => {
    const responses: [string, string] = [text(), text()];
    const [a, b] = responses.map(vowels);
    return { comparisonId: `c${i}`, prompt: `p${'abcdefghijkl'[i % 12]}`, responses, swapped: false, verdict: a === b ? 'tie' : a > b ? 'first' : 'second' };
  });
}

function train(preferences: Preference[], changes: Partial<IlqlSettings> = {}, more: Partial<IlqlTraining> = {}) {
  const settings: IlqlSettings = { ...ILQL_DEFAULTS, learningRate: 1e-2, batchSize: 16, epochs: 2, klSamples: 12, ...changes };
  return trainCritic({ model: MODEL, preferences, settings, ...more });
}

const numbersOf = (weights: Weights) => [...weights].map(([name, { data }]) => [name, [...data]]);

describe('learning a critic', () => {
  it('values what was preferred on prompts that it never saw, and leaves nothing on the device', async () => {
    const before = memory().numTensors;
    const { critic, report } = await train(pairs(160, 1), { epochs: 5, polyak: 0.1, heldOutShare: 0.25 });
    expect(memory().numTensors).toBe(before);
    expect(report.trainTexts + report.heldOutTexts).toBe(320);
    expect(report.accuracy!.low).toBeGreaterThan(0.5);
    expect(report.heldOutLoss!).toBe(report.heldOutCurve.at(-1)!.loss);
    expect(report.heldOutLoss!).toBeLessThan(report.heldOutCurve[0].loss);
    expect(report.kl).toMatchObject({ samples: 12 });
    expect(report.kl.mean).toBeGreaterThan(0);
    expect([...critic.keys()]).toEqual([...MODEL.weights.keys(), 'critic.v.weight', 'critic.v.bias', 'target.q1.weight', 'target.q2.weight']);
  });

  it.each<[string, Tuning]>([
    ['everything', TUNE_ALL],
    ['an adapter', { ...TUNE_ALL, what: 'lora', rank: 2, alpha: 4 }],
  ])('goes on after a stop as if it had never stopped, targets too, training %s', async (_, tune) => {
    const data = pairs(60, 4);
    const straight = await train(data, { tune });
    const kept: IlqlState[] = [];
    const abort = new AbortController();
    const stopped = train(data, { tune }, { keep: (state) => kept.push(state), signal: abort.signal, onProgress: (_, done) => void (done === 7 && abort.abort(new Error('enough'))) });
    await expect(stopped).rejects.toThrow('enough');
    const from = kept.at(-1)!;
    expect(from.lossCurve.length).toBeGreaterThan(1);
    expect(from.lossCurve.length).toBeLessThan(straight.report.lossCurve.length);
    const resumed = await train(data, { tune }, { from });
    expect(numbersOf(resumed.critic)).toEqual(numbersOf(straight.critic));
    expect({ ...resumed.report, seconds: 0 }).toEqual({ ...straight.report, seconds: 0 });
  });

  it('learns from judgements of every kind, and is tested on the held-out pairs that they decide', async () => {
    const random = new RandomStream(8);
    // Each prompt has both.
    const data = pairs(240, 1).map(({ responses: [a, b], ...rest }, i): Preference => {
      if (Math.floor(i / 12) % 2 === 0) return { ...rest, responses: [a, b] };
      const response = random.integer(2);
      return { ...rest, responses: [a, b], verdict: { kind: 'thumb', response, up: vowels([a, b][response]) >= 2 } };
    });
    const ranking: Preference = { ...data[0], responses: ['aei', 'bcd', 'aeb'], verdict: { kind: 'ranking', groups: [[0], [2], [1]] } };
    const { report } = await train([...data, ranking, { ...data[0], verdict: 'tie' }], { epochs: 5, polyak: 0.1, heldOutShare: 0.25 });
    // 120 pairs, 120 thumbs, a ranking of three pairs, and the tie.
    expect(report.trainTexts + report.heldOutTexts).toBe(240 + 120 + 6 + 2);
    expect(report.accuracy!.low).toBeGreaterThan(0.5);
    expect(report.accuracy!.n).toBeLessThanOrEqual(report.heldOutTexts / 2);
    const thumbs = data.filter(({ verdict }) => typeof verdict === 'object');
    expect((await train(thumbs, { epochs: 1 })).report).toMatchObject({ accuracy: null, heldOutLoss: expect.any(Number) });
  });

  it('leaves out what it cannot read, and says so where nothing is left', async () => {
    const data = pairs(24, 2);
    const { report } = await train([...data, { ...data[0], responses: ['', 'a'] }], { epochs: 1 });
    expect(report).toMatchObject({ leftOut: 2 });
    await expect(train([])).rejects.toThrow(TuningError);
    await expect(train([{ ...data[0], responses: ['', 'a'] }])).rejects.toThrow(/empty text/);
  });
});
