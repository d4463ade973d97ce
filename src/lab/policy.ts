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

/** A run's base model and, by its last checkpoint, its policy without the value head, an adapter merged; the base's own weights before the first. */
export async function loadPolicy(database: Database, shelf: ModelShelf, runId: string): Promise<{ run: RunRecord; base: LanguageModel; tuned: Weights }> {
  const run = await getRun(database, runId);
  const base = await shelf.language(run.baseModelId);
  const checkpoint = await loadLatestCheckpoint(database, runId);
  if (!checkpoint) return { run, base, tuned: base.weights };
  return { run, base, tuned: tunedWeights(base.weights, weightsOf(checkpoint.tensors), settingsOf(run).tune) };
}

/** A policy beside the model that it came from, how both write, and what judges them. */
export interface Compared {
  base: LanguageModel;
  tuned: Weights;
  /** Where none is named nobody scores. */
  rewardModelId?: string;
  goldRule?: string;
  settings: Pick<PpoSettings, 'batchSize' | 'promptLength' | 'responseLength' | 'temperature' | 'cut' | 'ensemble'>;
  /** Prompts that training never saw. */
  heldOut: readonly string[];
}

/** Throws `BadCommand` for a model that came from no other. */
export async function loadCompared(database: Database, shelf: ModelShelf, policy: TunedPolicy): Promise<Compared> {
  if ('runId' in policy) {
    const { run, base, tuned } = await loadPolicy(database, shelf, policy.runId);
    return { base, tuned, rewardModelId: run.rewardModelId, goldRule: run.goldRule, settings: settingsOf(run), heldOut: runPrompts(run).heldOut };
  }
  const { name, baseModelId, datasetId } = await getModel(database, policy.modelId);
  if (baseModelId === undefined) throw new LabFailure('BadCommand', `“${name}” was not tuned from another model here, so there is nothing to compare it with. Choose another.`);
  const [base, tuned] = await Promise.all([shelf.language(baseModelId), shelf.language(policy.modelId)]);
  const labeler = datasetId === undefined ? undefined : (await loadJudgedDataset(database, datasetId)).events.findLast(({ rater }) => rater.kind === 'simulated')?.rater;
  // It has no settings of a run: both write as runs do by default.
  return { base, tuned: tuned.weights, rewardModelId: policy.rewardModelId, goldRule: labeler?.kind === 'simulated' ? labeler.rule : undefined, settings: LEAN, heldOut: HELD_OUT_PROMPTS };
}
