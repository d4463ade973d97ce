import { clipByValue, exp, maximum, mul, neg, square, sub, add, sum, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';

/*
 * PPO's two clipped losses (Schulman et al. 2017, eq. 7; the value clip of
 * openai/baselines and openai/lm-human-preferences). All tensors are [rows, T];
 * `tokens` is the number of valid tokens in the *whole* minibatch, so losses
 * and gradients of its parts add up to those of the whole.
 */

/** Bound on |log π − log π_old| before exponentiation: e²⁰ is still a float32, and hopeless as a ratio. */
const MAX_LOG_RATIO = 20;

/** ρ = π / π_old. */
export function probabilityRatio(logProbs: Tensor2D, oldLogProbs: Tensor2D): Tensor2D {
  return exp(clipByValue(sub(logProbs, oldLogProbs), -MAX_LOG_RATIO, MAX_LOG_RATIO)) as Tensor2D;
}

/** Σ mask·max(−Aρ, −A·clip(ρ, 1 − ε, 1 + ε)) / tokens. */
export function clippedSurrogate(ratio: Tensor2D, advantages: Tensor2D, mask: Tensor2D, clipRange: number, tokens: number): Scalar {
  const losses = neg(advantages);
  const worst = maximum(mul(losses, ratio), mul(losses, clipByValue(ratio, 1 - clipRange, 1 + clipRange)));
  return maskedMean(worst as Tensor2D, mask, tokens);
}

/** ½·Σ mask·max((V − R)², (V_old + clip(V − V_old, ±ε) − R)²) / tokens. */
export function clippedValueLoss(
  values: Tensor2D,
  oldValues: Tensor2D,
  returns: Tensor2D,
  mask: Tensor2D,
  clipRange: number,
  tokens: number,
): Scalar {
  const clipped = add(oldValues, clipByValue(sub(values, oldValues), -clipRange, clipRange));
  const worst = maximum(square(sub(values, returns)), square(sub(clipped, returns)));
  return mul(0.5, maskedMean(worst as Tensor2D, mask, tokens)) as Scalar;
}

/** Σ mask·x / tokens. */
export function maskedMean(x: Tensor2D, mask: Tensor2D, tokens: number): Scalar {
  return mul(sum(mul(x, mask)), 1 / tokens) as Scalar;
}
