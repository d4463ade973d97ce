import { add, dispose, matMul, memory, mul, scalar, sub, sum, tensor1d, tensor2d, tidy, variableGrads, type Scalar, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { layOut } from '../../../src/model/batch';
import { CachedDecoder } from '../../../src/model/decoding';
import { responseLogProbs } from '../../../src/model/logProbs';
import { adapterShapes } from '../../../src/model/lora';
import { countParameters, disposeParameters, toParameters, toWeights, type Parameters, type Weights } from '../../../src/model/parameters';
import { initValueHead } from '../../../src/model/scalarHead';
import { hiddenStates } from '../../../src/model/transformer';
import { referenceParameters, trainedOf, trainedShapes, tunedParameters, tunedWeights } from '../../../src/model/tuning';
import { LORA_TARGETS, TUNE_ALL, type Tuning } from '../../../src/model/tuningSettings';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { randomPrompts, sharpWeights, TINY } from './tinyModel';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const LORA: Tuning = { ...TUNE_ALL, what: 'lora', rank: 3, alpha: 5 };
const BASE = sharpWeights(TINY, 1);
const START: Weights = new Map([...BASE, ...initValueHead(TINY.hidden_size)]);

const PROMPTS = randomPrompts(new RandomStream(5), 4, 9);
const RESPONSES = [[4, 9, 1], [8, 2, 30, 11, 6, 1], [7], [3, 3, 5, 12, 20, 21]];

function batch() {
  const { ids, mask, B, P, T } = layOut(PROMPTS, RESPONSES, TINY.pad_token_id);
  return { ids: tensor2d(ids, [B, P + T], 'int32'), mask: tensor2d(mask, [B, P + T]), promptLength: P, responseLength: T };
}

const adapted = (tuning: Tuning = LORA) => tunedParameters(START, TINY, tuning, 'value', new RandomStream(2));

/** Give every factor B values, as training would. */
function disturb(parameters: Parameters): void {
  const random = new RandomStream(8);
  for (const [name, factor] of parameters)
    if (name.includes('lora_B')) tidy(() => factor.assign(tensor2d(Float32Array.from({ length: factor.size }, () => 0.3 * random.normal()), factor.shape as [number, number])));
}

/** Hidden states and log-probabilities of the batch. */
async function forward(parameters: Parameters): Promise<number[][]> {
  const outputs = tidy(() => {
    const { hidden, logProbs } = responseLogProbs(parameters, TINY, batch(), 0.8);
    return [hidden, logProbs] as Tensor[];
  });
  const read = await Promise.all(outputs.map(async (output) => [...(await output.data())]));
  dispose(outputs);
  return read;
}

/** Logits of the cached decoder, step by step. */
async function decoded(parameters: Parameters): Promise<number[][]> {
  const decoder = new CachedDecoder(parameters, TINY, PROMPTS, 10, 3);
  const logits = [[...(await decoder.logits.data())]];
  for (let step = 0; step < 2; step++) {
    const tokens = tensor1d(PROMPTS.map((_, row) => 2 + 5 * step + row), 'int32');
    decoder.advance(tokens);
    tokens.dispose();
    logits.push([...(await decoder.logits.data())]);
  }
  decoder.dispose();
  return logits;
}

const farthest = (a: number[][], b: number[][]) => Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i][j]))));
const valuesOf = (weights: Weights) => Object.fromEntries([...weights].map(([name, { data }]) => [name, [...data]]));

