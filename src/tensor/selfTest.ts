import { add, concat, dispose, eye, grads, mul, reshape, sum, tensor, tensor1d, tensor2d, tidy, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { causalAttention } from './attention';
import { embedding } from './embedding';
import { linear } from './linear';
import { rmsNorm } from './norms';
import { anglesOf, rotate } from './rotary';
import { stackRows } from './stack';
import { swiGlu } from './swiGlu';
import { tokenDistribution } from './tokenDistribution';

/*
 * Before anything is trained on a device, a tiny transformer layer runs there
 * once, forward and backward, through every operation of ours, and must give
 * what the CPU gives. Some drivers return zeros without an error (tfjs #8590),
 * and training on them looks like a model that doesn't learn.
 */

/** What {@link fingerprint} is on the CPU backend; a test keeps it so. */
export const EXPECTED: readonly number[] = [-49.09, -14.27, 11.05, -2.6, -1.78, -21.05, -33.83, 26.36];

/** Whether this device computes and differentiates as the CPU does. */
export async function deviceIsSound(): Promise<boolean> {
  const found = await fingerprint();
  return found.length === EXPECTED.length && EXPECTED.every((value, i) => Math.abs(found[i] - value) < 0.02);
}

const [B, T, D, V] = [2, 3, 8, 8];

const wave = (shape: number[], frequency: number) => tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(frequency * (i + 1))), shape);

/** The value of a loss, and of each gradient one weighted sum, in which a wrong element shows. */
export async function fingerprint(): Promise<Float32Array> {
  const all = tidy(() => {
    // The first position is padding; a token occurs twice; matrices are large enough that no part is near zero.
    const ids = tensor1d([3, 1, 4, 1, 5, 7], 'int32');
    const mask = tensor2d([0, 1, 1, 1, 1, 1], [B, T]);
    const angles = anglesOf(mask, { cos: tensor2d([1, 1, 0.5, 0.9, -0.4, 0.7], [T, 2]), sin: tensor2d([0, 0, 0.8, 0.1, 0.9, 0.2], [T, 2]) });
    const identity = eye(D);
    const loss = (...parameters: Tensor[]) => {
      const [table, norm, q, k, v, o, gate] = parameters as [Tensor2D, Tensor1D, ...Tensor2D[]];
      const x = embedding(table, ids);
      const normed = rmsNorm(x, norm, 1e-5);
      const qkv = rotate(linear(normed, stackRows([q, k, v])), angles, 2 * D);
      const mixed = causalAttention(qkv, mask, { batch: B, heads: 2 });
      const middle = linear(mixed, o, { residual: x });
      const logits = linear(swiGlu(linear(middle, stackRows([gate, identity]))), table);
      const { logProbs, entropy } = tokenDistribution(logits, ids);
      return sum(add(logProbs, mul(0.3, entropy)));
    };
    const matrix = (frequency: number) => mul(1.3, wave([D, D], frequency));
    const parameters = [wave([V, D], 0.7), add(1, mul(0.2, wave([D], 1.3))), ...[2.1, 3.2, 0.9, 1.7, 2.6].map(matrix)];
    const gradients = grads(loss)(parameters).map((gradient, i) => sum(mul(gradient, wave(gradient.shape, 1.1 + i / 10))));
    return concat([loss(...parameters), ...gradients].map((one) => reshape(one, [1])));
  });
  const values = (await all.data()) as Float32Array;
  dispose(all);
  return values;
}
