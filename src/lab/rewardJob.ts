import { ruleById } from '../feedback/rules';
import { selfAgreement } from '../feedback/selfAgreement';
import type { ComparisonState, SimulatedRater } from '../feedback/judgement';
import { raterKey } from '../feedback/judgementState';
import { taste } from '../feedback/simulatedLabeler';
import { progress } from '../feedback/queue';
import { trainRewardModel, type Learning } from '../reward/training';
import type { Database } from '../store/database';
import { saveModel } from '../store/models';
import { releaseFreeBuffers } from '../tensor/storage';
import { checked } from './checkedSettings';
import { LabFailure } from './failure';
import { loadPreferences } from './judgedPreferences';
import { recordOf, tensorsOf, type ModelShelf, type RewardModelReport } from './modelShelf';
import type { Commands, Result, RewardSettings } from './protocol';
import { sampleReference, usualSampling } from './referenceTexts';
import { LearningSchema } from './rewardSchema';
import { TuningSchema } from './tuningSchema';
import type { Work } from './work';

/** What is said of each phase of training a reward model. */
export const PHASES = { train: 'Training the reward model', evaluate: 'Checking it on held-out judgements', review: 'Asking it about those that it learned from', normalise: 'Normalising' } as const;

/** Settings that a command brings. Throws `BadCommand`. */
export function readRewardSettings(given: RewardSettings): RewardSettings {
  return { ...given, ...checked(LearningSchema, given, 'A setting'), tune: checked(TuningSchema, given.tune, 'What is to be trained') };
}

/** Train a reward model on a dataset's judgements, and keep it. */
export async function trainReward(
  database: Database,
  shelf: ModelShelf,
  { datasetId, baseModelId, name, settings, pairs }: Commands['trainReward']['args'],
  work: Work,
): Promise<Result<'trainReward'>> {
  if (pairs !== undefined && !(Number.isInteger(pairs) && pairs > 0)) throw new LabFailure('BadCommand', `A reward model learns from a whole number of judgements, 1 or more, and not from ${pairs}. Nothing was started.`);
  const { simulatedPairs, ...judged } = await loadJudged(database, datasetId);
  const model = await shelf.language(baseModelId);
  releaseFreeBuffers();
  const { weights, report: learned } = await trainRewardModel({
    model,
    ...judged,
    referenceTexts: await sampleReference(model, { ...usualSampling(model.tokenizer), count: settings.normalisationSamples, seed: settings.seed }, work),
    settings,
    pairs,
    onProgress: async (phase, done, total, loss, member = 0) => {
      work.progress(settings.members === 1 ? PHASES[phase] : `${PHASES[phase]}, ${member + 1} of ${settings.members}`, done, total, loss);
      await work.breathe();
    },
    signal: work.signal,
  });
  const report = { ...learned, simulatedPairs };
  const kept: RewardModelReport = { ...report, settings };
  const record = await saveModel(
    database,
    { name, kind: 'reward', ...recordOf({ ...model, weights }), baseModelId, datasetId, report: kept },
    tensorsOf(weights),
  );
  return { modelId: record.id, report };
}

/** What was judged of a dataset, by whom and how consistently. Throws `NothingToLearnFrom`. */
export async function loadJudged(database: Database, datasetId: string): Promise<Pick<Learning, 'preferences' | 'simulated' | 'selfAgreement'> & { simulatedPairs: number }> {
  const { comparisons, events, states, preferences } = await loadPreferences(database, datasetId);
  return { preferences, simulated: labeler(states), selfAgreement: selfAgreement(events), simulatedPairs: progress(comparisons, states).simulated };
}

/** The rule and noise behind the judgements, if one simulated labeler made them all. */
function labeler(states: ReadonlyMap<string, ComparisonState>): Learning['simulated'] {
  let found: SimulatedRater | undefined;
  for (const state of states.values()) {
    if (state.status !== 'judged') continue;
    if (state.rater.kind !== 'simulated') return undefined;
    found ??= state.rater;
    if (raterKey(state.rater) !== raterKey(found)) return undefined;
  }
  if (!found) return undefined;
  const felt = taste(ruleById(found.rule), found.lengthBias);
  return { gold: ({ response }) => felt(response), temperature: found.temperature };
}
