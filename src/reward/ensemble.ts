import { sigmoid } from './logistic';
import { normalisation, type Normalisation } from './normalisation';
import type { ScoredPair } from './report';

/** How the rewards of several members become one. */
export interface Aggregation {
  aggregate: 'mean' | 'minimum' | 'penalised';
  /** λ of 'penalised'. */
  penalty: number;
}

export const MEAN: Aggregation = { aggregate: 'mean', penalty: 0 };

/**
 * The rewards of K members for N texts as one reward for each: their mean, their
 * minimum, or mean − λ·variance, where the variance is that of the whole, not of
 * a sample (Coste et al. 2023, §3: mean, worst-case and uncertainty-weighted
 * optimisation). The last two trust a text less the more its judges differ.
 * @param members K arrays [N], each normalised on the reference policy
 */
export function aggregated(members: readonly ArrayLike<number>[], { aggregate, penalty }: Aggregation): Float32Array {
  return Float32Array.from(members[0], (_, n) => {
    const rewards = members.map((scores) => scores[n]);
    if (aggregate === 'minimum') return Math.min(...rewards);
    const { mean, variance } = moments(rewards);
    return aggregate === 'mean' ? mean : mean - penalty * variance;
  });
}

/** Standard deviation of the members' rewards for each text, [N]: how much they disagree. 0 for one member. */
export function disagreements(members: readonly ArrayLike<number>[]): Float32Array {
  return Float32Array.from(members[0], (_, n) => Math.sqrt(moments(members.map((scores) => scores[n])).variance));
}

/**
 * How far the members are from one answer about one item: the standard deviation
 * over members of P(i ≻ j) = σ(r_i − r_j), mean over all pairs of its responses.
 * 0: all are of one mind; ½: half of them are sure of the opposite. A response that
 * stands alone is held against the base model's average text, whose reward is 0.
 * To ask where a committee disagrees is Seung, Opper and Sompolinsky 1992, “Query by
 * committee”; of reward models, Christiano et al. 2017, §2.2.4.
 * @param members K arrays [responses], each normalised on the reference policy
 */
export function preferenceDisagreement(members: readonly ArrayLike<number>[]): number {
  const spread = disagreements(members.map((rewards) => gaps(rewards).map(sigmoid)));
  return spread.reduce((sum, value) => sum + value, 0) / spread.length;
}

/** r_i − r_j of all pairs i < j; of one reward, itself. */
function gaps(rewards: ArrayLike<number>): number[] {
  const all = Array.from(rewards);
  return all.length === 1 ? all : all.flatMap((first, i) => all.slice(i + 1).map((second) => first - second));
}

/** Gain and bias that bring the aggregate back to mean 0 and standard deviation 1 on the reference policy: where members differ their mean varies less than each of them, and their minimum is lower. */
export function aggregateScale(referenceScores: readonly Float32Array[], aggregation: Aggregation): Normalisation {
  return normalisation(aggregated(referenceScores, aggregation));
}

/**
 * What each member counts in the mean reward, (1/K)·Σ (gain_k·raw_k + bias_k):
 * gain_k / Σ gain. So weighted, raw scores are log-odds still, and in the order
 * of the mean reward. Exactly 1 for one member.
 */
export function sharesOf(scales: readonly Normalisation[]): number[] {
  const sum = scales.reduce((total, { gain }) => total + gain, 0);
  return scales.map(({ gain }) => gain / sum);
}

/** Held-out pairs with the members' raw scores as one, see {@link sharesOf}. */
export function pooledPairs(members: readonly (readonly ScoredPair[])[], shares: readonly number[]): ScoredPair[] {
  const pool = (i: number, side: 0 | 1) => members.reduce((sum, pairs, k) => sum + shares[k] * pairs[i].scores[side], 0);
  return members[0].map((scored, i) => ({ ...scored, scores: [pool(i, 0), pool(i, 1)] }));
}

/** Reward = gain · raw + bias of the mean reward, where raw is that of {@link pooledPairs}. */
export function pooledScale(scales: readonly Normalisation[], aggregate: Normalisation): Normalisation {
  if (scales.length === 1) return scales[0];
  const mean = (of: keyof Normalisation) => scales.reduce((sum, scale) => sum + scale[of], 0) / scales.length;
  return { gain: aggregate.gain * mean('gain'), bias: aggregate.gain * mean('bias') + aggregate.bias };
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}
