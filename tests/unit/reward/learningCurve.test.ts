import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { RewardTrainingError } from '../../../src/reward/fit';
import { learningCurve } from '../../../src/reward/learningCurve';
import { REWARD_DEFAULTS, type RewardSettings } from '../../../src/reward/settings';
import { firstByPrompt } from '../../../src/reward/split';
import { trainRewardModel } from '../../../src/reward/training';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { byRule, gold, MODEL, pairs, referenceTexts } from './judgedWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const SETTINGS: RewardSettings = { ...REWARD_DEFAULTS, learningRate: 3e-3, batchSize: 8, normalisationSamples: 8, epochs: 4 };
const asked = (count: number, settings = SETTINGS) => ({ model: MODEL, preferences: pairs(count, 1, byRule), settings, simulated: { gold, temperature: 1e-9 } });

describe('firstByPrompt', () => {
  const labels = Array.from({ length: 60 }, (_, id) => ({ id, prompt: `prompt ${id % 12}` }));
  const first = (count: number, seed = 1) => firstByPrompt(labels, count, new RandomStream(seed)).map(({ id }) => id);

  it('gives nested parts of the size that was asked for, prompt by prompt, in their old order', () => {
    for (let count = 1; count <= 60; count++) {
      const part = first(count);
      expect(part).toHaveLength(count);
      expect(part).toEqual([...part].sort((a, b) => a - b));
      const before = new Set(first(count - 1));
      expect(part.filter((id) => !before.has(id))).toHaveLength(1);
      // Five labels a prompt: at most one prompt is taken in part.
      const taken = part.reduce((counts, id) => counts.set(id % 12, (counts.get(id % 12) ?? 0) + 1), new Map<number, number>());
      expect([...taken.values()].filter((n) => n < 5).length).toBeLessThanOrEqual(1);
    }
    expect(first(Infinity)).toEqual(labels.map(({ id }) => id));
  });

  it('takes other prompts for another seed, each as often as the rest', () => {
    const began = new Map<number, number>();
    for (let seed = 0; seed < 1200; seed++) began.set(first(1, seed)[0] % 12, (began.get(first(1, seed)[0] % 12) ?? 0) + 1);
    const chiSquare = Array.from({ length: 12 }, (_, prompt) => ((began.get(prompt) ?? 0) - 100) ** 2 / 100).reduce((a, b) => a + b);
    // 99.9 % point of χ² with 11 degrees of freedom.
    expect(chiSquare).toBeLessThan(31.26);
  });
});

describe('learningCurve', () => {
  it('tries each part on the same held-out pairs, ends with what training on all reports, and learns more from more', async () => {
    const before = memory().numTensors;
    const curve = await learningCurve(asked(160), [1, 1 / 16, 1 / 2]);
    expect(memory().numTensors).toBe(before);
    expect(curve.points.map(({ labels }) => labels)).toEqual([8, 64, 128]);
    expect(curve.heldOutPairs).toBe(32);
    expect(curve.ceiling).toBeCloseTo(1, 6);
    expect(new Set(curve.points.map(({ accuracy }) => accuracy!.n)).size).toBe(1);

    const { report } = await trainRewardModel({ ...asked(160), referenceTexts: referenceTexts(8) });
    expect(curve.points[2]).toEqual({ labels: 128, accuracy: report.accuracy, logLoss: report.logLoss });
    expect(curve).toMatchObject({ ceiling: report.ceiling, selfAgreement: report.selfAgreement });
    const half = await trainRewardModel({ ...asked(160), referenceTexts: referenceTexts(8), pairs: 64 });
    expect(half.report).toMatchObject({ trainPairs: 64, heldOutPairs: 32, accuracy: curve.points[1].accuracy, logLoss: curve.points[1].logLoss });

    expect(curve.points[2].logLoss!).toBeLessThan(curve.points[0].logLoss!);
    expect(curve.points[2].accuracy!.value).toBeGreaterThan(curve.points[0].accuracy!.value);
  }, 120_000);

  it('counts the steps of all models together, and stops where it is told to', async () => {
    const seen: string[] = [];
    await learningCurve({ ...asked(40, { ...SETTINGS, epochs: 1 }), onProgress: (done, total) => void seen.push(`${done}/${total}`) }, [0.25, 0.5]);
    // 8 and 16 of 32 pairs: one step and two. Each model is then tried.
    expect(seen).toEqual(['1/3', '1/3', '2/3', '3/3', '3/3']);

    const before = memory().numTensors;
    const abort = new AbortController();
    const stopped = learningCurve({ ...asked(40), signal: abort.signal, onProgress: (done) => void (done === 6 && abort.abort(new Error('enough'))) }, [0.25, 1]);
    await expect(stopped).rejects.toThrow('enough');
    expect(memory().numTensors).toBe(before);
  });

  it('counts texts where a ranking of them is learned, on the same held-out pairs', async () => {
    const seen: string[] = [];
    const settings: RewardSettings = { ...SETTINGS, epochs: 1, pipeline: 'modular' };
    const { heldOutPairs } = await learningCurve({ ...asked(40, settings), onProgress: (done, total) => void seen.push(`${done}/${total}`) }, [0.25, 0.5]);
    // 8 and 16 pairs are 16 and 32 texts: two steps and four.
    expect(seen).toEqual(['1/6', '2/6', '2/6', '3/6', '4/6', '5/6', '6/6', '6/6']);
    expect(heldOutPairs).toBe(8);
  });

  it('says what is missing', async () => {
    for (const fractions of [[], [0], [0.5, 1.5], [NaN]]) await expect(learningCurve(asked(40), fractions)).rejects.toThrow(RewardTrainingError);
    await expect(learningCurve(asked(40, { ...SETTINGS, heldOutShare: 0 }), [1])).rejects.toThrow(/held out/);
    await expect(learningCurve({ ...asked(40), preferences: [] }, [1])).rejects.toThrow(/no judgement to learn from/);
  });
});
