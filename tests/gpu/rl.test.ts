import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { layOut } from '../../src/model/batch';
import { initWeights, toParameters } from '../../src/model/parameters';
import { initValueHead } from '../../src/model/scalarHead';
import { trainRewardModel } from '../../src/reward/training';
import { REWARD_DEFAULTS } from '../../src/reward/settings';
import { LanguagePolicy, measure } from '../../src/rl/languagePolicy';
import { PpoTrainer } from '../../src/rl/ppo';
import { minibatchGradients, type Experience } from '../../src/rl/update';
import { gpuBytes, startBackend, type BackendName } from '../../src/tensor/backend';
import { RandomStream } from '../../src/tensor/random';
import { relativeError } from '../reference/parity';
import { randomPrompts, sharpWeights, TINY } from '../unit/model/tinyModel';
import { letterTokenizer, PROMPTS, tinyModel, TINY_PPO, vowels } from '../unit/rl/tinyWorld';

/** On a software adapter every launch counts. */
const SHORT = { ...TINY_PPO, responseLength: 4, epochs: 2 };

describe('PPO on WebGPU', () => {
  beforeAll(async () => {
    await startBackend({ prefer: 'webgpu' });
  });

  it('starts at the reference, keeps ratios of 1 without learning, and holds its memory', async () => {
    const ppo = new PpoTrainer({ model: tinyModel(), settings: { ...SHORT, learningRate: 0 }, seed: 3, score: vowels });
    const tensors: number[] = [];
    const bytes: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { metrics, stop } = await ppo.iterate(PROMPTS);
      expect(stop).toBeNull();
      expect(Math.abs(metrics['objective/kl']!)).toBeLessThan(1e-5);
      expect(metrics['policy/first_minibatch_max_ratio_error']!).toBeLessThan(1e-5);
      expect(metrics['policy/rollout_logprob_error']!).toBeLessThan(1e-3);
      expect(Math.abs(metrics['policy/ratio_max']! - 1)).toBeLessThan(1e-5);
      expect(metrics['gpu/dispatches']!).toBeGreaterThan(0);
      tensors.push(memory().numTensors);
      bytes.push(gpuBytes());
    }
    expect(tensors[2]).toBe(tensors[1]);
    expect(bytes[2]).toBe(bytes[1]);
    ppo.dispose();
  }, 180_000);

  it('resumes as if it had never stopped', async () => {
    const trainer = () => new PpoTrainer({ model: tinyModel(), settings: SHORT, seed: 3, score: vowels });
    const whole = trainer();
    await whole.iterate(PROMPTS);
    const state = structuredClone(await whole.state());
    const last = await whole.iterate(PROMPTS);
    whole.dispose();
    const after = trainer();
    after.restore(state);
    const resumed = await after.iterate(PROMPTS);
    expect(resumed.samples).toEqual(last.samples);
    expect(resumed.metrics['loss/total']).toBe(last.metrics['loss/total']);
    after.dispose();
  }, 180_000);
});

describe('WebGPU and the CPU backend agree', () => {
  const prompts = randomPrompts(new RandomStream(5), 4, 9);
  const responses = [[4, 9, 1], [8, 2, 30, 11, 6, 1], [7], [3, 3, 5, 12, 20, 21]];
  const batch = layOut(prompts, responses, TINY.pad_token_id);
  const random = new RandomStream(9);
  const draw = () => batch.responseMask.map(() => random.normal());
  const [advantages, returns, values, drift] = [draw(), draw(), draw(), draw()];

  /** Gradients of one minibatch whose ratios and values lie on both sides of both clips. */
  async function gradientsOn(backend: BackendName, estimator?: 'k2' | 'k3') {
    await startBackend({ prefer: backend });
    const parameters = toParameters(new Map([...sharpWeights(TINY, 1), ...initValueHead(TINY.hidden_size)]));
    const policy = new LanguagePolicy(parameters, TINY, batch, 0.8);
    const now = await measure(policy, 4, 4);
    const logProbs = now.logProbs.map((logProb, i) => logProb + 0.2 * drift[i]);
    const learned: Partial<Experience> = estimator ? { penalty: { estimator, coefficient: 0.5, reference: now.logProbs.map((logProb, i) => logProb + drift[i]) } } : { returns };
    const experience: Experience = { rows: 4, length: batch.T, mask: batch.responseMask, logProbs, values, advantages, ...learned };
    const { gradients, report } = await minibatchGradients(policy, experience, Int32Array.of(2, 0, 3, 1), { ...TINY_PPO, entropyCoefficient: 0.1 });
    const read = new Map<string, ArrayLike<number>>();
    for (const [name, gradient] of gradients) read.set(name, await gradient.data());
    return { gradients: read, report };
  }

  it.each([
    ['PPO', undefined],
    ['its siblings with k2 in the loss', 'k2'],
    ['its siblings with k3 in the loss', 'k3'],
  ] as const)('on every gradient of %s and on what it reports', async (_, estimator) => {
    const [gpu, cpu] = [await gradientsOn('webgpu', estimator), await gradientsOn('cpu', estimator)];
    expect(cpu.report.clipFraction).toBeGreaterThan(0.1);
    expect(cpu.report.clipFraction).toBeLessThan(0.9);
    for (const name of Object.keys(cpu.report) as (keyof typeof cpu.report)[]) expect(gpu.report[name], name).toBeCloseTo(cpu.report[name]!, 4);
    expect([...gpu.gradients.keys()]).toEqual([...cpu.gradients.keys()]);
    for (const [name, gradient] of cpu.gradients) expect(relativeError(gpu.gradients.get(name)!, gradient), name).toBeLessThan(1e-3);
  });

  it.each([
    ['the reward model', {}],
    ['two, with length kept out of their score,', { members: 2, lengthControl: true, epochs: 1 }],
  ])('on %s that judgements make', async (_, changes) => {
    const model = { config: TINY, tokenizer: letterTokenizer(), weights: initWeights(TINY, new RandomStream(3)) };
    const texts = ['abc', 'eeio', 'dog', 'aeiou', 'bcdfg', 'oo', 'rhythm', 'idea'];
    const preferences = texts.map((text, i) => ({
      comparisonId: `${i}`,
      prompt: 'pqrs'[i % 4],
      responses: [text, texts[(i + 3) % 8]] as [string, string],
      verdict: (['first', 'second', 'tie', 'both-bad'] as const)[i % 4],
      swapped: false,
    }));
    const train = async (backend: BackendName) => {
      await startBackend({ prefer: backend });
      const settings = { ...REWARD_DEFAULTS, epochs: 3, batchSize: 4, normalisationSamples: 8, ...changes };
      return (await trainRewardModel({ model, preferences, referenceTexts: texts.map((response) => ({ prompt: 'x', response })), settings })).report;
    };
    const [gpu, cpu] = [await train('webgpu'), await train('cpu')];
    cpu.lossCurve.forEach(({ loss }, step) => expect(gpu.lossCurve[step].loss).toBeCloseTo(loss, 3));
    if (cpu.lengthControl) expect(gpu.lengthControl!.gamma).toBeCloseTo(cpu.lengthControl.gamma, 3);
  }, 180_000);
});
