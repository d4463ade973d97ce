import { conv2d, grads, mul, pad, reshape, sum, tensor, transpose, type Tensor, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../../../src/tensor/backend';
import { linear } from '../../../src/tensor/linear';
import { patches } from '../../../src/tensor/patches';
import { RandomStream } from '../../../src/tensor/random';

/*
 * Patches times a matrix against tfjs's own convolution of the padded image,
 * which knows nothing of either; values and gradients.
 */

beforeAll(async () => void (await startBackend({ prefer: 'cpu' })));

const normals = (seed: number, shape: number[]) => {
  const random = new RandomStream(seed);
  return tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()), shape);
};

describe.each([
  { N: 1, H: 4, W: 4, C: 1, size: 3, stride: 2, out: 1 },
  { N: 3, H: 5, W: 8, C: 3, size: 3, stride: 2, out: 4 },
  { N: 2, H: 6, W: 5, C: 2, size: 3, stride: 1, out: 3 },
  { N: 2, H: 7, W: 7, C: 2, size: 5, stride: 3, out: 2 },
])('$size × $size at every $stride of $H × $W', ({ N, H, W, C, size, stride, out }) => {
  const inputs = () => [normals(1, [N, H, W, C]), normals(2, [out, size * size * C])];
  const before = (size - 1) / 2;
  const ours = (x: Tensor, w: Tensor) => reshape(linear(patches(x as Tensor4D, { size, stride }), w as Tensor2D), [N, Math.ceil(H / stride), Math.ceil(W / stride), out]);
  const theirs = (x: Tensor, w: Tensor) => {
    const padded = pad(x, [[0, 0], [before, before], [before, before], [0, 0]]) as Tensor4D;
    return conv2d(padded, transpose(reshape(w, [out, size, size, C]), [1, 2, 3, 0]) as Tensor4D, stride, 'valid');
  };

  it('times a matrix is the convolution, and has its gradients', async () => {
    const [a, b] = [ours, theirs].map((f) => f(...(inputs() as [Tensor, Tensor])));
    expect(a.shape).toEqual(b.shape);
    const weights = normals(3, a.shape);
    const read = async (f: typeof ours) => {
      const all = [f(...(inputs() as [Tensor, Tensor])), ...grads((x: Tensor, w: Tensor) => sum(mul(f(x, w), weights)))(inputs())];
      return Promise.all(all.map(async (one) => Array.from(await one.data())));
    };
    const [found, expected] = [await read(ours), await read(theirs as typeof ours)];
    expected.forEach((numbers, i) => numbers.forEach((number, j) => expect(found[i][j]).toBeCloseTo(number, 4)));
  });
});
