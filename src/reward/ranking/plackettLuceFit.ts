import { minimise, type Expansion } from './newton';
import { checkPrior, PRIOR } from './prior';
import { checkItems, rankingTerms, type Ranking, type RankingTerm } from './rankingTerms';

export interface PlackettLuceFit {
  /** In log-odds: of any items, one is chosen with a chance ∝ exp(score). */
  scores: Float64Array;
  /** log-likelihood of the rankings, averaged over the orders of ties, without the prior. */
  logLikelihood: number;
  iterations: number;
}

/**
 * Scores of items under the model of Plackett and Luce with a normal prior: the
 * minimum of −log-likelihood + ½·prior·Σ score², which is unique; rankings of two
 * give Bradley and Terry's with ties as half wins. Throws RankingError, FitError,
 * and RangeError for a prior that is not above 0.
 * @param rankings of the numbers 0 … items − 1, each of as many as was judged together
 */
export function fitPlackettLuce(rankings: readonly Ranking[], items: number, { prior = PRIOR }: { prior?: number } = {}): PlackettLuceFit {
  checkPrior(prior);
  const terms = rankings.flatMap(rankingTerms);
  for (const term of terms) checkItems(term.items, items);
  const expand = (x: Float64Array): Expansion => {
    const chosen = terms.map((term) => choice(term, x));
    const gradient = x.map((value) => prior * value);
    let value = x.reduce((sum, one) => sum + (prior / 2) * one ** 2, 0);
    terms.forEach(({ items, weight }, n) => {
      value += weight * chosen[n].logSum;
      items.forEach((item, i) => (gradient[item] += weight * chosen[n].chances[i]));
    });
    const curve = (v: Float64Array) => {
      const curved = v.map((one) => prior * one);
      terms.forEach(({ items, weight }, n) => {
        const { chances } = chosen[n];
        const mean = items.reduce((sum, item, i) => sum + chances[i] * v[item], 0);
        items.forEach((item, i) => (curved[item] += weight * chances[i] * (v[item] - mean)));
      });
      return curved;
    };
    return { value, gradient, curve };
  };
  const { x: scores, iterations } = minimise(expand, new Float64Array(items));
  return { scores, logLikelihood: -terms.reduce((sum, term) => sum + term.weight * choice(term, scores).logSum, 0), iterations };
}

/** log Σ exp(score) of a term's items, and the chance of each to be chosen among them. */
function choice({ items }: RankingTerm, scores: Float64Array): { logSum: number; chances: number[] } {
  const top = items.reduce((most, item) => Math.max(most, scores[item]), -Infinity);
  const powers = items.map((item) => Math.exp(scores[item] - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return { logSum: top + Math.log(sum), chances: powers.map((power) => power / sum) };
}
