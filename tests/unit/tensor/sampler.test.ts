import { beforeAll, describe, expect, test } from 'vitest';
import { tensor2d } from '@tensorflow/tfjs-core';
import { startBackend, type BackendName } from '../../../src/tensor/backend';
import { sampleCategorical } from '../../../src/tensor/sampler';
import { KNOWN_DRAW } from './knownDraw';
import { checkSampler } from './samplerChecks';
import { WASM_FOLDER } from './wasmFolder';

describe.each<BackendName>(['cpu', 'wasm'])('the sampler on %s', (prefer) => {
  beforeAll(async () => void (await startBackend({ prefer, wasmFolder: WASM_FOLDER })), 60_000);
  checkSampler();

  test('draws what every other backend draws', async () => {
    const { logits, shape, temperature, seed, counter, drawn } = KNOWN_DRAW;
    expect([...(await sampleCategorical(tensor2d(logits, shape), temperature, seed, counter).tokens.data())]).toEqual(drawn);
  });
});
