import { trainCritic, type IlqlState } from '../rl/ilqlTraining';
import { judgedRewards } from '../rl/judgedRewards';
import { saveModel } from '../store/models';
import { releaseFreeBuffers } from '../tensor/storage';
import { checked } from './checkedSettings';
import { IlqlSettingsSchema } from './ilqlSchema';
import { loadPreferences } from './judgedPreferences';
import type { Desk } from './lab';
import { recordOf, tensorsOf } from './modelShelf';
import type { Commands, IlqlModelReport, Result } from './protocol';
import type { Work } from './work';

const PHASES = { train: 'Learning what each token is worth', sample: 'Measuring how far it has moved' } as const;

/**
 * Learn a critic from a dataset's judgements, and keep it as one that guides the
 * model it came from. `kept` is where a first try, cut off with the device, had come to.
 */
export async function tuneByValues(
  { database, shelf }: Desk,
  { datasetId, baseModelId, name, settings: given }: Commands['tuneByValues']['args'],
  kept: { state?: IlqlState },
  work: Work,
): Promise<Result<'tuneByValues'>> {
  const settings = checked(IlqlSettingsSchema, given, 'A setting');
  const { preferences } = await loadPreferences(database, datasetId);
  const model = await shelf.language(baseModelId);
  releaseFreeBuffers();
  const { critic, report: learned } = await trainCritic({
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
  const simulatedTexts = preferences
    .filter(({ rater }) => rater?.kind === 'simulated')
    .flatMap(judgedRewards)
    .reduce((sum, { responses }) => sum + responses.length, 0);
  const report: IlqlModelReport = { by: 'values', ...learned, simulatedTexts, settings };
  const record = await saveModel(database, { name, kind: 'critic', ...recordOf({ ...model, weights: critic }), baseModelId, datasetId, report }, tensorsOf(critic));
  return { modelId: record.id, report };
}
