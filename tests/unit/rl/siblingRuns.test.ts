import { beforeAll, describe, expect, it } from 'vitest';
import { toWeights, type Weights } from '../../../src/model/parameters';
import { PpoTrainer } from '../../../src/rl/ppo';
import { PPO_PRESETS, responsesPerPrompt, type PpoSettings } from '../../../src/rl/settings';
import { startBackend } from '../../../src/tensor/backend';
import { PROMPTS, tinyModel, TINY_PPO, vowels } from './tinyWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

/** A preset at the tiny world's size. */
function tiny(preset: 'reinforce' | 'rloo' | 'grpo', changes: Partial<PpoSettings> = {}): PpoSettings {
  const { algorithm, epochs, whitenAdvantages, kl } = PPO_PRESETS[preset].settings;
  return { ...TINY_PPO, algorithm, epochs, whitenAdvantages, kl, groupSize: 3, ...changes };
}

const trainer = (settings: PpoSettings, score = vowels) => new PpoTrainer({ model: tinyModel(), settings, seed: 3, tracedSamples: settings.batchSize, score });

/** Six prompts, or two of them three times. */
const promptsFor = (settings: PpoSettings) => Array.from({ length: settings.batchSize }, (_, i) => PROMPTS[Math.floor(i / responsesPerPrompt(settings)) % PROMPTS.length]);

const asArrays = (weights: Weights) => Object.fromEntries([...weights].map(([name, { data }]) => [name, [...data]]));

describe.each(['reinforce', 'rloo', 'grpo'] as const)('%s', (preset) => {
  it('stopped and resumed is bit for bit the run that never stopped', async () => {
    const settings = tiny(preset, { kl: { ...tiny(preset).kl, control: 'adaptive', target: 0.001, horizon: 20 } });
    const whole = trainer(settings);
    for (let i = 0; i < 2; i++) await whole.iterate(promptsFor(settings));
    const state = structuredClone(await whole.state());
    await whole.iterate(promptsFor(settings));
    const last = await whole.iterate(promptsFor(settings));

    const after = trainer(settings);
    await after.iterate(promptsFor(settings));
    after.restore(state);
    await after.iterate(promptsFor(settings));
    const resumed = await after.iterate(promptsFor(settings));
    const untimed = ({ metrics }: typeof last) => Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name));
    expect(untimed(resumed)).toEqual(untimed(last));
    expect(resumed.samples).toEqual(last.samples);
    const [a, b] = [await whole.state(), await after.state()];
    expect(asArrays(b.weights)).toEqual(asArrays(a.weights));
    expect(b.progress).toEqual(a.progress);
    whole.dispose();
    after.dispose();
  });

  it('learns no value function, and says nothing of one', async () => {
    const settings = tiny(preset);
    const run = trainer(settings);
    const before = await toWeights(run.parameters);
    await run.iterate(promptsFor(settings));
    const { metrics, samples } = await run.iterate(promptsFor(settings));
    expect(Object.keys(metrics).filter((name) => name.includes('value'))).toEqual([]);
    for (const { tokens } of samples) for (const token of tokens) expect(token).not.toHaveProperty('value');
    const after = await toWeights(run.parameters);
    for (const name of ['value.weight', 'value.bias']) expect([...after.get(name)!.data]).toEqual([...before.get(name)!.data]);
    expect(after.get('model.norm.weight')!.data).not.toEqual(before.get('model.norm.weight')!.data);
    // One update on each rollout: its ratios are 1, and nothing is clipped.
    expect(metrics['policy/first_minibatch_max_ratio_error']!).toBeLessThan(1e-5);
    expect(metrics['policy/clipfrac']).toBe(0);
    run.dispose();
  });

  it('learns: the share of vowels rises', async () => {
    const settings = tiny(preset, { batchSize: 12, iterations: 40, learningRateSchedule: 'constant', learningRate: 1e-2, kl: { ...tiny(preset).kl, control: 'fixed', coefficient: 0.02, cap: null } });
    const run = trainer(settings);
    const scores: number[] = [];
    for (let i = 0; i < 20; i++) scores.push((await run.iterate(promptsFor(settings))).metrics['objective/score_mean']!);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(scores.slice(-4)) - mean(scores.slice(0, 3))).toBeGreaterThan(1);
    run.dispose();
  });
});

