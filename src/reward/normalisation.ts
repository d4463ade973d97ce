import type { Weights } from '../model/parameters';

/** Reward = gain · raw + bias. */
export interface Normalisation {
  gain: number;
  bias: number;
}

/** Below this, scores differ by rounding alone, and blowing them up to 1 would make a reward of noise. */
const SMALLEST_SPREAD = 1e-6;

/**
 * Gain and bias that give these scores of the reference policy mean 0 and
 * (biased) standard deviation 1, so that β keeps its meaning from one reward
 * model to the next (Ziegler et al. 2019, §2.1). Scores that are all the same
 * are only shifted.
 */
export function normalisation(scores: Float32Array): Normalisation {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const std = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  const gain = std < SMALLEST_SPREAD ? 1 : 1 / std;
  return { gain, bias: -mean * gain };
}

/** A reward model's weights with the normalisation in its head: gain·(w·h + b) + bias = (gain·w)·h + (gain·b + bias). */
export function foldIntoHead(weights: Weights, { gain, bias }: Normalisation): Weights {
  const weight = weights.get('score.weight')!;
  const offset = weights.get('score.bias')!;
  return new Map([
    ...weights,
    ['score.weight', { ...weight, data: weight.data.map((w) => gain * w) }],
    ['score.bias', { ...offset, data: offset.data.map((b) => gain * b + bias) }],
  ]);
}
