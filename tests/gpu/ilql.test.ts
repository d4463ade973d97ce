import { expect, it } from 'vitest';
import { guidingWeights, initCriticHeads } from '../../src/model/critic';
import { generate } from '../../src/model/decoding';
import { disposeParameters, toParameters } from '../../src/model/parameters';
import { tunedParameters } from '../../src/model/tuning';
import { TUNE_ALL } from '../../src/model/tuningSettings';
import { minibatchGradients } from '../../src/rl/epochs';
import { IlqlObjective, type RewardedText } from '../../src/rl/ilql';
import { ILQL_DEFAULTS } from '../../src/rl/ilqlSettings';
import { RandomStream } from '../../src/tensor/random';
import { relativeError } from '../reference/parity';
import { sharpWeights, TINY } from '../unit/model/tinyModel';
import { onBoth } from './startWebGpu';

const TEXTS: RewardedText[] = [
  { prompt: [1, 5], response: [4, 9, 1], reward: 1 },
  { prompt: [1], response: [7], reward: -1 },
  { prompt: [1, 30, 11], response: [6, 17, 4, 2], reward: 0 },
];
const SETTINGS = { ...ILQL_DEFAULTS, batchSize: 3, conservatism: 0.3 };

/** Heads large enough that every term counts, and targets that are not the Q heads. */
function criticWeights() {
  const random = new RandomStream(3);
  const weights = new Map([...sharpWeights(TINY, 1), ...initCriticHeads(TINY, random)]);
  for (const [name, { data }] of weights) if (/^(critic|target)\./.test(name)) data.forEach((_, i) => (data[i] = 0.3 * random.normal()));
  return weights;
}

async function computed() {
  const critic = tunedParameters(criticWeights(), TINY, TUNE_ALL, 'critic', new RandomStream(4));
  const { loss, gradients } = await minibatchGradients(new IlqlObjective(critic, TINY, TEXTS, SETTINGS), Int32Array.of(0, 1, 2), null);
  const slopes = new Map(await Promise.all([...gradients].map(async ([name, gradient]) => [name, (await gradient.data()) as Float32Array] as const)));
  disposeParameters(critic);
  const [base, guiding] = [toParameters(sharpWeights(TINY, 2)), toParameters(guidingWeights(criticWeights()))];
  const options = { maxNewTokens: 6, temperature: 1, seed: 6, counter: 0 };
  const written = async (beta?: number) => generate(base, TINY, [[1, 5], [1]], { ...options, ...(beta !== undefined && { guide: { critic: guiding, beta } }) });
  const texts = { plain: await written(), unguided: await written(0), guided: await written(2) };
  disposeParameters(base);
  disposeParameters(guiding);
  return { loss, slopes, texts };
}

it('a critic’s loss, its gradients and what it guides are the same on WebGPU as on the processor', async () => {
  const [{ gpu, cpu }] = await onBoth([computed]);
  expect(gpu.loss).toBeCloseTo(cpu.loss, 3);
  expect([...gpu.slopes.keys()]).toEqual([...cpu.slopes.keys()]);
  for (const [name, gradient] of cpu.slopes) expect(relativeError(gpu.slopes.get(name)!, gradient), name).toBeLessThan(1e-3);
  expect(gpu.texts.unguided).toEqual(gpu.texts.plain);
  expect(gpu.texts.guided.responses).toEqual(cpu.texts.guided.responses);
  expect(gpu.texts.guided.responses).not.toEqual(gpu.texts.plain.responses);
}, 180_000);