describe('LoRA', () => {
  it('with B = 0 is the base model, bit for bit, in a forward pass and in the cached decoder', async () => {
    const [base, tuned] = [toParameters(START), adapted()];
    expect(await forward(tuned)).toEqual(await forward(base));
    expect(await decoded(tuned)).toEqual(await decoded(base));
    disposeParameters(base);
    disposeParameters(tuned);
  });

  it('has one adapter for each target in each layer, A normal of variance 1/in and B zero', async () => {
    const wide: Tuning = { ...LORA, rank: 400, targets: ['q_proj', 'down_proj'] };
    const tuned = adapted(wide);
    const factors = [...(await toWeights(tuned))].filter(([name]) => name.includes('.lora_'));
    expect(factors.map(([name, { shape }]) => [name, shape])).toEqual([...adapterShapes(TINY, wide)]);
    expect(factors.map(([name, { shape }]) => `${name} ${shape}`)).toEqual(
      [0, 1].flatMap((layer) => [
        `model.layers.${layer}.self_attn.q_proj.lora_A.weight 400,16`,
        `model.layers.${layer}.self_attn.q_proj.lora_B.weight 16,400`,
        `model.layers.${layer}.mlp.down_proj.lora_A.weight 400,24`,
        `model.layers.${layer}.mlp.down_proj.lora_B.weight 16,400`,
      ]),
    );
    for (const [name, { shape, data }] of factors) {
      const variance = data.reduce((sum, value) => sum + value ** 2, 0) / data.length;
      // Of n draws, the variance has a standard deviation of √(2/n): here less than 2 %.
      if (name.includes('lora_A')) expect(Math.abs(variance * shape[1] - 1)).toBeLessThan(0.08);
      else expect(variance).toBe(0);
    }
    disposeParameters(tuned);
  });

  it('merged into its matrices says the same, at full length and while decoding', async () => {
    const tuned = adapted();
    disturb(tuned);
    const merged = toParameters(tunedWeights(START, await toWeights(tuned), LORA));
    expect([...merged.keys()]).toEqual([...START.keys()]);
    const [full, cached] = [await forward(tuned), await decoded(tuned)];
    expect(farthest(full, await forward(merged))).toBeLessThan(1e-4);
    expect(farthest(cached, await decoded(merged))).toBeLessThan(1e-4);
    const base = toParameters(START);
    expect(farthest(full, await forward(base))).toBeGreaterThan(0.1);
    for (const parameters of [tuned, merged, base]) disposeParameters(parameters);
  });

  it('taken off after training leaves the base model, bit for bit', async () => {
    const tuned = adapted();
    const reference = referenceParameters(tuned, START);
    disturb(tuned);
    const base = toParameters(START);
    expect(await forward(reference)).toEqual(await forward(base));
    expect(await decoded(reference)).toEqual(await decoded(base));
    for (const parameters of [tuned, reference, base]) disposeParameters(parameters);
  });
});

describe('the gradients of an adapter', () => {
  const loss = (parameters: Parameters) => {
    const { logProbs, entropy } = responseLogProbs(parameters, TINY, batch(), 0.9);
    return sum(mul(sub(logProbs, entropy), 0.1)) as Scalar;
  };
  const gradientsOf = (parameters: Parameters, f = () => loss(parameters)) => {
    const { value, grads } = tidy(() => variableGrads(f, [...parameters.values()]));
    value.dispose();
    return new Map([...parameters].flatMap(([name, { name: id }]) => (grads[id] ? [[name, grads[id]] as const] : [])));
  };

  it('are those that differences of the loss give', async () => {
    const tuned = adapted();
    disturb(tuned);
    const gradients = gradientsOf(tuned);
    const step = 1e-2;
    for (const name of [...adapterShapes(TINY, LORA).keys()].filter((_, i) => i % 3 === 0)) {
      const factor = tuned.get(name)!;
      const direction = tidy(() => {
        const random = new RandomStream(4);
        return tensor2d(Float32Array.from({ length: factor.size }, () => random.normal() / Math.sqrt(factor.size)), factor.shape as [number, number]);
      });
      const before = factor.clone();
      const at = async (by: number) => {
        tidy(() => factor.assign(add(before, mul(direction, by))));
        const value = tidy(() => loss(tuned));
        return (await value.data())[0];
      };
      const slope = ((await at(step)) - (await at(-step))) / (2 * step);
      factor.assign(before);
      const along = (await tidy(() => sum(mul(gradients.get(name)!, direction))).data())[0];
      expect(Math.abs(along - slope), name).toBeLessThan(0.02 * (1 + Math.abs(slope)));
    }
  });

  it('are those of the merged product W + (α/r)·B·A by automatic differentiation, and nothing frozen has any', async () => {
    const tuned = adapted();
    disturb(tuned);
    const gradients = gradientsOf(tuned);
    expect([...gradients.keys()]).toEqual([...trainedShapes(TINY, LORA, 'value').keys()].filter((name) => !name.startsWith('value.')));
    const merged = gradientsOf(tuned, () => {
      const plain = new Map([...tuned].filter(([name]) => !name.includes('lora')));
      for (const [name, weight] of tuned) {
        const down = tuned.get(name.replace('.weight', '.lora_A.weight'));
        const up = tuned.get(name.replace('.weight', '.lora_B.weight'));
        if (down && up && name.endsWith('_proj.weight')) plain.set(name, add(weight, mul(scalar(5 / 3), matMul(up as unknown as Tensor2D, down as unknown as Tensor2D))) as never);
      }
      return loss(plain);
    });
    for (const [name, gradient] of gradients) {
      const expected = await merged.get(name)!.data<'float32'>();
      const actual = await gradient.data();
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      expected.forEach((value, i) => expect(Math.abs(actual[i] - value) / scale, name).toBeLessThan(1e-4));
    }
  });
});

