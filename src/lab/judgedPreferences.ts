import type { Comparison, ComparisonState } from '../feedback/judgement';
import { lessonsOf } from '../feedback/lessons';
import { isStrategy } from '../feedback/scheduling';
import { answersInMedia } from '../feedback/shown';
import type { Preference } from '../reward/preference';
import type { Database } from '../store/database';
import { loadJudgedDataset } from '../store/judgements';
import { LabFailure } from './failure';

/** What the judged comparisons of a dataset teach about texts, in the order of its queue; a filled-in form may teach several things. Those of pictures, sounds and films have no texts to learn from. */
export function judgedPreferences(comparisons: readonly Comparison[], states: ReadonlyMap<string, ComparisonState>): Preference[] {
  return comparisons.flatMap((comparison) => {
    const { id, prompt, responses, swapped } = comparison;
    const state = states.get(id);
    if (state?.status !== 'judged' || answersInMedia(comparison)) return [];
    const chosen = isStrategy(state.choice) && ({ chosen: true } as const);
    return lessonsOf(state).map(({ verdict, strength }) => ({ comparisonId: id, prompt, responses, swapped, verdict, strength, rater: state.rater, ...chosen }));
  });
}

/** A dataset with what can be learned from it. Throws `NothingToLearnFrom` where no text stands judged. */
export async function loadPreferences(database: Database, datasetId: string) {
  const dataset = await loadJudgedDataset(database, datasetId);
  const preferences = judgedPreferences(dataset.comparisons, dataset.states);
  if (preferences.length === 0) {
    const media = dataset.comparisons.some((comparison) => answersInMedia(comparison) && dataset.states.get(comparison.id)?.status === 'judged');
    throw new LabFailure(
      'NothingToLearnFrom',
      media
        ? 'All that is judged in this dataset are pictures, sounds or films, and this model reads only texts. Take a dataset in which texts are judged.'
        : 'Nothing of this dataset is judged yet. Judge some of it, or let a simulated labeler do it, then train.',
    );
  }
  return { ...dataset, preferences };
}
