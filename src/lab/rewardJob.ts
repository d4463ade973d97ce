import { ruleById } from '../feedback/rules';
import { selfAgreement } from '../feedback/selfAgreement';
import type { ComparisonState } from '../feedback/judgement';
import { progress } from '../feedback/queue';
import type { LanguageModel } from '../model/languageModel';
import { disposeParameters, toParameters } from '../model/parameters';
import type { JudgedText } from '../reward/rewardModel';
import { trainRewardModel, type RewardTraining } from '../reward/training';
import { sampleResponses } from '../rl/rollout';
import type { Database } from '../store/database';
import { loadJudgedDataset } from '../store/judgements';
import { saveModel } from '../store/models';
import { RandomStream } from '../tensor/random';
import { releaseFreeBuffers } from '../tensor/storage';
import { TRAINING_PROMPTS } from '../text/prompts';
import { checked } from './checkedSettings';
import { LabFailure } from './failure';
import { judgedPreferences } from './judgedPreferences';
import { recordOf, tensorsOf, type ModelShelf, type RewardModelReport } from './modelShelf';
import { LEAN, type Commands, type Result, type RewardSettings } from './protocol';
import { promptsOfIteration } from './runPrompts';
import { JudgementLossSchema } from './rewardSchema';
import { TuningSchema } from './tuningSchema';
import type { Work } from './work';

const PHASES = { train: 'Training the reward model', evaluate: 'Checking it on held-out judgements', normalise: 'Normalising' } as const;

/** Settings that a command brings. Throws `BadCommand`. */
export function readRewardSettings(given: RewardSettings): RewardSettings {
  return { ...given, ...checked(JudgementLossSchema, given, 'A setting'), tune: checked(TuningSchema, given.tune, 'What is to be trained') };
}

/** Train a reward model on a dataset's judgements, and keep it. */
export async function trainReward(
  database: Database,
  shelf: ModelShelf,
  { datasetId, baseModelId, name, settings }: Commands['trainReward']['args'],
  work: Work,
): Promise<Result<'trainReward'>> {
  const { comparisons, events, states } = await loadJudgedDataset(database, datasetId);
  const preferences = judgedPreferences(comparisons, states);
  if (preferences.length === 0) throw new LabFailure('NothingToLearnFrom', 'Nothing of this dataset is judged yet. Judge some of it, or let a simulated labeler do it, then train.');
  const model = await shelf.language(baseModelId);
  releaseFreeBuffers();
  const { weights, report: learned } = await trainRewardModel({
    model,
    preferences,
    referenceTexts: await sampleReference(model, settings.normalisationSamples, settings.seed, work),
    settings,
    simulated: labeler(states),
    selfAgreement: selfAgreement(events),
    onProgress: async (phase, done, total, loss) => {
      work.progress(PHASES[phase], done, total, loss);
      await work.breathe();
    },
    signal: work.signal,
  });
  const report = { ...learned, simulatedPairs: progress(comparisons, states).simulated };
  const kept: RewardModelReport = { ...report, settings };
  const record = await saveModel(
    database,
    { name, kind: 'reward', ...recordOf({ ...model, weights }), baseModelId, datasetId, report: kept },
    tensorsOf(weights),
  );
  return { modelId: record.id, report };
}

/** The rule and noise behind the judgements, if one simulated labeler made them all. */
function labeler(states: ReadonlyMap<string, ComparisonState>): RewardTraining['simulated'] {
  let found: { rule: string; temperature: number } | undefined;
  for (const state of states.values()) {
    if (state.status !== 'judged') continue;
    if (state.rater.kind !== 'simulated') return undefined;
    found ??= state.rater;
    if (state.rater.rule !== found.rule || state.rater.temperature !== found.temperature) return undefined;
  }
  if (!found) return undefined;
  const rule = ruleById(found.rule);
  return { gold: ({ response }) => rule.gold(response), temperature: found.temperature };
}

/** Samples of the base model, written and cut as a run's rollouts are: what gain and bias are set on. */
async function sampleReference({ config, tokenizer, weights }: LanguageModel, count: number, seed: number, work: Work): Promise<JudgedText[]> {
  const { batchSize, responseLength, temperature, cut } = LEAN;
  const promptLength = Math.max(...TRAINING_PROMPTS.map((prompt) => tokenizer.encode(prompt).length)) + 1;
  const settings = { promptLength, responseLength, temperature, cut };
  const texts: JudgedText[] = [];
  const parameters = toParameters(weights);
  try {
    for (let batch = 0; texts.length < count; batch++) {
      const random = new RandomStream(seed).fork(`normalisation ${batch}`).state();
      const { responses } = await sampleResponses({ parameters, config, tokenizer }, promptsOfIteration(TRAINING_PROMPTS, seed, batch, batchSize), settings, random);
      for (const { prompt, text } of responses) texts.push({ prompt, response: text });
      work.progress('Sampling the base model', Math.min(texts.length, count), count);
      await work.breathe();
    }
  } finally {
    disposeParameters(parameters);
  }
  return texts.slice(0, count);
}