describe('partial tuning', () => {
  const PARTS: [string, Tuning, RegExp][] = [
    ['everything', TUNE_ALL, /./],
    ['the last layer', { ...TUNE_ALL, what: 'last', layers: 1 }, /^(model\.layers\.1\.|model\.norm\.|value\.)/],
    ['more layers than there are', { ...TUNE_ALL, what: 'last', layers: 9 }, /^(model\.layers\.|model\.norm\.|value\.)/],
    ['the head', { ...TUNE_ALL, what: 'head' }, /^(model\.norm\.|value\.)/],
    ['an adapter', LORA, /\.lora_[AB]\.|^value\./],
  ];

  it.each(PARTS)('of %s trains that and nothing else', (_, tuning, expected) => {
    const tuned = adapted(tuning);
    const names = [...trainedOf(tuned).keys()];
    expect(names).toEqual([...tuned.keys()].filter((name) => expected.test(name)));
    expect([...trainedShapes(TINY, tuning, 'value')]).toEqual([...trainedOf(tuned)].map(([name, { shape }]) => [name, shape]));
    disposeParameters(tuned);
  });

  it('of a reward model’s head leaves the whole trunk alone', () => {
    expect([...trainedShapes(TINY, { ...TUNE_ALL, what: 'head' }, 'score').keys()]).toEqual(['score.weight', 'score.bias']);
  });

  it.each(PARTS)('of %s keeps the reference in as much memory as differs, and frees it all', async (_, tuning) => {
    const bytes = (weights: Iterable<{ shape: number[] }>) => 4 * countParameters(weights);
    const before = memory();
    const tuned = adapted(tuning);
    const alone = memory().numBytes;
    const reference = referenceParameters(tuned, START);
    const trained = [...trainedOf(tuned)].filter(([name]) => START.has(name)).map(([, variable]) => variable);
    expect(memory().numBytes - alone).toBe(bytes(trained));
    expect(valuesOf(await toWeights(reference))).toEqual(valuesOf(START));
    disposeParameters(tuned);
    disposeParameters(reference);
    expect(memory().numTensors).toBe(before.numTensors);
  });

  it('costs no gradient for what is frozen: the tape asks for the trained part alone', async () => {
    const tuned = adapted({ ...TUNE_ALL, what: 'last', layers: 1 });
    const f = () => sum(hiddenStates(tuned, TINY, batch().ids, batch().mask)) as Scalar;
    const { value, grads } = tidy(() => variableGrads(f, [...tuned.values()]));
    const named = [...tuned].filter(([, { name }]) => grads[name]).map(([name]) => name);
    expect(named).toEqual([...tuned.keys()].filter((name) => /^model\.(layers\.1|norm)\./.test(name)));
    dispose([value, ...Object.values(grads).filter((gradient) => gradient !== null)]);
    disposeParameters(tuned);
  });
});

it('every matrix of a layer can have an adapter', () => {
  const matrices = [...START.keys()].filter((name) => /layers\.0\..*_proj/.test(name)).map((name) => name.split('.').at(-2));
  expect(matrices).toEqual([...LORA_TARGETS]);
});
