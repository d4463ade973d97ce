import { cumsum, less, min, mul, slice, softmax, topk, where, type Tensor2D } from '@tensorflow/tfjs-core';

export interface Truncation {
  /** Keep the k most likely tokens. */
  topK?: number;
  /** Keep the smallest set of most likely tokens whose probability reaches p (Holtzman et al. 2020). */
  topP?: number;
}

// As low as attention's mask: no draw reaches it, and it stays finite, which WebGPU's arithmetic needs.
const EXCLUDED = -1e9;
const NEVER_THE_LEAST = 1e9;

/**
 * Logits [B, V] with the unlikely tokens excluded; top-k first, then top-p over
 * what is left, both at `temperature`. For the playground: a truncated sample
 * is not one of the policy's, and a KL measured on it goes negative.
 * Tokens that tie with the last one kept are kept too.
 */
export function truncateLogits(logits: Tensor2D, temperature: number, { topK, topP }: Truncation): Tensor2D {
  const [B, V] = logits.shape;
  let kept = logits;
  if (topK !== undefined && topK < V) {
    const best = topk(kept, topK, true).values as Tensor2D;
    kept = atLeast(kept, slice(best, [0, topK - 1], [B, 1]));
  }
  if (topP !== undefined && topP < 1) {
    const sorted = topk(kept, V, true).values as Tensor2D;
    // tfjs misreads a negative axis of cumsum.
    const likelier = cumsum(softmax(mul(sorted, 1 / temperature)), 1, true) as Tensor2D;
    const nucleus = where(less(likelier, topP), sorted, NEVER_THE_LEAST);
    // The first token always belongs to the nucleus, also where p is below every probability.
    kept = atLeast(kept, min(nucleus, -1, true));
  }
  return kept;
}

function atLeast(logits: Tensor2D, threshold: Tensor2D): Tensor2D {
  return where(less(logits, threshold), EXCLUDED, logits) as Tensor2D;
}
