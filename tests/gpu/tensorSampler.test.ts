import { tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { sampleCategorical } from '../../src/tensor/sampler';
import { KNOWN_DRAW } from '../unit/tensor/knownDraw';
import { checkSampler } from '../unit/tensor/samplerChecks';
import { startWebGpu } from './startWebGpu';

describe('the sampler on WebGPU', () => {
  beforeAll(async () => void (await startWebGpu()));
  checkSampler();

  test('draws what every other backend draws', async () => {
    const { logits, shape, temperature, seed, counter, drawn } = KNOWN_DRAW;
    expect([...(await sampleCategorical(tensor2d(logits, shape), temperature, seed, counter).tokens.data())]).toEqual(drawn);
  });
});
