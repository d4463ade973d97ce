import type { LanguageModel } from '../model/languageModel';
import type { Weights } from '../model/parameters';
import { tunedWeights } from '../model/tuning';
import type { Database } from '../store/database';
import { loadJudgedDataset } from '../store/judgements';
import { getModel } from '../store/models';
import { getRun, loadLatestCheckpoint } from '../store/runs';
import type { RunRecord } from '../store/schema';
import { HELD_OUT_PROMPTS } from '../text/prompts';
import { LabFailure } from './failure';
import { weightsOf, type ModelShelf } from './modelShelf';
import { LEAN, MOST_BEST_OF, settingsOf, type IlqlModelReport, type PpoSettings, type TunedPolicy } from './protocol';
import { runPrompts } from './runPrompts';
import type { RunReward } from './runScorer';
import { isShipped } from './shippedModels';

/** A run's base model and, by its last checkpoint, its policy without the value head, an adapter merged; the base's own weights before the first. */
export async function loadPolicy(database: Database, shelf: ModelShelf, runId: string): Promise<{ run: RunRecord; base: LanguageModel; tuned: Weights }> {
  const run = await getRun(database, runId);
  const base = await shelf.language(run.baseModelId);
  const checkpoint = await loadLatestCheckpoint(database, runId);
  if (!checkpoint) return { run, base, tuned: base.weights };
  return { run, base, tuned: tunedWeights(base.weights, weightsOf(checkpoint.tensors), settingsOf(run).tune) };
}

/** A policy beside the model that it came from, how both write, and what judges them; without a reward nobody scores. */
export interface Compared extends RunReward {
  base: LanguageModel;
  /** The very weights of the base where nothing of it was changed. */
  tuned: Weights;
  /** A critic that guides them, and how much. */
  guide?: { critic: Weights; beta: number };
  /** How many texts it writes, of which the reward model keeps the best. */
  bestOf?: number;
  goldRule?: string;
  settings: Pick<PpoSettings, 'batchSize' | 'promptLength' | 'responseLength' | 'temperature' | 'cut' | 'ensemble'>;
  /** Prompts that training never saw. */
  heldOut: readonly string[];
}

/** A run's policy and its judges, or a model, which has none; a model that came from no other here is its own base, with the very same weights. */
export async function loadWriter(database: Database, shelf: ModelShelf, of: { runId: string } | { modelId: string }): Promise<Compared> {
  if ('runId' in of) {
    const { run, base, tuned } = await loadPolicy(database, shelf, of.runId);
    return { base, tuned, rewardModelId: run.rewardModelId, reward: run.reward, goldRule: run.goldRule, settings: settingsOf(run), heldOut: runPrompts(run).heldOut };
  }
  // It has no settings of a run: it writes as runs do by default.
  const like = { settings: LEAN, heldOut: HELD_OUT_PROMPTS };
  const record = isShipped(of.modelId) ? undefined : await getModel(database, of.modelId);
  const base = await shelf.language(record?.baseModelId ?? of.modelId);
  if (record?.kind === 'critic') return { ...like, base, tuned: base.weights, guide: { critic: (await shelf.critic(of.modelId)).weights, beta: (record.report as IlqlModelReport).settings.beta } };
  return { ...like, base, tuned: (await shelf.language(of.modelId)).weights };
}

/** Throws `BadCommand` for a model that came from no other. */
export async function loadCompared(database: Database, shelf: ModelShelf, policy: TunedPolicy): Promise<Compared> {
  if ('runId' in policy) return loadWriter(database, shelf, policy);
  if ('bestOf' in policy) return loadBestOf(database, shelf, policy);
  const { name, baseModelId, datasetId } = await getModel(database, policy.modelId);
  if (baseModelId === undefined) throw new LabFailure('BadCommand', `“${name}” was not tuned from another model here, so there is nothing to compare it with. Choose another.`);
  return { ...(await loadWriter(database, shelf, policy)), rewardModelId: policy.rewardModelId, goldRule: await ruleOf(database, datasetId) };
}

/** A model that keeps the best of several texts, beside the same model that keeps its first. */
async function loadBestOf(database: Database, shelf: ModelShelf, { bestOf, modelId, rewardModelId }: Extract<TunedPolicy, { bestOf: number }>): Promise<Compared> {
  if (!Number.isInteger(bestOf) || bestOf < 2 || bestOf > MOST_BEST_OF) throw new LabFailure('BadCommand', `The best of ${bestOf} was asked for; it must be a whole number from 2 to ${MOST_BEST_OF}.`);
  const base = await shelf.language(modelId);
  const { datasetId } = await getModel(database, rewardModelId);
  return { base, tuned: base.weights, bestOf, settings: LEAN, heldOut: HELD_OUT_PROMPTS, rewardModelId, goldRule: await ruleOf(database, datasetId) };
}

/** The rule by which a dataset was judged last, if a simulated labeler did it. */
async function ruleOf(database: Database, datasetId: string | undefined): Promise<string | undefined> {
  const labeler = datasetId === undefined ? undefined : (await loadJudgedDataset(database, datasetId)).events.findLast(({ rater }) => rater.kind === 'simulated')?.rater;
  return labeler?.kind === 'simulated' ? labeler.rule : undefined;
}
