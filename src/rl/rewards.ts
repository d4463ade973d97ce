import { k1 } from './kl';
import { validTokens } from './masked';

/** Flat per-token arrays [B · T] of B responses, see masked.ts. */
export interface RewardInputs {
  /** log π of each sampled token. */
  logProbs: Float32Array;
  /** log π_ref of the same tokens. */
  reference: Float32Array;
  mask: Float32Array;
  /** One score a response, [B]. */
  scores: Float32Array;
  /** β, in reward units a nat. */
  coefficient: number;
}

/**
 * r_t = −β·k1_t·mask_t, plus the score at the last valid token (Ziegler et al.
 * 2019, §2.2; openai/lm-human-preferences `train_policy.py`). Returns [B · T].
 */
export function tokenRewards({ logProbs, reference, mask, scores, coefficient }: RewardInputs): Float32Array {
  const T = mask.length / scores.length;
  const rewards = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) rewards[i] = -coefficient * k1(logProbs[i], reference[i]);
  scores.forEach((score, row) => {
    const valid = validTokens(mask, row, T);
    if (valid > 0) rewards[row * T + valid - 1] += score;
  });
  return rewards;
}