it('REINFORCE’s baseline is the moving average of what the texts before were worth', async () => {
  const settings = tiny('reinforce', { baselineDecay: 0.75 });
  const run = trainer(settings, async (texts) => (await vowels(texts)).map((score) => score + 2));
  let baseline = 0;
  for (let i = 0; i < 3; i++) {
    const { metrics, samples } = await run.iterate(promptsFor(settings));
    expect(metrics['adv/baseline']).toBeCloseTo(baseline, 5);
    const worth = samples.map(({ score, kl }) => score - metrics['objective/kl_coef']! * kl);
    // The first token's advantage is what the whole text brought less the baseline.
    samples.forEach(({ tokens }, row) => expect(tokens[0].advantage).toBeCloseTo(worth[row] - baseline, 4));
    baseline = 0.75 * baseline + 0.25 * (worth.reduce((a, b) => a + b) / worth.length);
  }
  expect(baseline).toBeGreaterThan(0.5);
  run.dispose();
});

it('RLOO compares the answers to one prompt, KL included', async () => {
  const settings = tiny('rloo');
  const run = trainer(settings);
  await run.iterate(promptsFor(settings));
  const { metrics, samples } = await run.iterate(promptsFor(settings));
  const worth = samples.map(({ score, kl }) => score - metrics['objective/kl_coef']! * kl);
  samples.forEach(({ prompt, tokens }, row) => {
    const others = worth.filter((_, i) => i !== row && samples[i].prompt === prompt);
    expect(others).toHaveLength(2);
    for (const { advantage } of tokens) expect(advantage).toBeCloseTo(worth[row] - (others[0] + others[1]) / 2, 4);
  });
  expect(new Set(samples.map(({ response }) => response)).size).toBeGreaterThan(3);
  run.dispose();
});

it('GRPO keeps the KL out of the reward and has it in the loss', async () => {
  const settings = tiny('grpo', { kl: { ...tiny('grpo').kl, coefficient: 0.5 } });
  const run = trainer(settings);
  await run.iterate(promptsFor(settings));
  const { metrics, samples } = await run.iterate(promptsFor(settings));
  for (const { score, tokens } of samples) expect(tokens.map(({ reward }) => reward + 0)).toEqual(tokens.map((_, t) => (t === tokens.length - 1 ? score : 0)));
  const tokens = samples.flatMap((sample) => sample.tokens.map(({ logProb, referenceLogProb, advantage }) => ({ x: logProb - referenceLogProb, advantage })));
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const k3 = mean(tokens.map(({ x }) => Math.exp(-x) - 1 + x));
  expect(k3).toBeGreaterThan(1e-3);
  expect(metrics['loss/kl']).toBeCloseTo(k3, 5);
  expect(metrics['loss/total']).toBeCloseTo(-mean(tokens.map(({ advantage }) => advantage)) + 0.5 * k3, 5);
  // What the reward does not pay is not counted in it.
  expect(metrics).not.toHaveProperty('objective/non_score_reward');
  expect(metrics).not.toHaveProperty('objective/rlhf_reward');
  run.dispose();
});

it('a run whose texts all score the same moves nowhere with GRPO', async () => {
  const settings = tiny('grpo');
  const run = trainer(settings, async (texts) => texts.map(() => 0.1));
  const before = await toWeights(run.parameters);
  const { metrics } = await run.iterate(promptsFor(settings));
  expect(metrics.grad_norm).toBe(0);
  expect(asArrays(await toWeights(run.parameters))).toEqual(asArrays(before));
  run.dispose();
});

it('refuses prompts that do not come in groups', async () => {
  const run = trainer(tiny('rloo'));
  await expect(run.iterate(PROMPTS)).rejects.toThrow(/answered 3 times/);
  run.dispose();
});
