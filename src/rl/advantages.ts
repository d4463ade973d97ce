import { maskedMoments, whiten } from './masked';

/** Below this many valid tokens a standard deviation says nothing, and advantages stay as they are. */
export const MIN_TOKENS_TO_WHITEN = 8;

/** Flat per-token arrays [B · T], see masked.ts. */
export interface AdvantageInputs {
  rewards: Float32Array;
  /** V of the state before each token, as the policy stood at the rollout. */
  values: Float32Array;
  mask: Float32Array;
  /** T. */
  length: number;
  gamma: number;
  lambda: number;
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, eq. 16): δ_t = r_t +
 * γV_{t+1} − V_t, A_t = δ_t + γλA_{t+1}, where V after the last valid token is
 * 0. Returns are A + V, both 0 on padding.
 */
export function estimateAdvantages({ rewards, values, mask, length: T, gamma, lambda }: AdvantageInputs): {
  advantages: Float32Array;
  returns: Float32Array;
} {
  const advantages = new Float32Array(rewards.length);
  const returns = new Float32Array(rewards.length);
  for (let row = 0; row < rewards.length; row += T) {
    let nextValue = 0;
    let nextAdvantage = 0;
    for (let i = row + T - 1; i >= row; i--) {
      if (mask[i] === 0) continue;
      const delta = rewards[i] + gamma * nextValue - values[i];
      nextAdvantage = delta + gamma * lambda * nextAdvantage;
      nextValue = values[i];
      advantages[i] = nextAdvantage;
      returns[i] = nextAdvantage + values[i];
    }
  }
  return { advantages, returns };
}

/**
 * Advantages as the update uses them: whitened over the valid tokens with the
 * biased variance (openai/lm-human-preferences `utils.whiten`) if `wanted`, and
 * left alone where there are fewer than {@link MIN_TOKENS_TO_WHITEN} tokens.
 * `whitened` says which; `mean` and `std` are those before whitening.
 */
export function whitenAdvantages(
  advantages: Float32Array,
  mask: Float32Array,
  wanted = true,
): { advantages: Float32Array; whitened: boolean; mean: number; std: number } {
  const { mean, variance, count } = maskedMoments(advantages, mask);
  const whitened = wanted && count >= MIN_TOKENS_TO_WHITEN;
  return { advantages: whitened ? whiten(advantages, mask) : advantages, whitened, mean, std: Math.sqrt(variance) };
}
