import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { proportion } from '../../../src/feedback/proportion';
import { IMAGE_MODEL } from '../../../src/model/imageModel';
import { disposeParameters, toParameters, type Weights } from '../../../src/model/parameters';
import { RewardTrainingError } from '../../../src/reward/fit';
import { batchOf, scorePixels, trainImageReward, type ImageLearning, type Pixels } from '../../../src/reward/imageReward';
import { IMAGE_REWARD_DEFAULTS, type ImageRewardSettings } from '../../../src/reward/imageSettings';
import type { Preference } from '../../../src/reward/preference';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { judgedPictures, SIDE, SPATIAL_RULES, spatialPicture } from '../../../tools/imageLoop/spatialImages';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => void (await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER })));

const QUICK = { ...IMAGE_REWARD_DEFAULTS, epochs: 2, batchSize: 8 };
const train = (given: Pick<ImageLearning, 'preferences' | 'images'>, changes: Partial<ImageRewardSettings> = {}) => trainImageReward({ ...given, settings: { ...QUICK, ...changes } });

async function scores(weights: Weights, shown: readonly Pixels[]): Promise<number[]> {
  const parameters = toParameters(weights);
  const found = await scorePixels({ parameters, config: IMAGE_MODEL }, shown);
  disposeParameters(parameters);
  return [...found];
}

describe('the pictures of the proof', () => {
  it.each(SPATIAL_RULES)('of “%s” say nothing by their brightness or mean colour', (rule) => {
    const { preferences, images } = judgedPictures(rule, 1000, new RandomStream(5));
    const means = new Map([...images].map(([name, pixels]) => [name, [0, 1, 2].map((colour) => pixels.reduce((sum, value, i) => sum + (i % 3 === colour ? value : 0), 0))]));
    const guesses = [...[0, 1, 2].map((colour) => (name: string) => means.get(name)![colour]), (name: string) => means.get(name)!.reduce((a, b) => a + b)];
    for (const guess of guesses) {
      const right = preferences.filter(({ responses: [one, other], verdict }) => guess(one) > guess(other) === (verdict === 'first')).length;
      // Eight guesses: 3.5 standard deviations of a fair coin, √1000/2, are passed by chance once in 270 such tests.
      expect(Math.abs(right - 500)).toBeLessThan((3.5 * Math.sqrt(1000)) / 2);
    }
  });

  it.each(SPATIAL_RULES)('keep and break “%s” about as often', (rule) => {
    const random = new RandomStream(6);
    const kept = Array.from({ length: 600 }, () => spatialPicture(rule, random)).filter(({ keeps }) => keeps).length;
    const { low, high } = proportion(kept, 600)!;
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });
});

describe('a batch of images', () => {
  const picture = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (i * 37) % 256);
  const at = (values: ArrayLike<number>, row: number, column: number, colour: number) => values[(row * SIDE + column) * 3 + colour];

  it('has colours from −1 to 1', async () => {
    const values = await batchOf([Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => [0, 51, 255][i % 3])], IMAGE_MODEL).data();
    expect([...values.slice(0, 3)]).toEqual([-1, expect.closeTo(-0.6, 6), 1]);
  });

  it('is moved as asked, the edges drawn out', async () => {
    const [still, moved] = [await batchOf([picture], IMAGE_MODEL).data(), await batchOf([picture], IMAGE_MODEL, [[2, -1]]).data()];
    expect(at(moved, 10, 12, 1)).toBe(at(still, 11, 10, 1));
    expect(at(moved, 0, 0, 2)).toBe(at(still, 1, 0, 2));
    expect(at(moved, SIDE - 1, SIDE - 1, 0)).toBe(at(still, SIDE - 1, SIDE - 3, 0));
  });
});

describe('trainImageReward', () => {
  const judged = judgedPictures('larger on the left', 30, new RandomStream(1));

  it('reports on held-out images, normalises over all of them, keeps no tensor, and repeats to the bit', async () => {
    const before = memory().numTensors;
    const { weights, report } = await train(judged);
    expect(memory().numTensors).toBe(before);
    expect([report.trainPairs, report.heldOutPairs, report.mixed]).toEqual([24, 6, 0]);
    expect(report.accuracy!.n).toBe(6);
    expect(report.lossCurve).toHaveLength(2 * 3);
    expect(report).not.toHaveProperty('lengthCorrelation');
    const rewards = await scores(weights, [...judged.images.values()]);
    const mean = rewards.reduce((a, b) => a + b) / 60;
    expect(mean).toBeCloseTo(0, 4);
    expect(Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / 60)).toBeCloseTo(1, 4);

    // The accuracy is that of the model that is given back, on the judgements that it names.
    const rewardOf = new Map([...judged.images.keys()].map((name, i) => [name, rewards[i]]));
    const heldOut = judged.preferences.filter(({ comparisonId }) => report.heldOut!.includes(comparisonId));
    const right = heldOut.filter(({ responses: [one, other], verdict }) => rewardOf.get(one)! > rewardOf.get(other)! === (verdict === 'first')).length;
    expect(report.accuracy!.value).toBeCloseTo(right / 6, 9);

    const again = await train(judged);
    expect(again.weights).toEqual(weights);
    expect((await train(judged, { seed: 2 })).weights).not.toEqual(weights);
  });

  it('learns: the loss of what it sees again and again falls far below that of a coin', async () => {
    const { report } = await train(judged, { epochs: 15, shift: 0 });
    const last = report.lossCurve.slice(-3).reduce((sum, { loss }) => sum + loss, 0) / 3;
    expect(last).toBeLessThan(0.5 * Math.LN2);
  });

  it('learns from ratings, thumbs and rankings too', async () => {
    const verdicts = (i: number): Preference['verdict'] =>
      i % 3 === 0 ? { kind: 'rating', response: 0, criterion: 'c', scale: '1 to 5', value: 1 + (i % 5) } : i % 3 === 1 ? { kind: 'thumb', response: 1, up: i % 2 === 0 } : { kind: 'ranking', groups: [[1], [0]] };
    const preferences = judged.preferences.map((preference, i) => ({ ...preference, verdict: verdicts(i) }));
    const { report, weights } = await train({ ...judged, preferences });
    expect(report.lossCurve.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    // What was learned beside the scores is no part of the model.
    expect([...weights.keys()].filter((name) => name.startsWith('score.'))).toEqual(['score.weight', 'score.bias']);
  });

  it('refuses nothing to learn from, and hears an abort', async () => {
    await expect(train({ ...judged, preferences: [] })).rejects.toThrow(RewardTrainingError);
    const abort = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => abort.abort(reason);
    const before = memory().numTensors;
    await expect(trainImageReward({ ...judged, settings: QUICK, signal: abort.signal, onProgress })).rejects.toBe(reason);
    expect(memory().numTensors).toBe(before);
  });
});
