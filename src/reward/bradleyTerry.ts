import { add, mul, square, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';
import type { Verdict } from '../feedback/judgement';
import { pairLosses } from './losses/pair';
import { weightedMean } from './losses/weightedMean';

/** The target probability that the first response is better: ties, and pairs where both are bad, are soft. */
export const LABELS: Record<Verdict, number> = { first: 1, second: 0, tie: 0.5, 'both-bad': 0.5 };

/**
 * Bradley and Terry's loss on soft labels, plus `centring`·(r₁ + r₂)² (Eisenstein
 * et al. 2023), each as a mean over the pairs of weight 1. All [N]; pairs of
 * weight 0 only fill a batch.
 */
export function bradleyTerryLoss(first: Tensor1D, second: Tensor1D, labels: Tensor1D, weights: Tensor1D, centring: number): Scalar {
  return weightedMean(add(pairLosses(first, second, labels), mul(centring, square(add(first, second)))), weights);
}
