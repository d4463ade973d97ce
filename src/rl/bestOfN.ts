import { sampleResponses, type Response, type RolloutSettings, type Writer } from './rollout';
import type { ScoredText } from './ppo';

/*
 * Best-of-n: sample n responses and keep the one that scores highest. No
 * training at all, and hard to beat for its KL (Gao et al. 2022; Beirami et al. 2024).
 */

export interface BestOfN {
  /** The highest of each prompt's n responses, the first of them where several are. */
  best: Response[];
  /** What each of those scored. */
  scores: number[];
  /** The seed's first unused number. */
  counter: number;
}

/**
 * The best of `n` responses of a policy to each prompt, all sampled in one batch
 * of prompts × n. `score` gives one number a text, in order. Throws RangeError
 * for an n that is no positive whole number, and PromptTooLongError.
 */
export async function sampleBestOfN(
  writer: Writer,
  prompts: readonly string[],
  n: number,
  score: (texts: readonly ScoredText[]) => Promise<ArrayLike<number>>,
  settings: RolloutSettings,
  random: { seed: number; counter: number },
): Promise<BestOfN> {
  demandCount(n);
  const repeated = prompts.flatMap((prompt) => Array<string>(n).fill(prompt));
  const { responses, counter } = await sampleResponses(writer, repeated, settings, random);
  const scores = await score(responses.map(({ prompt, text }) => ({ prompt, response: text })));
  const winners = prompts.map((_, group) => winnerOf(scores, group * n, n));
  return { best: winners.map((i) => responses[i]), scores: winners.map((i) => scores[i]), counter };
}

/** The place of the highest of the `n` scores from `start` on, the first of them where several are. */
export function winnerOf(scores: ArrayLike<number>, start: number, n: number): number {
  let winner = start;
  for (let i = start + 1; i < start + n; i++) if (scores[i] > scores[winner]) winner = i;
  return winner;
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

/** What choosing among n samples is expected to bring, for one n. */
export interface BestOfNPoint {
  n: number;
  /** The KL is at most this many nats, and may be far below it. */
  klAtMost: number;
  /** Expected score of the chosen one by what chooses it. */
  score: number;
  /** Its expected gold score; null where there is none. */
  gold: number | null;
}

/** How score and gold grow with n, from samples of the policy that have both: {@link expectedBestOfN} at each n. Throws RangeError for an n that is more than there are samples. */
export function bestOfNCurve(samples: readonly { score: number; gold: number | null }[], ns: readonly number[]): BestOfNPoint[] {
  const scores = samples.map(({ score }) => score);
  const golds = samples.flatMap(({ gold }) => gold ?? []);
  return ns.map((n) => ({
    n,
    klAtMost: bestOfNKlUpperBound(n),
    score: expectedBestOfN(scores, n),
    gold: golds.length === samples.length ? expectedBestOfN(scores, n, golds) : null,
  }));
}

function demandCount(n: number): void {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`n is ${n}; the best of n needs a whole number of at least 1.`);
}
