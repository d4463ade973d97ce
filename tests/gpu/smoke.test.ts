import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';
import { expect, test } from 'vitest';

test('the browser of these tests has a WebGPU adapter', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  expect(adapter).not.toBeNull();
  expect(adapter?.info.vendor).not.toBe('');
});

test('tfjs multiplies matrices on WebGPU', async () => {
  expect(await tf.setBackend('webgpu')).toBe(true);
  const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]]));
  expect(tf.getBackend()).toBe('webgpu');
  expect([...(await product.data())]).toEqual([19, 22, 43, 50]);
});
