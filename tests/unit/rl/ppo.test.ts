import { memory, ones, reshape, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeParameters, toParameters, toWeights, type Parameters, type Weights } from '../../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../../src/model/transformer';
import { CheckpointError } from '../../../src/rl/checkpoint';
import { PpoTrainer, type Phase, type PpoOptions } from '../../../src/rl/ppo';
import { PromptTooLongError } from '../../../src/rl/promptTokens';
import { startBackend } from '../../../src/tensor/backend';
import { PROMPTS, tinyModel, TINY_PPO, vowels } from './tinyWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

function trainer(changes: Partial<PpoOptions> = {}, settings: Partial<PpoOptions['settings']> = {}): PpoTrainer {
  return new PpoTrainer({ model: tinyModel(), settings: { ...TINY_PPO, ...settings }, seed: 3, score: vowels, ...changes });
}

function asArrays(weights: Weights): Record<string, number[]> {
  return Object.fromEntries([...weights].map(([name, { data }]) => [name, [...data]]));
}

/** Sum of |difference| over all tensors. */
function distance(a: Weights, b: Weights): number {
  let sum = 0;
  for (const [name, { data }] of a) data.forEach((x, i) => (sum += Math.abs(x - b.get(name)!.data[i])));
  return sum;
}

describe('PpoTrainer', () => {
  it('starts at the reference: no KL, and ratios of 1 in the first minibatch', async () => {
    const ppo = trainer({}, { temperature: 0.7 });
    const { metrics } = await ppo.iterate(PROMPTS);
    expect(Math.abs(metrics['objective/kl']!)).toBeLessThan(1e-5);
    expect(metrics['policy/first_minibatch_max_ratio_error']!).toBeLessThan(1e-5);
    expect(metrics['policy/rollout_logprob_error']!).toBeLessThan(1e-4);
    expect(metrics['objective/kl_coef']).toBe(TINY_PPO.kl.coefficient);
    // The value head starts at zero.
    expect(metrics['value/mean']).toBe(0);
    const second = await ppo.iterate(PROMPTS);
    expect(second.metrics['objective/kl_k3']!).toBeGreaterThan(1e-4);
    expect(second.metrics['policy/first_minibatch_max_ratio_error']!).toBeLessThan(1e-5);
    ppo.dispose();
  });

  it('with a learning rate of 0 the ratios stay 1 in every minibatch', async () => {
    const ppo = trainer({}, { learningRate: 0, minibatches: 2 });
    for (let i = 0; i < 3; i++) {
      const { metrics, samples } = await ppo.iterate(PROMPTS);
      expect(Math.abs(metrics['policy/ratio_max']! - 1)).toBeLessThan(1e-5);
      for (const { logProb, updatedLogProb } of samples.flatMap(({ tokens }) => tokens)) expect(updatedLogProb! - logProb).toBeCloseTo(0, 5);
      expect(metrics['policy/clipfrac']).toBe(0);
      // The largest ratio is blind to those below 1.
      expect(metrics['policy/approxkl_k2']!).toBeLessThan(1e-10);
      expect(Math.abs(metrics['objective/kl']!)).toBeLessThan(1e-5);
    }
    ppo.dispose();
  });

  it('learns: the share of vowels rises', async () => {
    const ppo = trainer({}, { iterations: 40, learningRateSchedule: 'constant', learningRate: 1e-2, batchSize: 12, kl: { ...TINY_PPO.kl, cap: null } });
    const scores: number[] = [];
    for (let i = 0; i < 10; i++) scores.push((await ppo.iterate([...PROMPTS, ...PROMPTS])).metrics['objective/score_mean']!);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(scores.slice(-3)) - mean(scores.slice(0, 2))).toBeGreaterThan(1);
    ppo.dispose();
  });

  it('stopped and resumed is bit for bit the run that never stopped', async () => {
    const settings = { minibatches: 2, epochs: 2, kl: { ...TINY_PPO.kl, target: 0.001, horizon: 20 } };
    const whole = trainer({}, settings);
    for (let i = 0; i < 4; i++) await whole.iterate(PROMPTS);
    const last = await whole.iterate(PROMPTS);

    const before = trainer({}, settings);
    for (let i = 0; i < 2; i++) await before.iterate(PROMPTS);
    const state = structuredClone(await before.state());
    before.dispose();
    const after = trainer({}, settings);
    await after.iterate(PROMPTS);
    after.restore(state);
    expect(after.iteration).toBe(2);
    for (let i = 0; i < 2; i++) await after.iterate(PROMPTS);
    const resumed = await after.iterate(PROMPTS);

    const untimed = ({ metrics }: typeof last) => Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name));
    expect(untimed(resumed)).toEqual(untimed(last));
    expect(resumed.samples).toEqual(last.samples);
    const [a, b] = [await whole.state(), await after.state()];
    expect(asArrays(b.weights)).toEqual(asArrays(a.weights));
    expect(b.progress).toEqual(a.progress);
    expect(a.progress.kl.coefficient).not.toBe(TINY_PPO.kl.coefficient);
    whole.dispose();
    after.dispose();
  });

  it('refuses a checkpoint of another model and stays as it was', async () => {
    const ppo = trainer();
    await ppo.iterate(PROMPTS);
    const before = await ppo.state();
    const weights = new Map(before.weights);
    weights.set('value.weight', { shape: [1, 3], data: new Float32Array(3) });
    expect(() => ppo.restore({ ...before, weights })).toThrow(CheckpointError);
    weights.delete('value.weight');
    expect(() => ppo.restore({ ...before, weights })).toThrow(/value\.weight/);
    expect(asArrays((await ppo.state()).weights)).toEqual(asArrays(before.weights));
    ppo.dispose();
  });

  it('the same seed gives the same run, another seed another one', async () => {
    const samples = async (seed: number) => {
      const ppo = trainer({ seed });
      await ppo.iterate(PROMPTS);
      const { samples } = await ppo.iterate(PROMPTS);
      ppo.dispose();
      return samples;
    };
    expect(await samples(5)).toEqual(await samples(5));
    expect(await samples(5)).not.toEqual(await samples(6));
  });

  it('leaks no tensor', async () => {
    const ppo = trainer({}, { microbatchSize: 4 });
    const counts: number[] = [];
    for (let i = 0; i < 5; i++) {
      await ppo.iterate(PROMPTS);
      counts.push(memory().numTensors);
    }
    expect(counts[4]).toBe(counts[1]);
    const before = counts[4];
    ppo.dispose();
    expect(memory().numTensors).toBeLessThan(before);
  });

  it('scores the cut text, and pays the score at the last valid token', async () => {
    const seen: { prompt: string; response: string }[] = [];
    const ppo = trainer(
      {
        tracedSamples: 6,
        score: async (texts) => {
          seen.push(...texts);
          return texts.map(() => 2);
        },
      },
      { kl: { ...TINY_PPO.kl, control: 'fixed', coefficient: 0 } },
    );
    const { samples } = await ppo.iterate(PROMPTS);
    expect(samples.map(({ prompt, response }) => ({ prompt, response }))).toEqual(seen);
    expect(seen.map(({ prompt }) => prompt)).toEqual(PROMPTS);
    for (const { response, tokens } of samples) {
      const full = tokens.map(({ text }) => text).join('');
      expect(full.startsWith(response)).toBe(true);
      expect(tokens.map(({ reward }) => reward + 0)).toEqual(tokens.map((_, t) => (t === tokens.length - 1 ? 2 : 0)));
      // By the setting: at least three tokens, then the first sentence end that no quotation mark follows, else the end of the text.
      const end = [...full].findIndex((_, i) => i >= 2 && /[.!]["]*$/.test(full.slice(0, i + 1)) && full[i + 1] !== '"');
      expect(response).toBe(end < 0 ? full : full.slice(0, end + 1));
    }
    ppo.dispose();
  });

  it('computes what its metrics and losses say, from the tokens it shows', async () => {
    const ppo = trainer({ tracedSamples: 6, gold: ({ response }) => response.length }, { epochs: 1, lambda: 1, temperature: 0.9 });
    await ppo.iterate(PROMPTS);
    const { metrics, samples } = await ppo.iterate(PROMPTS);
    const beta = metrics['objective/kl_coef']!;
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const variance = (values: number[]) => mean(values.map((value) => (value - mean(values)) ** 2));
    const tokens = samples.flatMap((sample) =>
      sample.tokens.map((token, t) => {
        // With λ = 1 the return is what is still to come.
        const rest = sample.tokens.slice(t);
        const ratio = (x: (typeof rest)[0]) => x.logProb - x.referenceLogProb;
        return { ...token, value: token.value!, ratio: ratio(token), returned: sample.score - beta * rest.reduce((sum, x) => sum + ratio(x), 0) };
      }),
    );
    const raw = tokens.map(({ returned, value }) => returned - value);
    for (const [i, { advantage }] of tokens.entries()) expect(advantage).toBeCloseTo((raw[i] - mean(raw)) / Math.sqrt(variance(raw)), 3);

    const scores = samples.map(({ score }) => score);
    const lengths = samples.map((sample) => sample.tokens.length);
    const kl = tokens.reduce((sum, { ratio }) => sum + ratio, 0) / 6;
    const residuals = tokens.map(({ returned, value }) => returned - value);
    const expected: Partial<Record<keyof typeof metrics, number>> = {
      'objective/kl': kl,
      'objective/kl_k2': tokens.reduce((sum, { ratio }) => sum + ratio ** 2 / 2, 0) / 6,
      'objective/kl_k3': tokens.reduce((sum, { ratio }) => sum + Math.exp(-ratio) - 1 + ratio, 0) / 6,
      'objective/kl_per_token': mean(tokens.map(({ ratio }) => ratio)),
      'objective/score_mean': mean(scores),
      'objective/score_std': Math.sqrt(variance(scores)),
      'objective/non_score_reward': -beta * kl,
      'objective/rlhf_reward': mean(scores) - beta * kl,
      'loss/value': mean(residuals.map((residual) => residual ** 2)) / 2,
      // Whitened advantages have mean 0, and the ratios are 1.
      'loss/policy': 0,
      'value/mean': mean(tokens.map(({ value }) => value)),
      'value/explained_var': 1 - variance(residuals) / variance(tokens.map(({ returned }) => returned)),
      'adv/mean': mean(raw),
      'adv/std': Math.sqrt(variance(raw)),
      'adv/whitened': 1,
      length_mean: mean(lengths),
      length_max: Math.max(...lengths),
      gold: mean(samples.map(({ response }) => response.length)),
      episode: 12,
    };
    for (const [name, value] of Object.entries(expected)) expect(metrics[name as keyof typeof metrics], name).toBeCloseTo(value, 4);
    expect(samples.map(({ kl }) => kl).reduce((a, b) => a + b) / 6).toBeCloseTo(kl, 5);
    ppo.dispose();
  });

  it('shows for each token what a plain forward pass at its temperature says', async () => {
    const temperature = 0.6;
    const ppo = trainer({ tracedSamples: 6 }, { temperature });
    await ppo.iterate(PROMPTS);
    const acting = toParameters(await toWeights(ppo.parameters));
    const reference = toParameters(tinyModel().weights);
    const { samples } = await ppo.iterate(PROMPTS);
    const updated = toParameters(await toWeights(ppo.parameters));
    const { config, tokenizer } = tinyModel();
    const weight = Array.from(await acting.get('value.weight')!.data());
    const [bias] = await acting.get('value.bias')!.data();
    for (const { prompt, tokens } of samples) {
      const start = [config.bos_token_id, ...tokenizer.encode(prompt)];
      // Both special tokens show as nothing: the end-of-sequence can only be the last, and what is last at full length may be either.
      const isEnd = (t: number) => tokens[t].text === '' && t === tokens.length - 1;
      const response = tokens.map(({ text }, t) => (isEnd(t) ? config.eos_token_id : text === '' ? config.pad_token_id : tokenizer.encode(text)[0]));
      const all = [...start, ...response];
      const states = async (parameters: Parameters) => {
        const [hidden, logits] = tidy(() => {
          const ids = tensor2d(all, [1, all.length], 'int32');
          const h = reshape(hiddenStates(parameters, config, ids, ones([1, all.length])), [all.length, config.hidden_size]) as Tensor2D;
          return [h, nextTokenLogits(parameters, h)];
        });
        return { hidden: await hidden.data(), logits: await logits.data() };
      };
      const logProb = (logits: Float32Array | Int32Array | Uint8Array, position: number, token: number) => {
        const row = Array.from(logits.slice(position * config.vocab_size, (position + 1) * config.vocab_size), (x) => x / temperature);
        return row[token] - Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
      };
      const [now, base, after] = [await states(acting), await states(reference), await states(updated)];
      tokens.forEach((trace, t) => {
        // A token is predicted, and its state valued, one place before it.
        const before = start.length + t - 1;
        if (!isEnd(t) || tokens.length < TINY_PPO.responseLength) {
          expect(trace.logProb).toBeCloseTo(logProb(now.logits, before, response[t]), 3);
          expect(trace.referenceLogProb).toBeCloseTo(logProb(base.logits, before, response[t]), 3);
          expect(trace.updatedLogProb).toBeCloseTo(logProb(after.logits, before, response[t]), 3);
        }
        const value = weight.reduce((sum, w, i) => sum + w * now.hidden[before * config.hidden_size + i], bias);
        expect(trace.value).toBeCloseTo(value, 4);
      });
    }
    expect(Math.max(...samples.flatMap(({ tokens }) => tokens.map(({ value }) => Math.abs(value!))))).toBeGreaterThan(0.001);
    // The update moved them by more than the comparison forgives.
    expect(Math.max(...samples.flatMap(({ tokens }) => tokens.map(({ logProb, updatedLogProb }) => Math.abs(updatedLogProb! - logProb))))).toBeGreaterThan(0.01);
    for (const parameters of [acting, reference, updated]) disposeParameters(parameters);
    ppo.dispose();
  });

  it('adapts β after the update, from the KL of the rollout: its own rewards still pay the β from before', async () => {
    const kl = { ...TINY_PPO.kl, holdUntilTarget: false, target: 0.5, horizon: 60 };
    const ppo = trainer({ tracedSamples: 6 }, { kl });
    let expected = kl.coefficient;
    for (let i = 0; i < 3; i++) {
      const { metrics, samples } = await ppo.iterate(PROMPTS);
      expect(metrics['objective/kl_coef']).toBeCloseTo(expected, 10);
      for (const { tokens } of samples)
        for (const { reward, logProb, referenceLogProb } of tokens.slice(0, -1)) expect(reward).toBeCloseTo(-expected * (logProb - referenceLogProb), 6);
      // On a KL near 0 β cannot be read off.
      if (i > 0) expect(Math.max(...samples.flatMap(({ tokens }) => tokens.slice(0, -1).map(({ reward }) => Math.abs(reward))))).toBeGreaterThan(1e-3);
      const error = Math.max(-0.2, Math.min(0.2, metrics['objective/kl']! / 0.5 - 1));
      expected *= 1 + (error * PROMPTS.length) / 60;
    }
    expect((await ppo.state()).progress.kl.coefficient).toBeCloseTo(expected, 10);
    ppo.dispose();
  });

  it('discounts by its γ and λ: unwhitened, its advantages are sums of the temporal differences that it shows', async () => {
    const [gamma, lambda] = [0.5, 0.9];
    const ppo = trainer({ tracedSamples: 6 }, { gamma, lambda, whitenAdvantages: false });
    // The values of the first iteration are all 0, and would hide γ.
    await ppo.iterate(PROMPTS);
    const { samples } = await ppo.iterate(PROMPTS);
    for (const { tokens } of samples) {
      const differences = tokens.map(({ reward, value }, t) => reward + gamma * (tokens[t + 1]?.value ?? 0) - value!);
      tokens.forEach(({ advantage }, t) => {
        const sum = differences.slice(t).reduce((all, difference, l) => all + (gamma * lambda) ** l * difference, 0);
        expect(advantage).toBeCloseTo(sum, 5);
      });
    }
    // Values so large that another γ would show.
    expect(Math.max(...samples.flatMap(({ tokens }) => tokens.slice(1).map(({ value }) => Math.abs(value!))))).toBeGreaterThan(1e-3);
    ppo.dispose();
  });

  it('announces its phases in order and waits for each', async () => {
    const phases: Phase[] = [];
    let resting = false;
    const ppo = trainer({
      onPhase: async (phase) => {
        expect(resting).toBe(false);
        resting = true;
        await new Promise((resolve) => setTimeout(resolve, 5));
        resting = false;
        phases.push(phase);
      },
    });
    await ppo.iterate(PROMPTS);
    expect(phases).toEqual(['rollout', 'reference', 'score', 'rewards', 'advantages', 'update', 'kl-control']);
    ppo.dispose();
  });

  it('stops before the update when the KL passes its cap', async () => {
    const ppo = trainer({}, { kl: { ...TINY_PPO.kl, control: 'fixed', coefficient: -1, cap: 0.5 }, learningRateSchedule: 'constant', learningRate: 0.01 });
    let stop = null;
    let before: Weights = new Map();
    for (let i = 0; i < 20 && !stop; i++) {
      before = await toWeights(ppo.parameters);
      const iteration = await ppo.iterate(PROMPTS);
      stop = iteration.stop;
      if (stop) expect(iteration.metrics['objective/kl']!).toBeGreaterThan(0.5);
    }
    expect(stop).toMatchObject({ reason: 'kl-cap' });
    expect(distance(before, await toWeights(ppo.parameters))).toBe(0);
    ppo.dispose();
  });

  it('stops, unchanged, when a score is not a number', async () => {
    const ppo = trainer({ score: async (texts) => texts.map((_, i) => (i === 2 ? NaN : 1)) });
    const before = await toWeights(ppo.parameters);
    const { stop, metrics } = await ppo.iterate(PROMPTS);
    expect(stop).toMatchObject({ reason: 'not-finite' });
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    expect(distance(before, await toWeights(ppo.parameters))).toBe(0);
    ppo.dispose();
  });

  it('skips a minibatch whose mean ratio passes the threshold', async () => {
    // A threshold just below 1 refuses even the first minibatch, whose mean is 1.
    const ppo = trainer({}, { ratioThreshold: 0.5 });
    const before = await toWeights(ppo.parameters);
    const { metrics, stop } = await ppo.iterate(PROMPTS);
    expect(metrics['policy/skipped_minibatches']).toBe(TINY_PPO.epochs);
    expect(metrics.grad_norm).toBeUndefined();
    expect(stop).toBeNull();
    expect(distance(before, await toWeights(ppo.parameters))).toBe(0);
    ppo.dispose();
  });

  it('ends the epochs early when the ratios drift past their own target', async () => {
    const count = async (epochKlTarget: number | null) => {
      let steps = 0;
      const ppo = trainer({}, { epochs: 6, learningRate: 0.02, epochKlTarget });
      await ppo.iterate(PROMPTS);
      steps = (await ppo.state()).progress.optimiserStep;
      ppo.dispose();
      return steps;
    };
    expect(await count(null)).toBe(6);
    expect(await count(1e-4)).toBe(1);
  });

  it('falls linearly to 0 over the run, or stays', async () => {
    const rates = async (learningRateSchedule: 'linear' | 'constant') => {
      const ppo = trainer({}, { iterations: 3, learningRateSchedule });
      const seen = [];
      for (let i = 0; i < 3; i++) seen.push((await ppo.iterate(PROMPTS)).metrics.lr! / TINY_PPO.learningRate);
      ppo.dispose();
      return seen.map((rate) => Math.round(rate * 1e6) / 1e6);
    };
    expect(await rates('linear')).toEqual([1, 0.666667, 0.333333]);
    expect(await rates('constant')).toEqual([1, 1, 1]);
  });

  it('names a prompt that is too long, and counts its prompts', async () => {
    const ppo = trainer();
    await expect(ppo.iterate([...PROMPTS.slice(1), 'abcdefgh'])).rejects.toThrow(PromptTooLongError);
    await expect(ppo.iterate(PROMPTS.slice(1))).rejects.toThrow(/6 prompts, not 5/);
    ppo.dispose();
  });

  it('gives the policy as a plain language model', async () => {
    const ppo = trainer();
    await ppo.iterate(PROMPTS);
    const weights = await ppo.policyWeights();
    expect([...weights.keys()]).toEqual([...tinyModel().weights.keys()]);
    expect(distance(tinyModel().weights, weights)).toBeGreaterThan(0);
    ppo.dispose();
  });
});
