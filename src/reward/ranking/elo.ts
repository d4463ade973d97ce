import type { JudgedPair } from './bradleyTerryFit';
import { checkItems } from './rankingTerms';

export interface EloSettings {
  /** The most that one judgement moves a rating. */
  k: number;
  /** Rating of an item that nothing is known of. */
  start: number;
  /** A lead of `scale` points is `base` to 1 odds. */
  base: number;
  scale: number;
}

/** Elo's logistic form as chess uses it: 400 points are odds of 10 to 1 (FIDE Handbook B.02). K = 32 lets few judgements tell. */
export const ELO: EloSettings = { k: 32, start: 1500, base: 10, scale: 400 };

/** Share of points that an item expects against one that is `lead` points below: 1/(1 + base^(−lead/scale)). */
export function expectedScore(lead: number, { base, scale }: EloSettings = ELO): number {
  return 1 / (1 + base ** (-lead / scale));
}

/**
 * Ratings after the judgements (Elo 1978): one after the other, each moves the two
 * by K·(label − expected), up and down. Later judgements count for more, so
 * another order gives other ratings; the likelihood fits have no such memory.
 * Throws RankingError where a pair names an item that is not there.
 */
export function eloRatings(pairs: readonly JudgedPair[], items: number, settings: EloSettings = ELO): Float64Array {
  const ratings = new Float64Array(items).fill(settings.start);
  for (const { first, second, label } of pairs) {
    checkItems([first, second], items);
    const gain = settings.k * (label - expectedScore(ratings[first] - ratings[second], settings));
    ratings[first] += gain;
    ratings[second] -= gain;
  }
  return ratings;
}
