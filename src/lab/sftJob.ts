import type { EpochState } from '../rl/epochs';
import { fineTune } from '../rl/sft';
import { saveModel } from '../store/models';
import { releaseFreeBuffers } from '../tensor/storage';
import { checked } from './checkedSettings';
import type { Desk } from './lab';
import { recordOf, tensorsOf } from './modelShelf';
import type { Commands, Result, SftModelReport } from './protocol';
import { ExamplesSchema, SftSettingsSchema } from './sftSchema';
import type { Work } from './work';

/** Train a model on examples, and keep the result as a model of its own. `kept` is where a first try, cut off with the device, had come to. */
export async function trainOnExamples(
  { database, shelf }: Desk,
  { baseModelId, name, source, examples: shown, settings: given }: Commands['trainOnExamples']['args'],
  kept: { state?: EpochState },
  work: Work,
): Promise<Result<'trainOnExamples'>> {
  const settings = checked(SftSettingsSchema, given, 'A setting');
  const examples = checked(ExamplesSchema, shown, 'The examples');
  const model = await shelf.language(baseModelId);
  releaseFreeBuffers();
  const { weights, report: learned } = await fineTune({
    model,
    examples,
    settings,
    from: kept.state,
    keep: (state) => (kept.state = state),
    onStep: async (done, total, loss) => {
      work.progress('Training on the examples', done, total, loss);
      await work.breathe();
    },
  });
  const report: SftModelReport = { by: 'examples', source, ...learned, settings };
  const record = await saveModel(database, { name, kind: 'language', ...recordOf({ ...model, weights }), baseModelId, report }, tensorsOf(weights));
  return { modelId: record.id, report };
}
