import { add, clipByValue, expm1, mul, neg, square, sub, sum, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import { MAX_LOG_RATIO } from '../tensor/clippedSurrogate';
import type { KlSettings } from './settings';

/*
 * Three estimates of KL(π‖π_ref) in nats from one sample x ~ π (Schulman,
 * "Approximating KL Divergence", 2020). Only k1 belongs in the reward: its sum
 * over a sequence is what the objective penalises, and k3 in its place moves
 * the optimum. In the loss it is the other way round: k1's own gradient is 0 in
 * expectation, k2's is that of KL(π‖π_ref), and k3's that of KL(π_ref‖π). Both
 * are taken token by token, given what was written before: a reward, which is
 * summed to the end, also charges a token for the KL of those that follow it.
 */

/** log π − log π_ref: unbiased, signed. */
export function k1(logProb: number, reference: number): number {
  return logProb - reference;
}

/** ½k1²: biased, never negative. */
export function k2(logProb: number, reference: number): number {
  return 0.5 * (logProb - reference) ** 2;
}

/** exp(−k1) − 1 + k1: unbiased, never negative. */
export function k3(logProb: number, reference: number): number {
  return Math.expm1(reference - logProb) + (logProb - reference);
}

/**
 * Mean k2 or k3 of a minibatch as a term of its loss: Σ mask·k / count, all
 * [rows, T]; differentiable in `logProbs` (k3: Shao et al. 2024, eq. 4). A
 * log-ratio beyond ±20 counts as 20, and nothing moves it.
 * @param count of the *whole* minibatch's tokens, so that losses of its parts add up
 */
export function klLoss(logProbs: Tensor2D, reference: Tensor2D, mask: Tensor2D, estimator: KlSettings['estimator'], count: number): Scalar {
  const logRatio = clipByValue(sub(logProbs, reference), -MAX_LOG_RATIO, MAX_LOG_RATIO);
  const estimate = estimator === 'k2' ? mul(0.5, square(logRatio)) : add(expm1(neg(logRatio)), logRatio);
  return mul(sum(mul(estimate, mask)), 1 / count) as Scalar;
}
