/*
 * What best-of-n comes to, without sampling it: from scored samples of the policy alone.
 */

/** The best of n, as N scored samples let one expect it. */
export interface BestOfNPoint {
  n: number;
  /** An upper bound on the KL from the policy, nats a response: see {@link bestOfNKlUpperBound}. */
  klBound: number;
  /** Expected score of the best. */
  proxy: number;
  /** Expected gold score of what is best by its score. */
  gold: number;
}

/** A response of the policy with both its scores. */
export interface ScoredSample {
  prompt: string;
  score: number;
  gold: number;
}

/** A point for each of `counts`: the mean over the prompts, each of which needs as many samples as the largest count. Throws RangeError. */
export function bestOfNCurve(samples: readonly ScoredSample[], counts: readonly number[]): BestOfNPoint[] {
  const byPrompt = new Map<string, { scores: number[]; gold: number[] }>();
  for (const { prompt, score, gold } of samples) {
    let of = byPrompt.get(prompt);
    if (!of) byPrompt.set(prompt, (of = { scores: [], gold: [] }));
    of.scores.push(score);
    of.gold.push(gold);
  }
  const prompts = [...byPrompt.values()];
  if (prompts.length === 0) throw new RangeError('There are no samples to choose the best of.');
  const mean = (expected: (prompt: (typeof prompts)[0]) => number) => prompts.reduce((sum, prompt) => sum + expected(prompt), 0) / prompts.length;
  return counts.map((n) => ({
    n,
    klBound: bestOfNKlUpperBound(n),
    proxy: mean(({ scores }) => expectedBestOfN(scores, n)),
    gold: mean(({ scores, gold }) => expectedBestOfN(scores, n, gold)),
  }));
}

/**
 * Upper bound, in nats, on the KL of the best of n from the policy itself: log n
 * − (n − 1)/n. Often quoted as an equality, which it is only where no two
 * responses can score the same and none is likely: the fewer and likelier the
 * responses, the farther below it the KL stays (Beirami et al. 2024). Throws RangeError.
 */
export function bestOfNKlUpperBound(n: number): number {
  demandCount(n);
  return Math.log(n) - (n - 1) / n;
}

/**
 * Unbiased estimate, from N samples, of what the best of n brings: the mean over
 * all C(N, n) subsets of `values` at the highest of `scores`, which is Σᵢ v₍ᵢ₎ ·
 * C(i − 1, n − 1)/C(N, n) in the order of the scores (Nakano et al. 2021, app. I;
 * Gao et al. 2022). `values` are the scores themselves for the expected maximum,
 * or a gold score to see what choosing by a proxy is worth; samples that tie
 * for the highest share it. Throws RangeError unless 1 ≤ n ≤ N.
 */
export function expectedBestOfN(scores: ArrayLike<number>, n: number, values: ArrayLike<number> = scores): number {
  const N = scores.length;
  demandCount(n);
  if (n > N) throw new RangeError(`The best of ${n} cannot be estimated from ${N} samples: sample at least ${n}.`);
  if (values.length !== N) throw new RangeError(`There are ${N} scores and ${values.length} values; each sample needs both.`);
  const order = Array.from({ length: N }, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  let expectation = 0;
  // C(i − 1, n − 1)/C(N, n) at rank i = N, and from there downwards by a ratio below 1: no factorial, no overflow.
  let weight = n / N;
  let place = 0;
  while (place < N) {
    let [tied, mass, sum] = [0, 0, 0];
    for (; place < N && scores[order[place]] === scores[order[place - tied]]; place++, tied++) {
      const rank = N - place;
      mass += weight;
      sum += values[order[place]];
      weight = rank > 1 ? (weight * (rank - n)) / (rank - 1) : 0;
    }
    expectation += (mass * sum) / tied;
  }
  return expectation;
}

/** Throws RangeError for what cannot be a number of samples. */
export function demandCount(n: number): void {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`n is ${n}; the best of n needs a whole number of at least 1.`);
}
