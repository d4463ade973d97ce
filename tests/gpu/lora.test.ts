import { add, dispose, mul, reshape, sum, tensor1d, tensor2d, tidy, variableGrads, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { layOut } from '../../src/model/batch';
import type { ModelConfig } from '../../src/model/config';
import { CachedDecoder } from '../../src/model/decoding';
import { responseLogProbs } from '../../src/model/logProbs';
import { initAdapter } from '../../src/model/lora';
import { disposeParameters, initWeights, toParameters, toWeights, type Parameters, type Weights } from '../../src/model/parameters';
import { initValueHead } from '../../src/model/scalarHead';
import { hiddenStates, nextTokenLogits } from '../../src/model/transformer';
import { referenceParameters, trainedOf, trainedShapes, tunedParameters, tunedWeights } from '../../src/model/tuning';
import { TUNE_ALL, type Tuning } from '../../src/model/tuningSettings';
import { PpoTrainer } from '../../src/rl/ppo';
import { AdamW } from '../../src/tensor/adamW';
import { dispatchCount, gpuBytes } from '../../src/tensor/backend';
import { RandomStream } from '../../src/tensor/random';
import { chooseVariants, variants } from '../../src/tensor/variants';
import { randomPrompts, sharpWeights, TINY } from '../unit/model/tinyModel';
import { PROMPTS as TEXTS, tinyModel, TINY_PPO, vowels } from '../unit/rl/tinyWorld';
import { startWebGpu } from './startWebGpu';

const LORA: Tuning = { ...TUNE_ALL, what: 'lora', rank: 3, alpha: 5 };
const LAST: Tuning = { ...TUNE_ALL, what: 'last', layers: 1 };
const HEAD: Tuning = { ...TUNE_ALL, what: 'head' };
const PROMPTS = randomPrompts(new RandomStream(5), 4, 9);
const RESPONSES = [[4, 9, 1], [8, 2, 30, 11, 6, 1], [7], [3, 3, 5, 12, 20, 21]];

const startOf = (config: ModelConfig): Weights => new Map([...sharpWeights(config, 1), ...initValueHead(config.hidden_size)]);
const START = startOf(TINY);
const tune = (tuning: Tuning, config = TINY, start = START) => tunedParameters(start, config, tuning, 'value', new RandomStream(2));

function batch() {
  const { ids, mask, B, P, T } = layOut(PROMPTS, RESPONSES, TINY.pad_token_id);
  return { ids: tensor2d(ids, [B, P + T], 'int32'), mask: tensor2d(mask, [B, P + T]), promptLength: P, responseLength: T };
}

/** Hidden states and logits of a full pass, and the cached decoder's logits of three steps. */
async function said(parameters: Parameters): Promise<number[][]> {
  const full = tidy(() => {
    const { ids, mask } = batch();
    const hidden = hiddenStates(parameters, TINY, ids, mask);
    return [hidden, nextTokenLogits(parameters, reshape(hidden, [ids.size, TINY.hidden_size]))] as Tensor[];
  });
  const decoder = new CachedDecoder(parameters, TINY, PROMPTS, 10, 3);
  const read = await Promise.all(full.map(async (one) => [...(await one.data())]));
  read.push([...(await decoder.logits.data())]);
  for (let step = 0; step < 2; step++) {
    const tokens = tensor1d(PROMPTS.map((_, row) => 2 + 5 * step + row), 'int32');
    decoder.advance(tokens);
    tokens.dispose();
    read.push([...(await decoder.logits.data())]);
  }
  decoder.dispose();
  dispose(full);
  return read;
}

const loss = (parameters: Parameters, config: ModelConfig) => () => {
  const { logProbs, hidden } = responseLogProbs(parameters, config, batch(), 0.9);
  return mul(-0.1, add(sum(logProbs), mul(0.01, sum(hidden)))) as Scalar;
};

/** Five steps of AdamW on whatever is trained. */
async function train(parameters: Parameters): Promise<Map<string, unknown>> {
  const adam = new AdamW({ beta1: 0.9, beta2: 0.999, epsilon: 1e-5, epsilonPlacement: 'pytorch', weightDecay: 0, maxGradNorm: 1 });
  const trained = trainedOf(parameters);
  for (let step = 0; step < 5; step++) {
    const { value, grads } = tidy(() => variableGrads(loss(parameters, TINY), [...trained.values()]));
    const gradients = new Map([...trained].flatMap(([name, { name: id }]) => (grads[id] ? [[name, grads[id]] as const] : [])));
    dispose([value, adam.step(trained, gradients, 0.02), ...gradients.values()]);
  }
  const { moments } = await adam.state();
  adam.dispose();
  return moments;
}

beforeAll(async () => {
  await startWebGpu();
});

describe('an adapter on WebGPU', () => {
  it.each([{ product: 'quads', rowThreads: 1 }, { product: 'tiles', rowThreads: 32 }] as const)('with B = 0 is the base model, bit for bit: $product', async (choice) => {
    const own = variants();
    chooseVariants(choice);
    const [base, tuned] = [toParameters(START), tune(LORA)];
    expect(await said(tuned)).toEqual(await said(base));
    disposeParameters(base);
    disposeParameters(tuned);
    chooseVariants(own);
  });

  it('trained: taken off it leaves the base bit for bit, merged it says the same, and nothing frozen has moments', async () => {
    const tuned = tune(LORA);
    const reference = referenceParameters(tuned, START);
    const moments = await train(tuned);
    expect([...moments.keys()].sort()).toEqual([...trainedShapes(TINY, LORA, 'value').keys()].filter((name) => !name.startsWith('value.')).sort());
    const base = toParameters(START);
    const [off, before, now] = [await said(reference), await said(base), await said(tuned)];
    expect(off).toEqual(before);
    const farthest = (a: number[][], b: number[][]) => Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i][j]))));
    expect(farthest(now, before)).toBeGreaterThan(0.1);
    const merged = toParameters(tunedWeights(START, await toWeights(trainedOf(tuned)), LORA));
    expect(farthest(now, await said(merged))).toBeLessThan(1e-4);
    for (const parameters of [tuned, reference, base, merged]) disposeParameters(parameters);
  });
});

