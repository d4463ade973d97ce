import { div, mul, neg, reshape, slice, sum, tensor1d, tensor2d, tidy, variableGrads, type Scalar, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { readModelConfig } from '../../src/model/config';
import { tokenLogProbs } from '../../src/model/logProbs';
import { toParameters, toWeights, type Parameters, type Weights } from '../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../src/model/transformer';
import { AdamW } from '../../src/tensor/adamW';
import { startBackend, type BackendName } from '../../src/tensor/backend';
import fixture from './fixtures/parity.json';

/*
 * The lab's model against its PyTorch twin, on any backend; the fixture is
 * what tests/reference/fixtures.py left.
 */

const config = readModelConfig(fixture.config);
const [B, W] = [fixture.ids.length, fixture.ids[0].length];

function unpack({ shape, data }: { shape: number[]; data: string }): { shape: number[]; data: Float32Array } {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  return { shape, data: new Float32Array(bytes.buffer) };
}

const unpackAll = (tensors: Record<string, { shape: number[]; data: string }>): Weights =>
  new Map(Object.entries(tensors).map(([name, packed]) => [name, unpack(packed)]));

const ids = () => tensor2d(fixture.ids, [B, W], 'int32');
const mask = () => tensor2d(fixture.mask, [B, W], 'float32');

function logits(parameters: Parameters): Tensor2D {
  const hidden = hiddenStates(parameters, config, ids(), mask());
  return nextTokenLogits(parameters, reshape(hidden, [B * W, config.hidden_size]));
}

/** The mean, over every real token that follows a real token, of −log p. */
function loss(parameters: Parameters): Scalar {
  const rows = [...Array(B).keys()].flatMap((row) => [...Array(W - 1).keys()].map((t) => [row, t]));
  const targets = tensor1d(rows.map(([row, t]) => fixture.ids[row][t + 1]), 'int32');
  const counted = tensor1d(rows.map(([row, t]) => fixture.mask[row][t] * fixture.mask[row][t + 1]));
  const before = reshape(slice(reshape(logits(parameters), [B, W, config.vocab_size]), [0, 0, 0], [B, W - 1, config.vocab_size]), [B * (W - 1), config.vocab_size]);
  return neg(div(sum(mul(tokenLogProbs(before as Tensor2D, targets as Tensor1D), counted)), sum(counted))) as Scalar;
}

/** The largest difference between two lists, over the largest size in the second. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  // NaN compares false with everything, so it must not pass for a small difference.
  return Array.from(actual).every(Number.isFinite) && actual.length === expected.length ? difference / size : Infinity;
}

/** The tests; in Node the wasm backend needs the address of tfjs's binaries. */
export function describeParity(backend: BackendName, wasmFolder?: string): void {
  describe(`the model on ${backend} is its PyTorch twin`, { timeout: 60_000 }, () => {
    beforeAll(async () => {
      await startBackend({ prefer: backend, wasmFolder });
    }, 60_000);

    it('in its logits, under padding on both sides', async () => {
      const parameters = toParameters(unpackAll(fixture.weights));
      const actual = await tidy(() => logits(parameters)).data();
      const expected = unpack(fixture.logits).data;
      const real = fixture.mask.flat().flatMap((on, position) => (on ? [position] : []));
      expect(real.length).toBeGreaterThan(20);
      for (const position of real)
        for (let v = position * config.vocab_size; v < (position + 1) * config.vocab_size; v++)
          expect(Math.abs(actual[v] - expected[v])).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected[v])));
    });

    it('in the gradient of a cross-entropy by every parameter', async () => {
      const parameters = toParameters(unpackAll(fixture.weights));
      const { value, grads } = variableGrads(() => loss(parameters), [...parameters.values()]);
      expect((await value.data())[0]).toBeCloseTo(fixture.losses[0], 4);
      const expected = unpackAll(fixture.gradients);
      expect([...expected.keys()]).toEqual([...parameters.keys()]);
      for (const [name, parameter] of parameters)
        expect(relativeError(await grads[parameter.name].data(), expected.get(name)!.data), name).toBeLessThan(1e-3);
    });

    it('in its weights after three clipped AdamW steps', async () => {
      const parameters = toParameters(unpackAll(fixture.weights));
      const { learning_rate, beta1, beta2, epsilon, weight_decay: weightDecay, max_grad_norm: maxGradNorm } = fixture.optimiser;
      const adam = new AdamW({ beta1, beta2, epsilon, epsilonPlacement: 'pytorch', weightDecay, maxGradNorm });
      for (const [step, expected] of fixture.losses.entries()) {
        const { value, grads } = variableGrads(() => loss(parameters), [...parameters.values()]);
        const named = new Map([...parameters].map(([name, parameter]) => [name, grads[parameter.name]]));
        const norm = adam.step(parameters, named, learning_rate);
        expect((await value.data())[0] / expected).toBeCloseTo(1, 3);
        expect((await norm.data())[0] / fixture.gradient_norms[step]).toBeCloseTo(1, 3);
      }
      const before = unpackAll(fixture.weights);
      const after = await toWeights(parameters);
      for (const [name, { data: expected }] of unpackAll(fixture.weights_after)) {
        const start = before.get(name)!.data;
        const moved = (values: Float32Array) => values.map((value, i) => value - start[i]);
        expect(relativeError(moved(after.get(name)!.data), moved(expected)), name).toBeLessThan(5e-3);
      }
    });
  });
}
