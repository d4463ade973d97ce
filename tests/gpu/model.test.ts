import { add, dispose, neg, mul, reshape, sum, tensor1d, tensor2d, tidy, variableGrads, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { layOut } from '../../src/model/batch';
import { CachedDecoder, generate } from '../../src/model/decoding';
import { responseLogProbs, type DeviceBatch } from '../../src/model/logProbs';
import { toParameters, type Parameters } from '../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../src/model/transformer';
import { AdamW } from '../../src/tensor/adamW';
import { gpuBytes } from '../../src/tensor/backend';
import { RandomStream } from '../../src/tensor/random';
import { relativeError } from '../reference/parity';
import { checkPadding } from '../unit/model/paddingChecks';
import { randomPrompts, sharpWeights, TINY } from '../unit/model/tinyModel';
import { onBoth, startWebGpu } from './startWebGpu';

const PROMPTS = randomPrompts(new RandomStream(5), 4, 9);
const RESPONSES = [[4, 9, 1], [8, 2, 30, 11, 6, 1], [7], [3, 3, 5, 12, 20, 21]];
const V = TINY.vocab_size;
const D = TINY.hidden_size;

type Batch = DeviceBatch & { responseMask: Tensor2D };

function onDevice(): Batch {
  const { ids, mask, responseMask, B, P, T } = layOut(PROMPTS, RESPONSES, TINY.pad_token_id);
  return {
    ids: tensor2d(ids, [B, P + T], 'int32'),
    mask: tensor2d(mask, [B, P + T]),
    responseMask: tensor2d(responseMask, [B, T]),
    promptLength: P,
    responseLength: T,
  };
}

/** −Σ (log p + entropy / 10) / 16 over the response tokens: both outputs' gradients take part. */
function loss(parameters: Parameters, batch: Batch): Scalar {
  const { logProbs, entropy } = responseLogProbs(parameters, TINY, batch, 0.9);
  return mul(neg(sum(mul(batch.responseMask, add(logProbs, mul(entropy, 0.1))))), 1 / 16);
}

function lossAndGradients(parameters: Parameters, batch: Batch) {
  const { value, grads } = variableGrads(() => loss(parameters, batch), [...parameters.values()]);
  return { value, gradients: new Map([...parameters].map(([name, parameter]) => [name, grads[parameter.name]])) };
}

/** Everything that is compared between two backends, read back. */
async function run() {
  const batch = onDevice();
  const parameters = toParameters(sharpWeights(TINY, 1));
  const { hidden, logProbs, entropy } = tidy(() => responseLogProbs(parameters, TINY, batch, 0.9) as never as Record<string, Tensor2D>);
  const forward = { hidden: await hidden.data(), logProbs: await logProbs.data(), entropy: await entropy.data() };
  const first = lossAndGradients(parameters, batch);
  const gradients = new Map<string, Float32Array>();
  for (const [name, gradient] of first.gradients) gradients.set(name, (await gradient.data()) as Float32Array);

  const adam = new AdamW({ beta1: 0.9, beta2: 0.999, epsilon: 1e-5, epsilonPlacement: 'pytorch', weightDecay: 0, maxGradNorm: 1 });
  const losses: number[] = [];
  for (let step = 0; step < 50; step++) {
    const { value, gradients } = lossAndGradients(parameters, batch);
    const norm = adam.step(parameters, gradients, 3e-3);
    losses.push((await value.data())[0]);
    dispose([value, norm, ...gradients.values()]);
  }
  adam.dispose();
  return { forward, gradients, losses };
}

describe('WebGPU against the CPU backend', () => {
  let gpu: Awaited<ReturnType<typeof run>>;
  let cpu: typeof gpu;
  beforeAll(async () => {
    [{ gpu, cpu }] = await onBoth([run]);
  }, 300_000);

  it.each(['hidden', 'logProbs', 'entropy'] as const)('has the same forward pass: %s', (output) => {
    expect(relativeError(gpu.forward[output], cpu.forward[output])).toBeLessThan(1e-4);
  });

  it('has the same gradient of every parameter', () => {
    for (const [name, gradient] of cpu.gradients) expect(relativeError(gpu.gradients.get(name)!, gradient), name).toBeLessThan(1e-3);
  });

  it('has the same losses over fifty training steps, and they fall', () => {
    expect(cpu.losses[49]).toBeLessThan(0.5 * cpu.losses[0]);
    for (const [step, expected] of cpu.losses.entries()) expect(Math.abs(gpu.losses[step] - expected), `step ${step}`).toBeLessThan(2e-3 * cpu.losses[0]);
  });
});

describe('the model on WebGPU', () => {
  let parameters: Parameters;
  beforeAll(async () => {
    await startWebGpu();
    parameters = toParameters(sharpWeights(TINY, 1));
  }, 60_000);

  /** Logits at every position of rows that were padded on the left to one width. */
  async function logitsOf(rows: number[][], width: number): Promise<number[][][]> {
    const { ids, mask, B } = layOut(rows, rows.map(() => []), TINY.pad_token_id, { prompt: width, response: 0 });
    const flat = await tidy(() => {
      const hidden = hiddenStates(parameters, TINY, tensor2d(ids, [B, width], 'int32'), tensor2d(mask, [B, width]));
      return nextTokenLogits(parameters, reshape(hidden, [B * width, D]));
    }).data();
    return rows.map((row, r) => row.map((_, t) => {
      const start = (r * width + width - row.length + t) * V;
      return [...flat.slice(start, start + V)];
    }));
  }

  const farthest = (a: ArrayLike<number>, b: number[]) => b.reduce((most, value, i) => Math.max(most, Math.abs(a[i] - value)), 0);

  checkPadding();

  it('gives a left-padded row in a batch the logits that it has alone and unpadded', async () => {
    const together = await logitsOf(PROMPTS, 12);
    for (const [row, prompt] of PROMPTS.entries()) {
      const [alone] = await logitsOf([prompt], prompt.length);
      for (const [t, logits] of alone.entries()) expect(farthest(together[row][t], logits)).toBeLessThan(1e-3);
    }
  });

  it('decodes with its cache the logits of a full forward pass', async () => {
    const fed = Array.from({ length: 6 }, (_, t) => PROMPTS.map((_, row) => 2 + ((7 * t + 3 * row) % 30)));
    const decoder = new CachedDecoder(parameters, TINY, PROMPTS, 12, fed.length + 1);
    const cached = [await decoder.logits.data()];
    for (const tokens of fed) {
      decoder.advance(tensor1d(tokens, 'int32'));
      cached.push(await decoder.logits.data());
    }
    decoder.dispose();
    const full = await logitsOf(PROMPTS.map((prompt, row) => [...prompt, ...fed.map((tokens) => tokens[row])]), 12 + fed.length);
    for (const [row, prompt] of PROMPTS.entries())
      for (const [t, logits] of cached.entries())
        expect(farthest(logits.slice(row * V, (row + 1) * V), full[row][prompt.length - 1 + t])).toBeLessThan(1e-4);
  });

  it('samples the same text whether prompts are padded narrowly or widely, and with truncation where asked', async () => {
    const options = { maxNewTokens: 12, temperature: 1, seed: 7, counter: 0 };
    const { responses } = await generate(parameters, TINY, PROMPTS, { ...options, promptWidth: 9 });
    expect(new Set(responses.flat()).size).toBeGreaterThan(5);
    expect((await generate(parameters, TINY, PROMPTS, { ...options, promptWidth: 16 })).responses).toEqual(responses);
    const greedy = (await generate(parameters, TINY, PROMPTS, { ...options, temperature: 0 })).responses;
    expect((await generate(parameters, TINY, PROMPTS, { ...options, topK: 1 })).responses).toEqual(greedy);
    expect((await generate(parameters, TINY, PROMPTS, { ...options, topP: 1e-6 })).responses).toEqual(greedy);
  });

  it('holds no more device memory after many rollouts than after the first', async () => {
    const rollout = (seed: number) => generate(parameters, TINY, PROMPTS, { maxNewTokens: 6, temperature: 1, seed, counter: 0 });
    await rollout(1);
    const before = gpuBytes();
    for (let seed = 2; seed < 6; seed++) await rollout(seed);
    expect(gpuBytes()).toBe(before);
  });
});
