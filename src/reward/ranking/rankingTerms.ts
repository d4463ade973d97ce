/** An order of items, best first. */
export interface Ranking {
  /** Items by number; those of one group are tied. */
  groups: readonly (readonly number[])[];
  /** Items that come after all groups, in no known order: of a best-of-n, all but the best. */
  rest?: readonly number[];
}

/** weight · log Σ_{i ∈ items} exp(score_i) */
export interface RankingTerm {
  items: readonly number[];
  weight: number;
}

/** A ranking that says nothing, or contradicts itself. */
export class RankingError extends Error {
  override readonly name = 'RankingError';
}

/** A tie of n items has 2ⁿ − 1 terms. */
export const MOST_TIED = 6;

/**
 * −log-likelihood of a ranking under the model of Plackett (1975) and Luce (1959)
 * as a sum of terms: items are chosen one after the other, each with a chance
 * ∝ exp(score) among those that are left, which costs log Σ exp(left) − score.
 *
 * A group of g ties stands for all its g! orders, whose log-likelihoods are
 * averaged. When s of them are left, every subset of s is left in equally many
 * orders, so the average is over subsets: Σ_S log Σ_{S ∪ after} exp / C(g, |S|).
 * Two tied items give the soft label ½. Throws {@link RankingError}.
 */
export function rankingTerms({ groups, rest = [] }: Ranking): RankingTerm[] {
  const all = [...groups.flat(), ...rest];
  if (new Set(all).size < all.length) throw new RankingError('A ranking names a response twice. Name each once.');
  if (all.length < 2 || all.length === rest.length) throw new RankingError('A ranking of fewer than two responses, or with none before the others, says nothing. Leave it out.');
  const terms: RankingTerm[] = groups.flat().map((item) => ({ items: [item], weight: -1 }));
  let after = [...rest];
  for (const group of groups.toReversed()) {
    if (group.length > MOST_TIED) throw new RankingError(`A ranking ties ${group.length} responses, and at most ${MOST_TIED} can be. Split the tie, or leave some out.`);
    for (let chosen = 1; chosen < 1 << group.length; chosen++) {
      const left = group.filter((_, i) => chosen & (1 << i));
      terms.push({ items: [...left, ...after], weight: 1 / binomial(group.length, left.length) });
    }
    after = [...group, ...after];
  }
  return terms;
}

/** Throws {@link RankingError} where one of these is not among 0 … count − 1. */
export function checkItems(items: readonly number[], count: number): void {
  const stranger = items.find((item) => !Number.isInteger(item) || item < 0 || item >= count);
  if (stranger !== undefined) throw new RankingError(`A judgement names response ${stranger}, and there are ${count}, counted from 0. Leave it out, or give them all.`);
}

function binomial(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways *= (n - k + i) / i;
  return ways;
}
