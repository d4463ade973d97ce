import { add, div, mul, softplus, square, sub, sum, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';
import type { Verdict } from '../feedback/judgement';

/** The target probability that the first response is better: ties, and pairs where both are bad, are soft. */
export const LABELS: Record<Verdict, number> = { first: 1, second: 0, tie: 0.5, 'both-bad': 0.5 };

/**
 * Cross-entropy of Bradley and Terry's model (1952), P(first ≻ second) =
 * σ(r₁ − r₂), to soft labels, plus `centring`·(r₁ + r₂)² (Eisenstein et al.
 * 2023), each as a mean over the pairs of weight 1. All [N]; pairs of weight 0
 * only fill a batch. With Δ = r₁ − r₂, −[y·log σ(Δ) + (1 − y)·log σ(−Δ)] = softplus(Δ) − y·Δ.
 */
export function bradleyTerryLoss(first: Tensor1D, second: Tensor1D, labels: Tensor1D, weights: Tensor1D, centring: number): Scalar {
  const margin = sub(first, second);
  const crossEntropy = sub(softplus(margin), mul(labels, margin));
  const losses = add(crossEntropy, mul(centring, square(add(first, second))));
  return div(sum(mul(losses, weights)), sum(weights)) as Scalar;
}