describe('what is frozen costs no gradient launch', () => {
  /** Launches of the gradients, those of the value not counted. */
  function gradientLaunches(parameters: Parameters, config = TINY): number {
    const launches = (work: () => void) => {
      const before = dispatchCount();
      work();
      return dispatchCount() - before;
    };
    const forward = launches(() => tidy(() => void loss(parameters, config)()));
    const both = launches(() => tidy(() => void variableGrads(loss(parameters, config), [...parameters.values()])));
    disposeParameters(parameters);
    return both - forward;
  }

  it('nor does any layer below those that are trained', () => {
    const deep = { ...TINY, num_hidden_layers: 4 };
    for (const tuning of [LAST, HEAD]) expect(gradientLaunches(tune(tuning, deep, startOf(deep)), deep)).toBe(gradientLaunches(tune(tuning)));
    const [all, last, head] = [TUNE_ALL, LAST, HEAD].map((tuning) => gradientLaunches(tune(tuning)));
    expect(last).toBeLessThan(0.6 * all);
    expect(head).toBeLessThan(0.3 * all);
  });

  it('nor a matrix under an adapter', () => {
    const whole = toParameters(new Map([...START, ...initAdapter(TINY, LORA, new RandomStream(2))]), (name) => name !== 'lora.scaling');
    const saved = gradientLaunches(whole) - gradientLaunches(tune(LORA));
    const L = TINY.num_hidden_layers;
    // One for each product and norm; the embedding's, from input and output, and their sum; and of the first layer what leads to it:
    // a product of two launches, through the norm, and the sum with the residual.
    expect(saved).toBe(4 * L + (2 * L + 1) + (2 + 1 + 1) + (2 + 1 + 1));
  });
});

describe('PPO with a part of the policy on WebGPU', () => {
  const SHORT = { ...TINY_PPO, responseLength: 4, epochs: 2 };

  it.each([['an adapter', LORA], ['the last layer', LAST]] as const)('%s: starts at the reference, holds its memory, and resumes as if it had never stopped', async (_, tuning) => {
    const trainer = () => new PpoTrainer({ model: tinyModel(), settings: { ...SHORT, tune: tuning }, seed: 3, score: vowels });
    const whole = trainer();
    const first = await whole.iterate(TEXTS);
    expect(first.metrics['objective/kl']).toBe(0);
    expect(first.metrics['policy/first_minibatch_max_ratio_error']!).toBeLessThan(1e-5);
    const state = structuredClone(await whole.state());
    const second = await whole.iterate(TEXTS);
    const last = await whole.iterate(TEXTS);
    expect(last.metrics['gpu/bytes']).toBe(second.metrics['gpu/bytes']);
    const values = (weights: Weights) => Object.fromEntries([...weights].map(([name, { data }]) => [name, [...data]]));
    const expected = values((await whole.state()).weights);
    whole.dispose();
    const after = trainer();
    after.restore(state);
    await after.iterate(TEXTS);
    expect((await after.iterate(TEXTS)).samples).toEqual(last.samples);
    expect(values((await after.state()).weights)).toEqual(expected);
    after.dispose();
  }, 180_000);

  it('holds the base model once: a second copy only of what is trained in place', async () => {
    const config = { ...TINY, hidden_size: 64, intermediate_size: 96, num_hidden_layers: 4 };
    const model = { config, tokenizer: tinyModel().tokenizer, weights: initWeights(config, new RandomStream(1)) };
    const bytes = (shapes: Iterable<readonly number[]>) => [...shapes].reduce((total, shape) => total + 4 * shape.reduce((a, b) => a * b, 1), 0);
    const base = bytes([...model.weights.values()].map(({ shape }) => shape));
    const held = async (tuning: Tuning) => {
      // A fresh device holds no buffers for reuse.
      await startWebGpu();
      const before = gpuBytes();
      const ppo = new PpoTrainer({ model, settings: { ...SHORT, tune: tuning }, seed: 3, score: vowels });
      // Reading uploads what was not on the device yet.
      for (const part of [ppo.parameters, (ppo as unknown as { reference: Parameters }).reference]) tidy(() => [...part.values()].forEach((one) => add(one, 1)));
      return gpuBytes() - before;
    };
    const [all, last, lora, head] = [await held(TUNE_ALL), await held(LAST), await held(LORA), await held(HEAD)];
    const layer = bytes([...trainedShapes(config, LAST, 'value').values()]);
    expect(all - head).toBeGreaterThan(0.9 * base);
    expect(last - head).toBeGreaterThan(0.9 * layer);
    expect(last - head).toBeLessThan(1.1 * layer);
    expect(lora - head).toBeLessThan(0.2 * base);
  }, 180_000);
});
