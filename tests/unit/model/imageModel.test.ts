import { mul, sum, tensor1d, tensor4d, tidy, variableGrads, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { IMAGE_MODEL, initImageWeights, scoreImages, type ImageModelConfig } from '../../../src/model/imageModel';
import { countParameters, disposeParameters, toParameters, type Weights } from '../../../src/model/parameters';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => void (await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER })));

const SMALL: ImageModelConfig = { image_size: 9, channels: [3, 4], hidden_size: 5, rms_norm_eps: 1e-5 };
const random = new RandomStream(7);
const IMAGES = Float32Array.from({ length: 3 * 9 * 9 * 3 }, () => 2 * random.uniform() - 1);
const images = (values = IMAGES) => tensor4d(values, [values.length / 243, 9, 9, 3]);

async function scores(weights: Weights, shown: Tensor4D = images(), config = SMALL): Promise<number[]> {
  const parameters = toParameters(weights);
  const found = Array.from(await tidy(() => scoreImages(parameters, config, shown)).data());
  disposeParameters(parameters);
  return found;
}

describe('the network that scores images', () => {
  it('has fresh weights that its seed repeats, of the sizes that its constants say', async () => {
    const weights = initImageWeights(IMAGE_MODEL, new RandomStream(1));
    expect(initImageWeights(IMAGE_MODEL, new RandomStream(1))).toEqual(weights);
    expect(initImageWeights(IMAGE_MODEL, new RandomStream(2)).get('conv.0.weight')).not.toEqual(weights.get('conv.0.weight'));
    // By hand: three convolutions of 3 × 3 with bias and norm, 4 · 4 · 64 numbers to 64 to 1.
    const convolutions = 16 * (27 + 2) + 32 * (144 + 2) + 64 * (288 + 2);
    expect(countParameters(weights.values())).toBe(convolutions + 64 * 1024 + 64 + 64 + 1);
    const { data } = weights.get('conv.2.weight')!;
    const std = Math.sqrt(data.reduce((sum, w) => sum + w * w, 0) / data.length);
    expect(std / Math.sqrt(2 / 288)).toBeGreaterThan(0.97);
    expect(std / Math.sqrt(2 / 288)).toBeLessThan(1.03);
  });

  it('scores each image by itself', async () => {
    const weights = initImageWeights(SMALL, new RandomStream(3));
    const together = await scores(weights);
    for (let i = 0; i < 3; i++) expect((await scores(weights, images(IMAGES.slice(243 * i, 243 * (i + 1)))))[0]).toBeCloseTo(together[i], 5);
    expect(new Set(together).size).toBe(3);
  });

  it('sees where a thing is: the same spot elsewhere has another score', async () => {
    const weights = initImageWeights(SMALL, new RandomStream(3));
    const spot = (row: number, column: number) => Float32Array.from({ length: 243 }, (_, i) => (Math.floor(i / 27) === row && Math.floor(i / 3) % 9 === column ? 1 : -1));
    const [here, lower, right] = await scores(weights, images(Float32Array.from([...spot(2, 2), ...spot(6, 2), ...spot(2, 6)])));
    for (const there of [lower, right]) expect(Math.abs(there - here)).toBeGreaterThan(1e-3);
  });

  it('has the gradient that differences of its score give, in every tensor', async () => {
    const weights = initImageWeights(SMALL, new RandomStream(4));
    const direction = new RandomStream(5);
    const weighting = [0.7, -1.1, 0.4];
    const total = async (moved: Weights) => (await scores(moved)).reduce((sum, score, i) => sum + weighting[i] * score, 0);
    const parameters = toParameters(weights);
    const { grads } = variableGrads(() => sum(mul(scoreImages(parameters, SMALL, images()), tensor1d(weighting))) as Scalar, [...parameters.values()]);
    for (const [name, { shape, data }] of weights) {
      const along = data.map(() => direction.normal() / Math.sqrt(data.length));
      const gradient = await grads[parameters.get(name)!.name].data();
      const slope = along.reduce((sum, d, i) => sum + d * gradient[i], 0);
      const step = 1e-2;
      const at = (by: number) => total(new Map([...weights, [name, { shape, data: data.map((w, i) => w + by * along[i]) }]]));
      const difference = ((await at(step)) - (await at(-step))) / (2 * step);
      expect(Math.abs(slope - difference), name).toBeLessThan(1e-3 + 0.01 * Math.abs(difference));
      expect(gradient.some((g) => g !== 0), name).toBe(true);
    }
  });
});
