import { pairsOf } from '../reward/impliedPairs';
import { trainOnPreferences } from '../rl/dpoTraining';
import type { EpochState } from '../rl/epochs';
import { saveModel } from '../store/models';
import { releaseFreeBuffers } from '../tensor/storage';
import { checked } from './checkedSettings';
import { DpoSettingsSchema } from './dpoSchema';
import { loadPreferences } from './judgedPreferences';
import type { Desk } from './lab';
import { recordOf, tensorsOf } from './modelShelf';
import type { Commands, DpoModelReport, Result } from './protocol';
import type { Work } from './work';

const PHASES = { train: 'Tuning on the judgements', sample: 'Measuring how far it has moved' } as const;

/**
 * Tune a model on a dataset's judgements without a reward model, and keep it as
 * a model of its own. `kept` is where a first try, cut off with the device, had come to.
 */
export async function tuneOnPreferences(
  { database, shelf }: Desk,
  { datasetId, baseModelId, name, settings: given }: Commands['tuneOnPreferences']['args'],
  kept: { state?: EpochState },
  work: Work,
): Promise<Result<'tuneOnPreferences'>> {
  const settings = checked(DpoSettingsSchema, given, 'A setting');
  const { preferences } = await loadPreferences(database, datasetId);
  const model = await shelf.language(baseModelId);
  releaseFreeBuffers();
  const { weights, report: learned } = await trainOnPreferences({
    model,
    preferences,
    settings,
    from: kept.state,
    keep: (state) => (kept.state = state),
    onProgress: async (phase, done, total, loss) => {
      work.progress(PHASES[phase], done, total, loss);
      await work.breathe();
    },
    signal: work.signal,
  });
  // Counted as the report counts: a ranking by its pairs, what taught nothing once.
  const simulated = preferences.filter(({ rater }) => rater?.kind === 'simulated');
  const simulatedPairs = simulated.reduce((sum, preference) => sum + Math.max(1, pairsOf(preference).length), 0);
  const report: DpoModelReport = { by: 'preferences', ...learned, simulatedPairs, settings };
  const record = await saveModel(database, { name, kind: 'language', ...recordOf({ ...model, weights }), baseModelId, datasetId, report }, tensorsOf(weights));
  return { modelId: record.id, report };
}
