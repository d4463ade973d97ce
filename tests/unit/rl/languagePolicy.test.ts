import { beforeAll, expect, it } from 'vitest';
import { layOut } from '../../../src/model/batch';
import { toParameters } from '../../../src/model/parameters';
import { initValueHead } from '../../../src/model/scalarHead';
import { LanguagePolicy, measure } from '../../../src/rl/languagePolicy';
import { minibatchGradients } from '../../../src/rl/update';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { relativeError } from '../../reference/parity';
import { randomPrompts, sharpWeights, TINY } from '../model/tinyModel';
import { TINY_PPO } from './tinyWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

it('gradients of responses of one to six tokens, added up part by part, are those of the whole minibatch', async () => {
  const random = new RandomStream(9);
  const responses = [[4, 9, 1], [8, 2, 30, 11, 6, 1], [7], [3, 3, 5, 12, 20, 21]];
  const batch = layOut(randomPrompts(new RandomStream(5), 4, 9), responses, TINY.pad_token_id);
  const draw = () => batch.responseMask.map(() => random.normal());
  const head = [...initValueHead(TINY.hidden_size)].map(([name, { shape, data }]) => [name, { shape, data: data.map(() => random.normal()) }] as const);
  const policy = new LanguagePolicy(toParameters(new Map([...sharpWeights(TINY, 1), ...head])), TINY, batch, 0.8);
  const now = await measure(policy, 4, 4);
  // Ratios on both sides of the clip.
  const logProbs = now.logProbs.map((logProb) => logProb + 0.2 * random.normal());
  const experience = { rows: 4, length: batch.T, mask: batch.responseMask, logProbs, values: draw(), advantages: draw(), returns: draw() };
  const inPartsOf = async (microbatchSize: number | null) => {
    const settings = { ...TINY_PPO, entropyCoefficient: 0.1, microbatchSize };
    const { gradients, report } = await minibatchGradients(policy, experience, Int32Array.of(2, 0, 3, 1), settings);
    return { gradients: new Map(await Promise.all([...gradients].map(async ([name, gradient]) => [name, await gradient.data()] as const))), report };
  };

  const whole = await inPartsOf(null);
  expect(whole.gradients.size).toBe(policy.variables.size);
  expect(whole.report.clipFraction).toBeGreaterThan(0.1);
  expect(whole.report.clipFraction).toBeLessThan(0.9);
  for (const size of [1, 2, 3]) {
    const parts = await inPartsOf(size);
    for (const [name, gradient] of whole.gradients) expect(relativeError(parts.gradients.get(name)!, gradient), `${name}, ${size} at a time`).toBeLessThan(1e-5);
    for (const name of Object.keys(whole.report) as (keyof typeof whole.report)[]) expect(parts.report[name], name).toBeCloseTo(whole.report[name]!, 5);
  }
});
