import { add, cast, grads, matMul, mul, sum, tensor, tidy, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/tensor/random';
import { startWebGpu } from './startWebGpu';

const random = new RandomStream(1);
const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);
const normals = (shape: number[]) => Float32Array.from({ length: size(shape) }, () => random.normal());

/** The product in double precision, one number at a time, with every dimension before the last two broadcast. */
function product(a: ArrayLike<number>, aShape: number[], b: ArrayLike<number>, bShape: number[], transposeA: boolean, transposeB: boolean): number[] {
  const [M, K] = transposeA ? aShape.slice(-2).reverse() : aShape.slice(-2);
  const N = bShape.at(transposeB ? -2 : -1)!;
  const rank = Math.max(aShape.length, bShape.length) - 2;
  const pad = (shape: number[]) => [...new Array<number>(rank + 2 - shape.length).fill(1), ...shape].slice(0, -2);
  const [aOuter, bOuter] = [pad(aShape), pad(bShape)];
  const outer = aOuter.map((n, i) => Math.max(n, bOuter[i]));
  const out: number[] = [];
  for (let flat = 0; flat < size(outer); flat++) {
    let [ia, ib, rest] = [0, 0, size(outer)];
    for (let i = 0; i < rank; i++) {
      rest /= outer[i];
      const at = Math.floor(flat / rest) % outer[i];
      ia = ia * aOuter[i] + (aOuter[i] === 1 ? 0 : at);
      ib = ib * bOuter[i] + (bOuter[i] === 1 ? 0 : at);
    }
    for (let m = 0; m < M; m++)
      for (let n = 0; n < N; n++) {
        let dot = 0;
        for (let k = 0; k < K; k++) dot += a[ia * M * K + (transposeA ? k * M + m : m * K + k)] * b[ib * K * N + (transposeB ? n * K + k : k * N + n)];
        out.push(dot);
      }
  }
  return out;
}

const furthest = (actual: ArrayLike<number>, expected: number[]) => Math.max(...expected.map((value, i) => Math.abs(value - actual[i])));

const TRANSPOSES = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

describe('the matrix product on WebGPU', () => {
  beforeAll(async () => void (await startWebGpu()));

  // Every alignment of each dimension to 4, edges of the tiles, tall, flat, a single number; M, N, K.
  const sizes = [[1, 1, 1], [3, 5, 7], [68, 8, 12], [66, 20, 8], [67, 17, 33], [4, 6, 8], [8, 4, 5], [1, 64, 20]];
  test.each(TRANSPOSES)('is the sum of products (transposeA %s, transposeB %s)', async (transposeA, transposeB) => {
    for (const [M, N, K] of sizes) {
      const shapes = [transposeA ? [K, M] : [M, K], transposeB ? [N, K] : [K, N]];
      const [a, b] = shapes.map(normals);
      const result = tidy(() => matMul(tensor(a, shapes[0]), tensor(b, shapes[1]), transposeA, transposeB));
      expect(result.shape).toEqual([M, N]);
      expect(furthest(await result.data(), product(a, shapes[0], b, shapes[1], transposeA, transposeB))).toBeLessThan(2e-5);
    }
  });

  // Outer dimensions of a and b: equal, one matrix for all, repeated in one dimension only, of unequal rank.
  const outers = [[[3], [3]], [[2, 3], [2, 3]], [[2, 3], []], [[], [4]], [[2, 1], [2, 3]], [[3, 1], [1, 3]], [[3], [2, 1]]];
  test.each(TRANSPOSES)('broadcasts batches (transposeA %s, transposeB %s)', async (transposeA, transposeB) => {
    for (const [outerA, outerB] of outers) {
      const [M, N, K] = [5, 4, 6];
      const shapes = [[...outerA, ...(transposeA ? [K, M] : [M, K])], [...outerB, ...(transposeB ? [N, K] : [K, N])]];
      const [a, b] = shapes.map(normals);
      const result = tidy(() => matMul(tensor(a, shapes[0]), tensor(b, shapes[1]), transposeA, transposeB));
      const expected = product(a, shapes[0], b, shapes[1], transposeA, transposeB);
      expect(result.size).toBe(expected.length);
      expect(furthest(await result.data(), expected)).toBeLessThan(1e-5);
    }
  });

  test.each(TRANSPOSES)('has the gradients that finite differences give (transposeA %s, transposeB %s)', async (transposeA, transposeB) => {
    const [M, N, K] = [9, 6, 13];
    const shapes = [transposeA ? [K, M] : [M, K], transposeB ? [N, K] : [K, N]];
    const weights = normals([M, N]);
    const values = shapes.map(normals);
    const f = (a: Tensor, b: Tensor) => sum(mul(matMul(a, b, transposeA, transposeB), tensor(weights, [M, N])));
    const gradients = tidy(() => grads(f)(values.map((value, i) => tensor(value, shapes[i]))));
    const at = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      product(a, shapes[0], b, shapes[1], transposeA, transposeB).reduce((total, value, i) => total + value * weights[i], 0);
    for (const operand of [0, 1]) {
      // f is linear in each operand, so that a difference quotient of any step is the derivative.
      const expected = Array.from(values[operand], (_, i) => {
        const shifted = [-1, 1].map((step) => values.map((value, k) => (k === operand ? value.map((x, j) => (j === i ? x + step : x)) : value)));
        return (at(shifted[1][0], shifted[1][1]) - at(shifted[0][0], shifted[0][1])) / 2;
      });
      expect(furthest(await gradients[operand].data(), expected)).toBeLessThan(2e-5);
    }
  });

  test.each(TRANSPOSES)('reads operands that were cast from integers (transposeA %s, transposeB %s)', async (transposeA, transposeB) => {
    for (const [M, N, K] of [[8, 4, 12], [3, 5, 7]]) {
      const shapes = [transposeA ? [K, M] : [M, K], transposeB ? [N, K] : [K, N]];
      const whole = shapes.map((shape) => Int32Array.from({ length: size(shape) }, () => random.integer(9) - 4));
      // Computed on the device first, so that it is a buffer there that the cast leaves as it is.
      const [a, b] = whole.map((values, i) => cast(add(tensor(values, shapes[i], 'int32'), zeros(shapes[i], 'int32')), 'float32'));
      const expected = product(whole[0], shapes[0], whole[1], shapes[1], transposeA, transposeB);
      expect([...(await matMul(a, b, transposeA, transposeB).data())]).toEqual(expected);
      expect([...(await matMul(a, tensor(Float32Array.from(whole[1]), shapes[1]), transposeA, transposeB).data())]).toEqual(expected);
    }
  });

  test('adds a long inner dimension up in the same order each time', async () => {
    const [a, b] = [tensor(normals([2100, 12]), [2100, 12]), tensor(normals([2100, 20]), [2100, 20])];
    const once = async () => [...(await matMul(a, b, true, false).data())];
    const first = await once();
    for (let i = 0; i < 4; i++) expect(await once()).toEqual(first);
  });
});
