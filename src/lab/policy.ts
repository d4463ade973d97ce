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
import { LEAN, settingsOf, type PpoSettings, type TunedPolicy } from './protocol';
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
  tuned: Weights;
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
  const origin = isShipped(of.modelId) ? undefined : (await getModel(database, of.modelId)).baseModelId;
  const { weights } = await shelf.language(of.modelId);
  // It has no settings of a run: it writes as runs do by default.
  return { base: await shelf.language(origin ?? of.modelId), tuned: weights, settings: LEAN, heldOut: HELD_OUT_PROMPTS };
}

/** Throws `BadCommand` for a model that came from no other. */
export async function loadCompared(database: Database, shelf: ModelShelf, policy: TunedPolicy): Promise<Compared> {
  if ('runId' in policy) return loadWriter(database, shelf, policy);
  const { name, baseModelId, datasetId } = await getModel(database, policy.modelId);
  if (baseModelId === undefined) throw new LabFailure('BadCommand', `“${name}” was not tuned from another model here, so there is nothing to compare it with. Choose another.`);
  const labeler = datasetId === undefined ? undefined : (await loadJudgedDataset(database, datasetId)).events.findLast(({ rater }) => rater.kind === 'simulated')?.rater;
  return { ...(await loadWriter(database, shelf, policy)), rewardModelId: policy.rewardModelId, goldRule: labeler?.kind === 'simulated' ? labeler.rule : undefined };
}
