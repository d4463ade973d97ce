import type { LanguageModel } from '../model/languageModel';
import type { Weights } from '../model/parameters';
import { tunedWeights } from '../model/tuning';
import type { Database } from '../store/database';
import { getRun, loadLatestCheckpoint } from '../store/runs';
import type { RunRecord } from '../store/schema';
import { weightsOf, type ModelShelf } from './modelShelf';
import { settingsOf } from './protocol';

/** A run's base model and, by its last checkpoint, its policy without the value head, an adapter merged; the base's own weights before the first. */
export async function loadPolicy(database: Database, shelf: ModelShelf, runId: string): Promise<{ run: RunRecord; base: LanguageModel; tuned: Weights }> {
  const run = await getRun(database, runId);
  const base = await shelf.language(run.baseModelId);
  const checkpoint = await loadLatestCheckpoint(database, runId);
  if (!checkpoint) return { run, base, tuned: base.weights };
  return { run, base, tuned: tunedWeights(base.weights, weightsOf(checkpoint.tensors), settingsOf(run).tune) };
}
