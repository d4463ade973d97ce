import { estimateAdvantages } from './advantages';
import type { Algorithm, PpoSettings } from './settings';

/*
 * What each algorithm makes of a rollout's rewards. All the rest – rollout,
 * rewards, update, β – is the same. PPO alone has a value function; a batch of
 * the last two holds groups of `groupSize` neighbours that answer one prompt.
 */

/** Flat per-token arrays [B · T], see masked.ts. */
export interface RewardedRollout {
  rewards: Float32Array;
  /** V of the state before each token; only PPO reads it. */
  values: Float32Array;
  mask: Float32Array;
  /** T. */
  length: number;
  /** What REINFORCE expects of a sequence: see {@link moveBaseline}. */
  baseline: number;
}

export interface Advantages {
  /** Of each token, [B · T]. */
  advantages: Float32Array;
  /** What the value function learns, [B · T]; absent where there is none. */
  returns?: Float32Array;
}

type Estimator = (rollout: RewardedRollout, settings: Pick<PpoSettings, 'gamma' | 'lambda' | 'groupSize'>) => Advantages;

const ESTIMATORS: Record<Algorithm, Estimator> = {
  /** Schulman et al. 2017: generalised advantage estimation over a learned V. */
  ppo: (rollout, { gamma, lambda }) => estimateAdvantages({ ...rollout, gamma, lambda }),
  /** Williams 1992: A_t = Σ_{s ≥ t} r_s − b, one number b for every state. */
  reinforce: (rollout) => {
    const values = rollout.mask.map((valid) => valid * rollout.baseline);
    return { advantages: estimateAdvantages({ ...rollout, values, gamma: 1, lambda: 1 }).advantages };
  },
  /** Ahmadian et al. 2024: every token of a sequence gets r_i − mean_{j≠i} r_j. */
  rloo: (rollout, { groupSize }) => ({ advantages: toEveryToken(leaveOneOut(sequenceRewards(rollout), groupSize), rollout) }),
  /** Shao et al. 2024, §4.1.2: every token of a sequence gets (r_i − mean) / std. */
  grpo: (rollout, { groupSize }) => ({ advantages: toEveryToken(standardised(sequenceRewards(rollout), groupSize), rollout) }),
};

export function advantagesOf(algorithm: Algorithm, rollout: RewardedRollout, settings: Parameters<Estimator>[1]): Advantages {
  return ESTIMATORS[algorithm](rollout, settings);
}

/** Σ_t r_t of each response, [B]: its score and, where the KL stands in the reward, −β·Σ k1. */
export function sequenceRewards({ rewards, mask, length: T }: Pick<RewardedRollout, 'rewards' | 'mask' | 'length'>): Float32Array {
  return Float32Array.from({ length: mask.length / T }, (_, row) => {
    let sum = 0;
    for (let i = row * T; i < (row + 1) * T; i++) if (mask[i] !== 0) sum += rewards[i];
    return sum;
  });
}

/**
 * REINFORCE's baseline for the next iteration: an exponentially weighted mean of
 * the past iterations' mean sequence reward (Williams 1992, "reinforcement
 * comparison"; Ahmadian et al. 2024 take the plain mean of all, which lags behind
 * a rising reward). It starts at 0, the mean of the reference's normalised scores.
 * Each iteration uses it before adding to it, so that it biases nothing.
 */
export function moveBaseline(baseline: number, sequenceRewards: Float32Array, decay: number): number {
  const mean = sequenceRewards.reduce((sum, reward) => sum + reward, 0) / sequenceRewards.length;
  return decay * baseline + (1 - decay) * mean;
}

/** r_i less the mean of the *others* of its group: with itself in that mean, the gradient would shrink by (k − 1)/k. */
function leaveOneOut(rewards: Float32Array, groupSize: number): Float32Array {
  return byGroup(rewards, groupSize, (group) => {
    const sum = group.reduce((a, b) => a + b, 0);
    return group.map((reward) => reward - (sum - reward) / (groupSize - 1));
  });
}

/** (r_i − mean) / (std + 1e-4) within each group, with the unbiased std as in TRL's GRPO; equal rewards give exactly 0. */
function standardised(rewards: Float32Array, groupSize: number): Float32Array {
  return byGroup(rewards, groupSize, (group) => {
    if (group.every((reward) => reward === group[0])) return group.map(() => 0);
    const mean = group.reduce((a, b) => a + b, 0) / groupSize;
    const variance = group.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / (groupSize - 1);
    return group.map((reward) => (reward - mean) / (Math.sqrt(variance) + 1e-4));
  });
}

function byGroup(rewards: Float32Array, groupSize: number, advantagesOf: (group: number[]) => number[]): Float32Array {
  const advantages = new Float32Array(rewards.length);
  for (let start = 0; start < rewards.length; start += groupSize) advantages.set(advantagesOf([...rewards.subarray(start, start + groupSize)]), start);
  return advantages;
}

/** One number a response, at each of its valid tokens; 0 on padding. */
function toEveryToken(values: Float32Array, { mask, length: T }: RewardedRollout): Float32Array {
  return mask.map((valid, i) => (valid === 0 ? 0 : values[Math.floor(i / T)]));
}
