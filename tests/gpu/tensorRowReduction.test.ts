import { grad, max, mean, mul, ones, softmax, sum, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../src/tensor/backend';
import { RandomStream } from '../../src/tensor/random';

const random = new RandomStream(1);
const rowsOf = (values: ArrayLike<number>, length: number) =>
  Array.from({ length: values.length / length }, (_, row) => Array.from({ length }, (_, i) => values[row * length + i]));
const softmaxOf = (row: number[]) => row.map((x) => Math.exp(x) / row.reduce((total, y) => total + Math.exp(y), 0));

describe('reductions along rows on WebGPU', () => {
  beforeAll(async () => {
    // These kernels stand in only where a processor plays the GPU, as it does in this test.
    expect(await startBackend({ prefer: 'webgpu' })).toMatchObject({ slow: true });
  });

  // Rows of 1, of an odd length, more rows than a workgroup, several trailing axes, too few rows, an axis in the middle.
  const cases: [number[], number[]][] = [
    [[40, 1], [1]],
    [[5, 20, 7], [2]],
    [[130, 40], [1]],
    [[20, 3, 5], [1, 2]],
    [[3, 50], [1]],
    [[600], [0]],
  ];
  test.each(cases)('shape %j along %j', async (shape, axes) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 3 * random.normal());
    const x = tensor(values, shape);
    const length = axes.reduce((n, axis) => n * shape[axis], 1);
    const rows = rowsOf(values, length);
    const outer = shape.slice(0, axes[0]);
    const reductions: [(x: Tensor, axis: number[], keepDims: boolean) => Tensor, (row: number[]) => number][] = [
      [sum, (row) => row.reduce((a, b) => a + b)],
      [mean, (row) => row.reduce((a, b) => a + b) / length],
      [max, (row) => Math.max(...row)],
    ];
    for (const [reduce, expected] of reductions) {
      const [flat, kept] = [reduce(x, axes, false), reduce(x, axes, true)];
      expect([flat.shape, kept.shape]).toEqual([outer, [...outer, ...axes.map(() => 1)]]);
      for (const result of [flat, kept]) {
        const actual = await result.data();
        rows.forEach((row, i) => expect(Math.abs(actual[i] - expected(row))).toBeLessThan(2e-4));
      }
    }
  });

  test('softmax, and its gradient', async () => {
    const shape = [4, 9, 11];
    const values = Float32Array.from({ length: 4 * 9 * 11 }, () => 3 * random.normal());
    const weights = Float32Array.from({ length: 11 }, () => random.normal());
    const x = tensor(values, shape);
    const expected = rowsOf(values, 11).map(softmaxOf);
    const close = (actual: ArrayLike<number>, wanted: number[]) => wanted.forEach((value, i) => expect(Math.abs(actual[i] - value)).toBeLessThan(1e-5));
    close(await softmax(x, -1).data(), expected.flat());
    const gradient = tidy(() => grad((y) => sum(mul(softmax(y, -1), tensor(weights))))(x));
    // ∂/∂x_j Σ w_i p_i = p_j (w_j − Σ w_i p_i)
    const slope = (p: number[]) => p.map((pj, j) => pj * (weights[j] - p.reduce((total, pi, i) => total + weights[i] * pi, 0)));
    close(await gradient.data(), expected.flatMap(slope));
  });

  test('softmax of what has been ruled out, and of large numbers', async () => {
    const row = [1000, -1e9, 999, 1000 - 1e-3];
    const x = mul(ones([32, 4]), tensor(row));
    const actual = await softmax(x, -1).data();
    const expected = softmaxOf(row.map((value) => value - 1000));
    expected.forEach((value, i) => expect(Math.abs(actual[124 + i] - value)).toBeLessThan(1e-4));
  });
});
