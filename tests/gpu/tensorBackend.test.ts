import { add, fill, memory, mul, ones, sum, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { dispatchCount, gpuBytes, onDeviceError, onDeviceLost, startBackend, type Adapter } from '../../src/tensor/backend';
import { gpuBackend, releaseFreeBuffers } from '../../src/tensor/storage';

describe('the WebGPU backend', () => {
  let adapter: Adapter;
  beforeAll(async () => {
    adapter = await startBackend();
  });

  test('is chosen where there is WebGPU, and says what it runs on', () => {
    expect(adapter.backend).toBe('webgpu');
    expect(adapter.name).not.toBe('');
  });

  test('asks for all that the adapter can give', async () => {
    const limits = (await navigator.gpu.requestAdapter())!.limits;
    expect(gpuBackend().device.limits.maxBufferSize).toBe(limits.maxBufferSize);
    expect(gpuBackend().device.limits.maxStorageBufferBindingSize).toBe(limits.maxStorageBufferBindingSize);
  });

  test('counts dispatches and bytes', async () => {
    const x = fill([2000], 3);
    await x.data();
    const [before, bytes] = [dispatchCount(), gpuBytes()];
    const y = add(x, x);
    expect((await y.data())[1999]).toBe(6);
    expect(dispatchCount() - before).toBe(1);
    expect(gpuBytes() - bytes).toBeGreaterThanOrEqual(8000);
  });

  test('gives back what is kept for later, and nothing that is in use', async () => {
    const used = fill([3001], 2);
    const gone = add(used, 1);
    await gone.data();
    gone.dispose();
    const bytes = gpuBytes();
    releaseFreeBuffers();
    // At least the sum and what it was read through.
    expect(bytes - gpuBytes()).toBeGreaterThanOrEqual(2 * 4 * 3001);
    expect((await add(used, used).data())[3000]).toBe(4);
    used.dispose();
  });

  test('tells of an error that would otherwise be a silent zero', async () => {
    const told = new Promise<[string, boolean]>((resolve) => onDeviceError((...error) => resolve(error)));
    gpuBackend().device.createShaderModule({ code: 'fn f() { return 1; }' });
    // Chromium sends commands off only when something waits for them.
    await gpuBackend().device.queue.onSubmittedWorkDone();
    expect(await told).toEqual([expect.stringMatching(/return/i), false]);
  });

  test('tells memory that ran out from other errors', async () => {
    const told = new Promise<[string, boolean]>((resolve) => onDeviceError((...error) => resolve(error)));
    const error = new GPUOutOfMemoryError('no more');
    gpuBackend().device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
    expect(await told).toEqual(['no more', true]);
  });

  test('tells of a lost device, and starts again', async () => {
    const lost = new Promise<string>((resolve) => onDeviceLost(resolve));
    const orphan = ones([2000]);
    mul(orphan, orphan);
    gpuBackend().device.destroy();
    expect(await lost).not.toBe('');
    expect(gpuBytes()).toBe(0);
    expect((await startBackend()).backend).toBe('webgpu');
    orphan.dispose();
    const x = tensor(new Float32Array(3000).fill(2));
    expect((await sum(mul(x, x)).data())[0]).toBe(12_000);
    expect(memory().numTensors).toBeGreaterThan(0);
  });
});
