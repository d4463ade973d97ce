import type { Parameters } from '../model/parameters';
import { Sequences } from '../model/sequences';
import type { RandomStream } from '../tensor/random';
import { sampleResponses, type Writer } from './rollout';

/** A mean KL in nats a response, with its standard error. */
export interface SampledKl {
  mean: number;
  standardError: number;
  samples: number;
}

export interface KlSampling {
  /** Taken in turn, each begun by the bos token in `promptLength` tokens at most. */
  prompts: readonly string[];
  promptLength: number;
  /** Tokens of the longest text that was learned from; the samples are as long. */
  responseLength: number;
  settings: { klSamples: number; batchSize: number; temperature: number };
  random: RandomStream;
  /** Awaited after each batch. */
  onBatch: (done: number, total: number) => void | Promise<void>;
}

/** Mean of Σ (log π − log π_ref) over whole samples of a policy, guided or not. */
export async function sampledKl(policy: Writer, reference: Parameters, { prompts, promptLength, responseLength, settings, random, onBatch }: KlSampling): Promise<SampledKl> {
  const { config, parameters, guide } = policy;
  const { klSamples, batchSize, temperature } = settings;
  const room = Math.max(1, Math.min(responseLength, config.max_position_embeddings - promptLength));
  const rollout = { promptLength, responseLength: room, temperature, cut: { at: 'eos', afterTokens: 0 } as const };
  const kl: number[] = [];
  for (let batch = 0; kl.length < klSamples; batch++) {
    const asked = Array.from({ length: batchSize }, (_, i) => prompts[(batch * batchSize + i) % prompts.length]);
    const { responses } = await sampleResponses(policy, asked, rollout, random.fork(`batch ${batch}`).state());
    const samples = new Sequences(config, responses.map(({ promptTokens, tokens }) => ({ prompt: promptTokens, response: tokens })), temperature);
    const rows = Int32Array.from(responses, (_, row) => row);
    const [ours, theirs] = [await samples.measure(parameters, rows, batchSize, guide), await samples.measure(reference, rows, batchSize)];
    ours.forEach((logProb, row) => kl.length < klSamples && kl.push(logProb - theirs[row]));
    await onBatch(kl.length, klSamples);
  }
  const mean = kl.reduce((sum, one) => sum + one, 0) / kl.length;
  const variance = kl.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, kl.length - 1);
  return { mean, standardError: Math.sqrt(variance / kl.length), samples: kl.length };
}
