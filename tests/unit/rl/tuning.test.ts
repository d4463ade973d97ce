import { beforeAll, describe, expect, it } from 'vitest';
import { countParameters, toWeights, type Weights } from '../../../src/model/parameters';
import { initValueHead } from '../../../src/model/scalarHead';
import { trainedShapes } from '../../../src/model/tuning';
import { TUNE_ALL, type Tuning } from '../../../src/model/tuningSettings';
import { CheckpointError } from '../../../src/rl/checkpoint';
import { PpoTrainer } from '../../../src/rl/ppo';
import { startBackend } from '../../../src/tensor/backend';
import { TINY } from '../model/tinyModel';
import { PROMPTS, tinyModel, TINY_PPO, vowels } from './tinyWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const LORA: Tuning = { ...TUNE_ALL, what: 'lora', rank: 2, alpha: 4 };
const LAST: Tuning = { ...TUNE_ALL, what: 'last', layers: 1 };
const HEAD: Tuning = { ...TUNE_ALL, what: 'head' };

const trainer = (tune: Tuning, settings: Partial<typeof TINY_PPO> = {}) =>
  new PpoTrainer({ model: tinyModel(), settings: { ...TINY_PPO, responseLength: 5, ...settings, tune }, seed: 3, score: vowels });

const valuesOf = (weights: Weights) => Object.fromEntries([...weights].map(([name, { data }]) => [name, [...data]]));
const farthest = (a: Float32Array, b: Float32Array) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each([
  ['the last layer', LAST],
  ['an adapter', LORA],
  ['the head', HEAD],
] as const)('PPO on %s', (_, tune) => {
  const trained = trainedShapes(TINY, tune, 'value');

  it('starts at the reference: no KL, and ratios of 1; then the policy moves, and what is frozen does not, by a bit', async () => {
    const ppo = trainer(tune, { learningRate: 0.02 });
    const before = await toWeights(ppo.parameters);
    const first = await ppo.iterate(PROMPTS);
    expect(first.metrics['objective/kl']).toBe(0);
    expect(first.metrics['policy/first_minibatch_max_ratio_error']!).toBeLessThan(1e-5);
    const second = await ppo.iterate(PROMPTS);
    expect(second.metrics['objective/kl_k3']!).toBeGreaterThan(1e-5);
    expect(second.metrics['policy/first_minibatch_max_ratio_error']!).toBeLessThan(1e-5);
    for (const [name, { data }] of await toWeights(ppo.parameters))
      if (trained.has(name)) expect(farthest(data, before.get(name)!.data), name).toBeGreaterThan(0);
      else expect([...data], name).toEqual([...before.get(name)!.data]);
    ppo.dispose();
  });

  it('checkpoints what is trained, with moments of nothing else', async () => {
    const ppo = trainer(tune);
    await ppo.iterate(PROMPTS);
    const { weights } = await ppo.state();
    const expected = [...trained.keys()].flatMap((name) => [name, `adam.first.${name}`, `adam.second.${name}`]);
    expect([...weights.keys()].sort()).toEqual(expected.sort());
    expect(countParameters(weights.values())).toBeLessThan(3 * countParameters([...tinyModel().weights.values(), ...initValueHead(TINY.hidden_size).values()]));
    ppo.dispose();
  });

  it('stopped and resumed is bit for bit the run that never stopped', async () => {
    const whole = trainer(tune);
    await whole.iterate(PROMPTS);
    const state = structuredClone(await whole.state());
    await whole.iterate(PROMPTS);
    const last = await whole.iterate(PROMPTS);
    const after = trainer(tune);
    after.restore(state);
    await after.iterate(PROMPTS);
    const resumed = await after.iterate(PROMPTS);
    expect(resumed.samples).toEqual(last.samples);
    expect(valuesOf((await after.state()).weights)).toEqual(valuesOf((await whole.state()).weights));
    expect(valuesOf(await toWeights(after.parameters))).toEqual(valuesOf(await toWeights(whole.parameters)));
    whole.dispose();
    after.dispose();
  });

  it('gives the policy as a plain language model', async () => {
    const ppo = trainer(tune);
    await ppo.iterate(PROMPTS);
    const weights = await ppo.policyWeights();
    const base = tinyModel().weights;
    expect([...weights].map(([name, { shape }]) => [name, shape])).toEqual([...base].map(([name, { shape }]) => [name, shape]));
    expect([...weights].filter(([name, { data }]) => farthest(data, base.get(name)!.data) > 0).length).toBeGreaterThan(0);
    ppo.dispose();
  });
});

it('a checkpoint of an adapter is refused where another rank is trained', async () => {
  const ppo = trainer(LORA);
  const state = await ppo.state();
  ppo.dispose();
  const other = trainer({ ...LORA, rank: 3 });
  expect(() => other.restore(state)).toThrow(CheckpointError);
  other.dispose();
});

it('an adapter learns: the share of vowels rises', async () => {
  const ppo = trainer({ ...LORA, rank: 4, alpha: 8 }, { iterations: 40, learningRateSchedule: 'constant', learningRate: 4e-2, batchSize: 12, responseLength: 7, kl: { ...TINY_PPO.kl, control: 'fixed', coefficient: 0.02, cap: null } });
  const scores: number[] = [];
  for (let i = 0; i < 10; i++) scores.push((await ppo.iterate([...PROMPTS, ...PROMPTS])).metrics['objective/score_mean']!);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(mean(scores.slice(-3)) - mean(scores.slice(0, 2))).toBeGreaterThan(1);
  ppo.dispose();
});
