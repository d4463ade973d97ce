import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/feedback/judgement';
import { layOut } from '../../src/model/batch';
import { initWeights, toParameters } from '../../src/model/parameters';
import { initValueHead } from '../../src/model/scalarHead';
import type { Preference } from '../../src/reward/preference';
import { trainRewardModel } from '../../src/reward/training';
import { REWARD_DEFAULTS, type RewardSettings } from '../../src/reward/settings';
import { LanguagePolicy, measure } from '../../src/rl/languagePolicy';
import { PpoTrainer } from '../../src/rl/ppo';
import { minibatchGradients, type Experience } from '../../src/rl/update';
import { gpuBytes } from '../../src/tensor/backend';
import { RandomStream } from '../../src/tensor/random';
import { relativeError } from '../reference/parity';
import { randomPrompts, sharpWeights, TINY } from '../unit/model/tinyModel';
import { expectExactOptimum } from '../unit/rl/armsChecks';
import { letterTokenizer, PROMPTS, tinyModel, TINY_PPO, vowels } from '../unit/rl/tinyWorld';
import { onBoth, startWebGpu } from './startWebGpu';

/** On a software adapter every launch counts. */
const SHORT = { ...TINY_PPO, responseLength: 4, epochs: 2 };

describe('PPO on WebGPU', () => {
  beforeAll(async () => {
    await startWebGpu();
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

  // At other β, and on another backend, in tests/unit/rl/armsOptimum.test.ts.
  it('finds the exact optimum of a policy of a few tokens', () => expectExactOptimum(1), 180_000);

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
  async function gradients(estimator?: 'k2' | 'k3') {
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

  it('on every gradient of PPO and of its siblings with k2 or k3 in the loss, and on what they report', async () => {
    for (const { gpu, cpu } of await onBoth([() => gradients(), () => gradients('k2'), () => gradients('k3')])) {
      expect(cpu.report.clipFraction).toBeGreaterThan(0.1);
      expect(cpu.report.clipFraction).toBeLessThan(0.9);
      for (const name of Object.keys(cpu.report) as (keyof typeof cpu.report)[]) expect(gpu.report[name], name).toBeCloseTo(cpu.report[name]!, 4);
      expect([...gpu.gradients.keys()]).toEqual([...cpu.gradients.keys()]);
      for (const [name, gradient] of cpu.gradients) expect(relativeError(gpu.gradients.get(name)!, gradient), name).toBeLessThan(1e-3);
    }
  }, 180_000);

  const JUDGED_TEXTS = ['abc', 'eeio', 'dog', 'aeiou', 'bcdfg', 'oo', 'rhythm', 'idea'];
  const judged = async (preferences: Preference[], changes: Partial<RewardSettings> = {}) => {
    const model = { config: TINY, tokenizer: letterTokenizer(), weights: initWeights(TINY, new RandomStream(3)) };
    const settings = { ...REWARD_DEFAULTS, epochs: 3, batchSize: 4, normalisationSamples: 8, ...changes };
    return (await trainRewardModel({ model, preferences, referenceTexts: JUDGED_TEXTS.map((response) => ({ prompt: 'x', response })), settings })).report;
  };
  const said = (verdict: (i: number) => Verdict): Preference[] =>
    JUDGED_TEXTS.map((text, i) => ({ comparisonId: `${i}`, prompt: 'pqrs'[i % 4], responses: [text, JUDGED_TEXTS[(i + 3) % 8]], swapped: false, verdict: verdict(i), strength: 2 }));

  it('on the reward models that judgements of every kind make, with their thresholds, and with length kept out of their score', async () => {
    const pairs = said((i) => (['first', 'second', 'tie', 'both-bad'] as const)[(i + (i >> 2)) % 4]);
    const ofEveryKind = [
      ...pairs,
      ...said((i) => ({ kind: 'rewrite', response: 0, text: JUDGED_TEXTS[(i + 1) % 8] })),
      ...said((i) => ({ kind: 'ranking', groups: i % 3 === 0 ? [[0, 1]] : [[1], [0]] })),
      ...said((i) => ({ kind: 'ranking', groups: [[2], [0, 1]].slice(i % 2) })).map((judged, i) => ({ ...judged, responses: [...judged.responses, JUDGED_TEXTS[(i + 5) % 8]] })),
      ...said((i) => ({ kind: 'rating', response: 0, criterion: 'c', scale: '1 to 5', value: 1 + (i % 5) })),
      ...said((i) => ({ kind: 'thumb', response: 1, up: i % 3 === 0 })),
    ];
    const all = { bothBad: 'zero', margin: 0.5, batchSize: 12, learningRate: 1e-2 } as const;
    const models = await onBoth([
      () => judged(pairs),
      () => judged(pairs, { members: 2, lengthControl: true, epochs: 1 }),
      () => judged(ofEveryKind, { ...all, ties: 'rao-kupper' }),
      () => judged(ofEveryKind, { ...all, ties: 'davidson' }),
    ]);
    for (const { gpu, cpu } of models) {
      expect(gpu.lossCurve.length).toBe(cpu.lossCurve.length);
      cpu.lossCurve.forEach(({ loss }, step) => expect(gpu.lossCurve[step].loss).toBeCloseTo(loss, 3));
    }
    expect(models[1].gpu.lengthControl!.gamma).toBeCloseTo(models[1].cpu.lengthControl!.gamma, 3);
  }, 180_000);
});
