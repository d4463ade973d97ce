import { grad, matMul, mul, softmax, sub, sum, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';

/**
 * Whether this device differentiates: the gradient of Σ softmax(x·w)·(x·w) with
 * respect to x against central differences of the same function. Some drivers
 * return zero gradients without an error (tfjs #8590), and training on them looks like a model that doesn't learn.
 */
export async function gradientsAreSound(): Promise<boolean> {
  const [rows, columns] = [8, 8];
  const step = 1e-2;
  const point = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i + 1));
  const weights = Float32Array.from({ length: columns * columns }, (_, i) => Math.cos(3 * i) / 4);
  const w = tensor2d(weights, [columns, columns]);
  const f = (x: Tensor2D) => {
    const y = matMul(x, w);
    return sum(mul(softmax(y, -1), y));
  };
  const at = (index: number, shift: number) => {
    const moved = point.slice();
    moved[index] += shift;
    return f(tensor2d(moved, [rows, columns]));
  };
  const probes = [0, 19, 62];
  const slopes = tidy(() => probes.map((i) => mul(sub(at(i, step), at(i, -step)), 1 / (2 * step))));
  const gradient = tidy(() => grad((x) => f(x as Tensor2D))(tensor2d(point, [rows, columns])));
  const computed = await gradient.data();
  const expected = await Promise.all(slopes.map(async (slope) => (await slope.data())[0]));
  for (const tensor of [w, gradient, ...slopes]) tensor.dispose();
  return probes.every((i, k) => Math.abs(expected[k]) > 1e-3 && Math.abs(computed[i] - expected[k]) < 0.02);
}
