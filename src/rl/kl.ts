/*
 * Three estimates of KL(π‖π_ref) in nats from one sample x ~ π (Schulman,
 * "Approximating KL Divergence", 2020). Only k1 belongs in the reward: its sum
 * over a sequence is what the objective penalises, and k3 in its place moves
 * the optimum. k2 and k3 are for watching.
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
