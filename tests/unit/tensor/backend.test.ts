import { gather, grad, sum, square, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { NoDeviceError, dispatchCount, gpuBytes, startBackend } from '../../../src/tensor/backend';
import { WASM_FOLDER } from './wasmFolder';

// The first start loads all of tfjs, which takes a while on a busy machine.
const TIMEOUT = 60_000;

describe('the backend without WebGPU', { timeout: TIMEOUT }, () => {
  test('says in words that there is none', async () => {
    await expect(startBackend({ prefer: 'webgpu' })).rejects.toThrow(NoDeviceError);
    await expect(startBackend({ prefer: 'webgpu' })).rejects.toThrow('This browser has no WebGPU.');
  });

  test('refuses an adapter that is not offered', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    await expect(startBackend({ prefer: 'webgpu', gpu })).rejects.toThrow(/no graphics adapter/);
  });

  test('says with the backend that it falls back to why a better one was refused', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    const { backend, refused } = await startBackend({ gpu, wasmFolder: WASM_FOLDER });
    expect(backend).toBe('wasm');
    expect(refused).toEqual([expect.stringMatching(/no graphics adapter/)]);
  });

  test('falls back to WebAssembly, where the gradient of a look-up adds rows up', async () => {
    expect(await startBackend({ wasmFolder: WASM_FOLDER })).toMatchObject({ backend: 'wasm', slow: true });
    expect([gpuBytes(), dispatchCount()]).toEqual([0, 0]);
    const table = tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    // Σ (rows 2, 0, 2)²: twice the row for each time that it is looked up.
    const gradient = grad((x) => sum(square(gather(x, tensor1d([2, 0, 2], 'int32')))))(table);
    expect([...(await gradient.data())]).toEqual([2, 4, 0, 0, 20, 24]);
  });
});
