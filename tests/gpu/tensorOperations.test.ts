import { add, grads, mul, scalar, sum, tensor, tensor1d, tensor2d, tidy, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { causalAttention } from '../../src/tensor/attention';
import { startBackend } from '../../src/tensor/backend';
import { clippedSquaredError } from '../../src/tensor/clippedSquaredError';
import { clippedSurrogate } from '../../src/tensor/clippedSurrogate';
import { embedding } from '../../src/tensor/embedding';
import { linear } from '../../src/tensor/linear';
import { adaptedLinear } from '../../src/tensor/lowRank';
import { layerNorm, rmsNorm } from '../../src/tensor/norms';
import { patches } from '../../src/tensor/patches';
import { RandomStream } from '../../src/tensor/random';
import { rotate } from '../../src/tensor/rotary';
import { blockDiagonal, stackRows } from '../../src/tensor/stack';
import { swiGlu } from '../../src/tensor/swiGlu';
import { tokenDistribution } from '../../src/tensor/tokenDistribution';
import { canUse, chooseVariants, variants, type Variants } from '../../src/tensor/variants';
import { startWebGpu } from './startWebGpu';

/*
 * Every operation of ours, and every gradient of it, three ways: on WebGPU in
 * each variant, on the CPU backend by tfjs's own operations, and by differences of its values.
 */

interface Case {
  name: string;
  shapes: number[][];
  operation: (...inputs: never[]) => Tensor;
}

const cases: Case[] = [];
const check = (name: string, shapes: number[][], operation: Case['operation']) => cases.push({ name: `${name} ${JSON.stringify(shapes)}`, shapes, operation });

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const normals = (seed: number, shape: readonly number[]) => {
  const random = new RandomStream(seed);
  return tensor(Float32Array.from({ length: size(shape) }, () => random.normal()), [...shape]);
};

// A single number, odd sizes, sizes below, at and above the tiles.
for (const [M, N, K] of [[1, 1, 1], [1, 9, 17], [5, 7, 3], [32, 64, 16], [33, 30, 66], [200, 70, 40]]) {
  check('linear', [[M, K], [N, K]], (x: Tensor2D, w: Tensor2D) => linear(x, w));
  check('linear with bias, GELU and residual', [[M, K], [N, K], [N], [M, N]], (x: Tensor2D, w: Tensor2D, bias: Tensor1D, residual: Tensor2D) =>
    linear(x, w, { bias, residual, activation: 'gelu' }),
  );
}
for (const [M, N, K, R] of [[1, 1, 1, 1], [5, 7, 3, 2], [33, 30, 66, 8], [70, 64, 40, 5]]) {
  check('adapted linear', [[M, K], [N, K], [R, K], [N, R]], (x: Tensor2D, w: Tensor2D, down: Tensor2D, up: Tensor2D) => adaptedLinear(x, w, { down, up, scale: scalar(0.7) }));
  check('adapted linear with residual', [[M, K], [N, K], [R, K], [N, R], [M, N]], (x: Tensor2D, w: Tensor2D, down: Tensor2D, up: Tensor2D, residual: Tensor2D) =>
    adaptedLinear(x, w, { down, up, scale: scalar(0.7) }, residual),
  );
}
for (const [N, D] of [[1, 2], [7, 5], [65, 33], [130, 64]]) {
  const tokens = () => tensor1d(Array.from({ length: N }, (_, i) => (i * 7 + (i >> 2)) % D), 'int32');
  check('RMSNorm', [[N, D], [D]], (x: Tensor2D, w: Tensor1D) => rmsNorm(x, w, 1e-5));
  check('LayerNorm', [[N, D], [D], [D]], (x: Tensor2D, w: Tensor1D, b: Tensor1D) => layerNorm(x, w, b, 1e-2));
  check('SwiGLU', [[N, 2 * D]], (gateUp: Tensor2D) => swiGlu(gateUp));
  check('rows of several matrices', [[N, D], [1, D], [D, D]], (...matrices: Tensor2D[]) => stackRows(matrices));
  check('blocks along a diagonal', [[N, D], [2, 1], [1, N]], (...matrices: Tensor2D[]) => blockDiagonal(matrices));
  check('log-probability', [[N, D]], (x: Tensor2D) => tokenDistribution(x, tokens()).logProbs);
  check('entropy', [[N, D]], (x: Tensor2D) => tokenDistribution(x, tokens()).entropy);
  check('log-probability and entropy', [[N, D]], (x: Tensor2D) => {
    const { logProbs, entropy } = tokenDistribution(x, tokens());
    return add(logProbs, mul(0.3, entropy));
  });
  check('embedding', [[D, 3]], (table: Tensor2D) => embedding(table, tokens()));
}
for (const [B, T, H, S] of [[1, 1, 1, 2], [2, 7, 3, 4], [3, 10, 2, 16], [2, 40, 4, 8]]) {
  const D = H * S;
  // Padding on the left, a hole, and in the last row nothing real at the beginning.
  const mask = () => tensor2d(Float32Array.from({ length: B * T }, (_, i) => Number(T < 5 || (i % T >= Math.floor(i / T) * 2 && i % T !== 5))), [B, T]);
  check(`attention of ${H} heads over ${T}`, [[B * T, 3 * D]], (qkv: Tensor2D) => causalAttention(qkv, mask(), { batch: B, heads: H }));
  const angles = () => ({ cos: normals(91, [B * T, S / 2]) as Tensor2D, sin: normals(92, [B * T, S / 2]) as Tensor2D });
  check(`rotary positions of ${H} heads`, [[B * T, D]], (x: Tensor2D) => rotate(x, angles()));
  check(`rotary positions of ${H} heads, values beside them`, [[B * T, 3 * D]], (qkv: Tensor2D) => rotate(qkv, angles(), 2 * D));
}

// Windows that reach over every edge, of one pixel and of several, that overlap and that leave pixels out.
for (const [shape, size, stride] of [[[1, 1, 1, 1], 3, 2], [[2, 5, 4, 3], 3, 2], [[3, 6, 6, 4], 3, 1], [[1, 7, 5, 2], 5, 2], [[2, 7, 4, 1], 1, 3]] as const)
  check(`patches of ${size} at every ${stride}`, [[...shape]], (x: Tensor4D) => patches(x, { size, stride }));

const ratios = (N: number, T: number) => {
  const flat = (seed: number) => normals(seed, [N, T]) as Tensor2D;
  const mask = () => tensor2d(Float32Array.from({ length: N * T }, (_, i) => Number(i % T < 1 + (i % 7))), [N, T]);
  check('clipped surrogate', [[N, T]], (x: Tensor2D) => clippedSurrogate(mul(x, 0.3), mul(flat(31), 0.3), flat(32), mask(), 0.2, N * T + 1).loss);
  check('clipped squared error', [[N, T]], (x: Tensor2D) => clippedSquaredError(mul(x, 0.3), mul(flat(33), 0.3), flat(34), mask(), 0.2, N * T + 1).loss);
};
ratios(1, 1);
ratios(3, 4);
ratios(33, 24);

const weighted = ({ operation }: Case, weights: Tensor) => (...inputs: Tensor[]) => sum(mul(operation(...(inputs as never[])), weights));

/** The value, and the gradients of a random weighting of it, read back. */
async function compute(one: Case): Promise<Float32Array[]> {
  const all = tidy(() => {
    const inputs = one.shapes.map((shape, i) => normals(i + 1, shape));
    const value = one.operation(...(inputs as never[]));
    return [value, ...grads(weighted(one, normals(77, value.shape)))(inputs)];
  });
  const read = await Promise.all(all.map(async (one) => Float32Array.from(await one.data())));
  all.forEach((one) => one.dispose());
  return read;
}

/** For each input, the slope of the weighted value along a random direction: from the gradient, and from two values. */
async function slopes(one: Case): Promise<[number, number][]> {
  const step = 2e-2;
  const pairs = tidy(() => {
    const inputs = one.shapes.map((shape, i) => normals(i + 1, shape));
    const f = weighted(one, normals(77, one.operation(...(inputs as never[])).shape));
    const gradients = grads(f)(inputs);
    return inputs.map((input, i) => {
      // Of length 1, whatever the size, so that the third derivative stays small beside the first.
      const direction = mul(normals(55 + i, input.shape), 1 / Math.sqrt(input.size));
      const moved = (by: number) => f(...inputs.map((other, j) => (j === i ? add(other, mul(direction, by)) : other)));
      return [sum(mul(gradients[i], direction)), mul(add(moved(step), mul(-1, moved(-step))), 1 / (2 * step))];
    });
  });
  return Promise.all(pairs.map(async ([a, b]) => [(await a.data())[0], (await b.data())[0]] as [number, number]));
}

describe('our operations', () => {
  const onCpu = new Map<string, Float32Array[]>();
  let own: Variants;
  beforeAll(async () => {
    await startBackend({ prefer: 'cpu' });
    for (const one of cases) onCpu.set(one.name, await compute(one));
    await startWebGpu();
    own = variants();
    // On the software adapter every variant can be run, whichever was found fastest.
    expect(canUse({ product: 'quads', rowThreads: 1 })).toBe(true);
  });
  afterAll(() => chooseVariants(own));

  const VARIANTS: Variants[] = [
    { product: 'quads', rowThreads: 1 },
    { product: 'tiles', rowThreads: 32 },
  ];
  describe.each(VARIANTS)('as $product with $rowThreads threads a row', (choice) => {
    beforeAll(() => chooseVariants(choice));

    it.each(cases)('agree with the CPU backend: $name', async (one) => {
      const actual = await compute(one);
      onCpu.get(one.name)!.forEach((expected, i) => {
        const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
        const furthest = expected.reduce((most, value, j) => Math.max(most, Math.abs(value - actual[i][j])), 0);
        expect(actual[i].length).toBe(expected.length);
        expect(furthest / scale).toBeLessThan(2e-5);
      });
    });
  });

  it.each(cases)('have the gradients that differences give: $name', async (one) => {
    chooseVariants(own);
    for (const [gradient, difference] of await slopes(one)) expect(Math.abs(gradient - difference)).toBeLessThan(0.02 * (1 + Math.abs(difference)));
  });
});
