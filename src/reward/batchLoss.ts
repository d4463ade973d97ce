import { concat1d, slice, tensor1d, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';
import { lossesOf, type LossSettings, type Target, type Thresholds } from './kinds';
import { weightedMean } from './losses/weightedMean';
import type { Part } from './minibatches';

/** The texts of a step in the order of their scores: of each kind the first text of every judgement, then the second, and so on. */
export function rowsOf<E>(parts: readonly Part<E>[]): { example: E; text: number }[] {
  return parts.flatMap(({ filled, texts }) => Array.from({ length: texts }, (_, text) => filled.map((example) => ({ example, text }))).flat());
}

/**
 * Mean loss of a step's judgements, which is what is minimised. What only fills a
 * part, and a text that a judgement does not have, have no gradient from it.
 * @param scores of all its texts, [N], in the order of {@link rowsOf}
 */
export function batchLoss(scores: Tensor1D, parts: readonly Part<Target>[], settings: LossSettings, thresholds: Thresholds): Scalar {
  const weights = tensor1d(parts.flatMap(({ filled, counted }) => filled.map((_, i) => (i < counted ? 1 : 0))));
  let at = 0;
  const losses = parts.map(({ kind, filled, texts }) => {
    const read = Array.from({ length: texts }, (_, column) => slice(scores, [at + column * filled.length], [filled.length]));
    at += texts * filled.length;
    return lossesOf(kind, read, filled, settings, thresholds);
  });
  return weightedMean(concat1d(losses), weights);
}
