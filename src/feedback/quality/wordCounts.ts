import type { Comparison } from '../judgement';
import { words } from '../rules/words';

const counted = new WeakMap<Comparison, number[]>();

/** Words of each response, in stored order; counted once, for a comparison never changes. */
export function wordCounts(comparison: Comparison): readonly number[] {
  let counts = counted.get(comparison);
  if (!counts) counted.set(comparison, (counts = comparison.responses.map((response) => words(response).length)));
  return counts;
}
