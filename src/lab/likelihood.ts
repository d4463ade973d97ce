import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { layOut } from '../model/batch';
import type { ModelConfig } from '../model/config';
import type { Guide } from '../model/critic';
import { responseLogProbs } from '../model/logProbs';
import type { Parameters } from '../model/parameters';

/** A prompt and what followed it, in token ids. */
export interface Continuation {
  promptTokens: readonly number[];
  tokens: readonly number[];
}

/**
 * log π of every response token, row by row, in nats. Give `widths` where many
 * batches follow, so that the device meets one shape only.
 */
export async function tokenLikelihoods(
  parameters: Parameters,
  config: ModelConfig,
  rows: readonly Continuation[],
  temperature: number,
  widths?: { prompt: number; response: number },
  guide?: Guide,
): Promise<Float32Array[]> {
  const { ids, mask, B, P, T } = layOut(
    rows.map(({ promptTokens }) => promptTokens),
    rows.map(({ tokens }) => tokens),
    config.pad_token_id,
    widths,
  );
  const logProbs = tidy(() => {
    const batch = { ids: tensor2d(ids, [B, P + T], 'int32'), mask: tensor2d(mask, [B, P + T]), promptLength: P, responseLength: T };
    return responseLogProbs(parameters, config, batch, temperature, guide).logProbs;
  });
  const values = (await logProbs.data()) as Float32Array;
  logProbs.dispose();
  return rows.map(({ tokens }, row) => values.slice(row * T, row * T + tokens.length));
}

/** Σ (log π − log π_ref) over one response: its share of the KL, in nats. */
export function sequenceKl(policy: Float32Array, reference: Float32Array): number {
  return policy.reduce((sum, logProb, t) => sum + logProb - reference[t], 0);
}
