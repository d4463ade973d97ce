import type { Comparison, ComparisonState } from '../feedback/judgement';
import type { Preference } from '../reward/preference';

/** The judged comparisons of a dataset, in the order of its queue. */
export function judgedPreferences(comparisons: readonly Comparison[], states: ReadonlyMap<string, ComparisonState>): Preference[] {
  return comparisons.flatMap(({ id, prompt, responses, swapped }) => {
    const state = states.get(id);
    if (state?.status !== 'judged') return [];
    const { verdict, strength, rater } = state;
    return [{ comparisonId: id, prompt, responses, swapped, verdict, strength, rater }];
  });
}
