import type { Comparison, ComparisonState } from '../feedback/judgement';
import { lessonsOf } from '../feedback/lessons';
import { isStrategy } from '../feedback/scheduling';
import type { Preference } from '../reward/preference';
import type { Database } from '../store/database';
import { loadJudgedDataset } from '../store/judgements';
import { LabFailure } from './failure';

/** What the judged comparisons of a dataset teach, in the order of its queue; a filled-in form may teach several things. */
export function judgedPreferences(comparisons: readonly Comparison[], states: ReadonlyMap<string, ComparisonState>): Preference[] {
  return comparisons.flatMap(({ id, prompt, responses, swapped }) => {
    const state = states.get(id);
    if (state?.status !== 'judged') return [];
    const chosen = isStrategy(state.choice) && ({ chosen: true } as const);
    return lessonsOf(state).map(({ verdict, strength }) => ({ comparisonId: id, prompt, responses, swapped, verdict, strength, rater: state.rater, ...chosen }));
  });
}

/** A dataset with what can be learned from it. Throws `NothingToLearnFrom` where nothing stands judged. */
export async function loadPreferences(database: Database, datasetId: string) {
  const dataset = await loadJudgedDataset(database, datasetId);
  const preferences = judgedPreferences(dataset.comparisons, dataset.states);
  if (preferences.length === 0) throw new LabFailure('NothingToLearnFrom', 'Nothing of this dataset is judged yet. Judge some of it, or let a simulated labeler do it, then train.');
  return { ...dataset, preferences };
}
