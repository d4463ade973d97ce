/*
 * The best reward that any policy can have at a distance from the reference, as
 * far as samples of the reference tell. The policy π ∝ π_ref·exp(r/β) has the
 * highest reward at its KL (Korbak et al. 2022, §2); over samples of π_ref it is
 * a matter of weights.
 */

export interface FrontierPoint {
  /** β to which it belongs. */
  beta: number;
  /** Nats from the reference. */
  kl: number;
  reward: number;
}

/** Below so many effective samples a point would be a few texts' word. */
const FEWEST_EFFECTIVE = 30;

/**
 * Points of the frontier, by growing KL, from rewards of samples of π_ref: with
 * wᵢ = exp(rᵢ/β) / Σ exp(rⱼ/β), reward Σ wᵢrᵢ and KL Σ wᵢ·log(N·wᵢ). It begins at
 * the reference itself and ends where the effective number of samples, 1/Σ wᵢ²,
 * falls under {@link FEWEST_EFFECTIVE}: farther out, samples cannot tell. Samples
 * of several prompts may be weighted across them, which no policy can do, so for
 * those the curve is a bound that is not reached. Throws RangeError for fewer
 * samples than that.
 */
export function frontierBound(rewards: readonly number[]): FrontierPoint[] {
  if (rewards.length < FEWEST_EFFECTIVE) throw new RangeError(`There are ${rewards.length} samples, and a frontier needs ${FEWEST_EFFECTIVE}. Sample more.`);
  const most = rewards.reduce((a, b) => Math.max(a, b), -Infinity);
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const points: FrontierPoint[] = [{ beta: Infinity, kl: 0, reward: mean }];
  // Each β is a tenth below the last; rewards have about standard deviation 1.
  for (let beta = 10; beta > 1e-3; beta *= 0.9) {
    const weights = rewards.map((reward) => Math.exp((reward - most) / beta));
    const total = weights.reduce((a, b) => a + b, 0);
    const shares = weights.map((weight) => weight / total);
    if (1 / shares.reduce((sum, share) => sum + share * share, 0) < FEWEST_EFFECTIVE) break;
    points.push({
      beta,
      kl: shares.reduce((sum, share) => (share === 0 ? sum : sum + share * Math.log(share * rewards.length)), 0),
      reward: shares.reduce((sum, share, i) => sum + share * rewards[i], 0),
    });
  }
  return points;
}
