import { add, expandDims, logSumExp, mul, sum, tensor2d, tensor3d, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { checkItems, RankingError, rankingTerms, type Ranking } from '../ranking/rankingTerms';

/** There are 2ᵏ − 1 subsets of k responses. */
export const MOST_RANKED = 8;

/** Low enough to vanish from a sum of exponentials, and still a number. */
const ABSENT = -1e30;

/**
 * Rankings of up to k responses, as {@link plackettLuceLosses} wants them: row n
 * holds the weight of each subset of the k in ranking n, [N, 2ᵏ − 1], and subset
 * s is that of the bits of s + 1. Throws {@link RankingError}.
 * @param rankings of the numbers 0 … k − 1, the columns of the scores
 */
export function subsetWeights(rankings: readonly Ranking[], k: number): Tensor2D {
  if (k > MOST_RANKED) throw new RankingError(`A ranking of ${k} responses is too long to learn from: at most ${MOST_RANKED}. Leave some out.`);
  const subsets = 2 ** k - 1;
  const weights = new Float32Array(rankings.length * subsets);
  rankings.forEach((ranking, n) => {
    for (const { items, weight } of rankingTerms(ranking)) {
      checkItems(items, k);
      weights[n * subsets + items.reduce((bits, item) => bits | (1 << item), 0) - 1] += weight;
    }
  });
  return tensor2d(weights, [rankings.length, subsets]);
}

/**
 * −log-likelihood of rankings under Plackett and Luce's model (algorithm in
 * {@link rankingTerms}), [N]: any of them, with ties or not, is a weighted sum of
 * log Σ_{i ∈ S} exp(r_i) over subsets S, so one launch does for all shapes. Two
 * responses give Bradley and Terry's loss.
 * @param scores [N, k]; a column that a ranking does not name has no gradient from it
 * @param weights from {@link subsetWeights}
 */
export function plackettLuceLosses(scores: Tensor2D, weights: Tensor2D): Tensor1D {
  const k = scores.shape[1];
  const subsets = weights.shape[1];
  const absent = Float32Array.from({ length: subsets * k }, (_, at) => ((Math.floor(at / k) + 1) & (1 << at % k) ? 0 : ABSENT));
  const sums = logSumExp(add(expandDims(scores, 1), tensor3d(absent, [1, subsets, k])), 2);
  return sum(mul(sums, weights), 1);
}
