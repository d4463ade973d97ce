import { hashed } from './chance';
import type { Comparison, PairVerdict, Verdict } from './judgement';

export type Side = 'left' | 'right';

/**
 * Whether a comparison's responses are shown from the last to the first, so that
 * a pair's second is on the left: a fair coin that depends on the dataset's seed
 * and the place in its queue alone, so that a queue grown in one go or in ten
 * gets the same sides.
 */
export function showsSecondOnLeft(seed: number, order: number): boolean {
  return (hashed(seed, order) & 1) === 1;
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
