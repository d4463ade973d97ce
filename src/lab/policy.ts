import type { LanguageModel } from '../model/languageModel';
import { parameterShapes, type Weights } from '../model/parameters';
import type { Database } from '../store/database';
import { getRun, loadLatestCheckpoint } from '../store/runs';
import type { RunRecord } from '../store/schema';
import type { ModelShelf } from './modelShelf';

/** A run's base model and, by its last checkpoint, its policy without the value head; the base's own weights before the first. */
export async function loadPolicy(database: Database, shelf: ModelShelf, runId: string): Promise<{ run: RunRecord; base: LanguageModel; tuned: Weights }> {
  const run = await getRun(database, runId);
  const base = await shelf.language(run.baseModelId);
  const checkpoint = await loadLatestCheckpoint(database, runId);
  if (!checkpoint) return { run, base, tuned: base.weights };
  const tuned: Weights = new Map();
  for (const name of parameterShapes(base.config).keys()) tuned.set(name, checkpoint.tensors[name]);
  return { run, base, tuned };
}
