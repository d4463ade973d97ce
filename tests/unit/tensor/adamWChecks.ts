import { add, cast, fill, memory, reshape, scalar, tensor, variable, type Scalar, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { AdamW, type AdamWOptions } from '../../../src/tensor/adamW';
import { RandomStream } from '../../../src/tensor/random';
import { ScalarAdamW } from './adamWReference';

const DEFAULTS: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, epsilonPlacement: 'pytorch', weightDecay: 0, maxGradNorm: null };
// More than one workgroup, more elements than threads, a scalar, odd sizes.
const SHAPES: [string, number[]][] = [
  ['matrix', [67, 131]],
  ['vector', [33]],
  ['one', [1]],
];

function variables(): Map<string, Variable> {
  const random = new RandomStream(1);
  return new Map(SHAPES.map(([name, shape]) => [name, variable(randomTensor(random, shape))]));
}

function randomTensor(random: RandomStream, shape: number[], scale = 1): Tensor {
  return tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * random.normal()), shape);
}

function gradientsOf(step: number, scale = 1): Map<string, Tensor> {
  const random = new RandomStream(100 + step);
  return new Map(SHAPES.map(([name, shape]) => [name, randomTensor(random, shape, scale)]));
}

async function valuesOf(tensors: ReadonlyMap<string, Tensor>): Promise<Map<string, number[]>> {
  return new Map(await Promise.all([...tensors].map(async ([name, t]): Promise<[string, number[]]> => [name, [...(await t.data())]])));
}

async function read(norm: Scalar): Promise<number> {
  const [value] = await norm.data();
  norm.dispose();
  return value;
}

/** The optimiser's contract, on whichever backend has been started. */
export function checkAdamW(): void {
  const cases: [string, Partial<AdamWOptions>, number][] = [
    ['ε as PyTorch has it', { epsilon: 0.05 }, 1],
    ['ε as TensorFlow 1 has it', { epsilon: 0.05, epsilonPlacement: 'tf1' }, 1],
    ['weight decay', { weightDecay: 0.1 }, 1],
    ['a norm over the limit', { maxGradNorm: 1, epsilon: 0.05 }, 1],
    ['a norm under the limit', { maxGradNorm: 1, epsilon: 0.001 }, 1e-3],
    ['no first moment', { beta1: 0 }, 1],
  ];
  test.each(cases)('follows the scalar formula: %s', async (_, options, scale) => {
    const settings = { ...DEFAULTS, ...options };
    const optimiser = new AdamW(settings);
    const reference = new ScalarAdamW(settings);
    const weights = variables();
    const expected = await valuesOf(weights);
    const start = structuredClone(expected);
    for (let step = 0; step < 6; step++) {
      const gradients = gradientsOf(step, scale);
      const norm = await read(optimiser.step(weights, gradients, 0.01 / (step + 1)));
      const expectedNorm = reference.step(expected, await valuesOf(gradients), 0.01 / (step + 1));
      expect(Math.abs(norm / expectedNorm - 1)).toBeLessThan(1e-5);
    }
    const actual = await valuesOf(weights);
    for (const [name, values] of expected) {
      const furthest = Math.max(...values.map((value, i) => Math.abs(value - actual.get(name)![i])));
      const moved = Math.max(...values.map((value, i) => Math.abs(value - start.get(name)![i])));
      expect(moved).toBeGreaterThan(1e-4);
      expect(furthest).toBeLessThan(2e-6);
    }
    expect(optimiser.stepCount).toBe(6);
  });

  test('a restored optimiser goes on as if it had never stopped', async () => {
    const settings = { ...DEFAULTS, weightDecay: 0.01, maxGradNorm: 5 };
    const run = async (interrupted: boolean) => {
      let optimiser = new AdamW(settings);
      const weights = variables();
      for (let step = 0; step < 5; step++) {
        if (interrupted && step === 3) {
          const state = await optimiser.state();
          expect(state.step).toBe(3);
          optimiser.dispose();
          optimiser = new AdamW(settings);
          optimiser.restore(structuredClone(state));
        }
        optimiser.step(weights, gradientsOf(step), 0.01).dispose();
      }
      return valuesOf(weights);
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test.each([NaN, Infinity])('a gradient of %s changes nothing, and is told', async (bad) => {
    const optimiser = new AdamW(DEFAULTS);
    const weights = variables();
    optimiser.step(weights, gradientsOf(0), 0.01).dispose();
    const before = [await valuesOf(weights), await optimiser.state()];
    const gradients = gradientsOf(1);
    gradients.set('vector', tensor(Float32Array.from({ length: 33 }, (_, i) => (i === 20 ? bad : 1))));
    expect(await read(optimiser.step(weights, gradients, 0.01))).toSatisfy((norm: number) => !Number.isFinite(norm));
    expect([await valuesOf(weights), await optimiser.state()]).toEqual(before);
  });

  test('a tensor that shares its buffer with a variable keeps its values', async () => {
    const weights = variables();
    const shared = reshape(weights.get('matrix')!, [67 * 131]);
    const before = [...(await shared.data())];
    new AdamW(DEFAULTS).step(weights, gradientsOf(0), 0.01).dispose();
    expect([...(await shared.data())]).toEqual(before);
    expect([...(await weights.get('matrix')!.data())]).not.toEqual(before);
  });

  test('takes weights and gradients that were cast from integers', async () => {
    const ones = (n: number) => cast(fill([n], 1, 'int32'), 'float32');
    const w = variable(ones(2000));
    new AdamW({ ...DEFAULTS, epsilon: 0 }).step(new Map([['w', w]]), new Map([['w', ones(2000)]]), 0.25).dispose();
    // The first step of Adam goes down by the learning rate whatever the gradient's size.
    for (const value of await w.data()) expect(value).toBeCloseTo(0.75, 5);
  });

  test('variables are as they should be when other operations stand before and after in the queue', async () => {
    const weights = new Map([['w', variable(tensor(new Float32Array(2000).fill(1)))]]);
    const w = weights.get('w')!;
    const optimiser = new AdamW({ ...DEFAULTS, beta1: 0, beta2: 0, epsilon: 0 });
    const before = add(w, scalar(1));
    // With β = 0 and ε = 0 a step goes down by the learning rate itself.
    optimiser.step(weights, new Map([['w', add(w, scalar(2))]]), 0.25).dispose();
    const after = add(w, scalar(1));
    optimiser.step(weights, new Map([['w', add(w, scalar(2))]]), 0.125).dispose();
    expect([(await before.data())[0], (await after.data())[1999], (await w.data())[1999]].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([2, 1.75, 0.625]);
  });

  test('keeps no tensor but its moments, and none once disposed', async () => {
    const weights = variables();
    const optimiser = new AdamW(DEFAULTS);
    const gradients = gradientsOf(0);
    const start = memory().numTensors;
    optimiser.step(weights, gradients, 0.01).dispose();
    const afterOne = memory().numTensors;
    for (let i = 0; i < 3; i++) optimiser.step(weights, gradients, 0.01).dispose();
    expect(memory().numTensors).toBe(afterOne);
    optimiser.dispose();
    expect(memory().numTensors).toBe(start);
  });

  test('refuses moments of another shape', () => {
    const optimiser = new AdamW(DEFAULTS);
    optimiser.restore({ step: 1, moments: new Map([['vector', { first: new Float32Array(5), second: new Float32Array(5) }]]) });
    expect(() => optimiser.step(variables(), gradientsOf(0), 0.01)).toThrow(/vector/);
  });
}
