import type { Comparison } from '../judgement';
import { byTime, lastWord, type Judged, type StandingEvents } from '../judgementState';
import { eachOf, sortOf } from '../steps';

/** What a rater last said of a comparison. */
export interface OwnVerdict {
  comparison: Comparison;
  judged: Judged;
}

/** The last verdict of one rater on each comparison, in the order of their time; comparisons on which it has none, or that it discarded since, are left out. */
export function* ownVerdicts(comparisons: readonly Comparison[], standing: StandingEvents, rater: string): Generator<void, OwnVerdict[]> {
  const own: OwnVerdict[] = [];
  yield* eachOf(comparisons, (comparison) => {
    const word = lastWord(standing.get(comparison.id)?.get(rater) ?? []);
    if (word?.kind === 'judged') own.push({ comparison, judged: word });
  });
  return yield* sortOf(own, (a, b) => byTime(a.judged, b.judged));
}
