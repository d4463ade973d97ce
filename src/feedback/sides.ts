import type { Comparison, ComparisonState, PairVerdict, Verdict } from './judgement';
import { pairVerdictOf } from './lessons';

export type Side = 'left' | 'right';

/**
 * Whether a comparison's responses are shown from the last to the first, so that
 * a pair's second is on the left: a fair coin that depends on the dataset's seed
 * and the place in its queue alone, so that a queue grown in one go or in ten
 * gets the same sides. The two integers are mixed by the finaliser of MurmurHash3
 * (Appleby, public domain).
 */
export function showsSecondOnLeft(seed: number, order: number): boolean {
  return (mix(mix(seed) ^ order) & 1) === 1;
}

function mix(integer: number): number {
  let h = (integer ^ 0x9e3779b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Index of the response of a pair that the screen shows on a side. */
export function responseOn(side: Side, { swapped }: Pick<Comparison, 'swapped'>): 0 | 1 {
  return (side === 'left') === swapped ? 1 : 0;
}

/** Places in `responses`, in the order in which the screen shows them. */
export function shownOrder({ swapped, responses }: Pick<Comparison, 'swapped' | 'responses'>): number[] {
  const places = responses.map((_, place) => place);
  return swapped ? places.reverse() : places;
}

/** The verdict, in stored order, of preferring what stands on a side. */
export function verdictFor(side: Side, comparison: Pick<Comparison, 'swapped'>): PairVerdict {
  return responseOn(side, comparison) === 0 ? 'first' : 'second';
}

/** Where the preferred response stood; null where none is preferred. */
export function preferredSide(verdict: Verdict | null, { swapped }: Pick<Comparison, 'swapped'>): Side | null {
  if (verdict !== 'first' && verdict !== 'second') return null;
  return (verdict === 'second') === swapped ? 'left' : 'right';
}

/** How often the left response won, of all comparisons where one side did: the labeler's bias for a side, where it is far from half. */
export function leftSideWins(comparisons: Iterable<Comparison>, states: ReadonlyMap<string, ComparisonState>): { left: number; decided: number } {
  let left = 0;
  let decided = 0;
  for (const comparison of comparisons) {
    const state = states.get(comparison.id);
    const side = state?.status === 'judged' ? preferredSide(pairVerdictOf(state), comparison) : null;
    if (side === null) continue;
    decided++;
    if (side === 'left') left++;
  }
  return { left, decided };
}
