import { zipSync, type Zippable } from 'fflate';
import { newId } from '../feedback/identity';
import { readModelConfig } from '../model/config';
import { checkShapes } from '../model/languageModel';
import { readSafetensors, writeSafetensors } from '../model/safetensors';
import type { Weights } from '../model/parameters';
import { trainedShapes } from '../model/tuning';
import { checkWeights } from '../rl/checkpoint';
import type { Database } from '../store/database';
import { loadModel } from '../store/models';
import { getRun, listMetrics, listSamples, loadLatestCheckpoint } from '../store/runs';
import type { CheckpointRecord, MetricsRecord, ModelRecord, RunRecord, SamplesRecord, StoredTensors } from '../store/schema';
import { BpeTokenizer } from '../text/bpe';
import { bad, CHECKPOINT, fileOf, FORMAT, MANIFEST, modelFile, readManifest, unpack, VERSION, type Manifest } from './archiveFormat';
import { mixFault } from './mixSchema';
import { openStored, tensorsOf, weightsOf, type ModelShelf } from './modelShelf';
import { isShipped } from './shippedModels';
import { LAB_VERSION } from './version';

/** A run as one file. Throws `NotFoundError` where the run, or a model that it needs, is gone. */
export async function exportRun(database: Database, runId: string): Promise<Uint8Array> {
  const run = await getRun(database, runId);
  const [metrics, samples, checkpoint] = await Promise.all([listMetrics(database, runId), listSamples(database, runId), loadLatestCheckpoint(database, runId)]);
  const stored = [...new Set([run.baseModelId, run.rewardModelId])].filter((id): id is string => id !== undefined && !isShipped(id));
  const models = await Promise.all(stored.map((id) => loadModel(database, id)));

  const files: Zippable = {};
  // Weights are noise to a compressor: packing them would cost seconds and save nothing.
  const addTensors = (name: string, tensors: StoredTensors) => (files[name] = [writeSafetensors(weightsOf(tensors), { dtype: 'F32', metadata: {} }), { level: 0 }]);
  models.forEach(({ tensors }, i) => addTensors(modelFile(i), tensors));
  if (checkpoint) addTensors(CHECKPOINT, checkpoint.tensors);
  const manifest = {
    format: FORMAT,
    version: VERSION,
    lab: LAB_VERSION,
    // What goes on in this browser right now is no property of the file.
    run: { ...run, status: run.status === 'running' ? 'paused' : run.status },
    models: models.map(({ model }) => model),
    metrics,
    samples,
    checkpoint: checkpoint && { iteration: checkpoint.iteration, created: checkpoint.created, good: checkpoint.good, state: checkpoint.state },
  };
  files[MANIFEST] = new TextEncoder().encode(JSON.stringify(manifest));
  return zipSync(files, { level: 6 });
}

/**
 * Keep a run from such a file, which is not trusted; all of it or nothing, under
 * new ids. Throws a `BadArchive` {@link LabFailure}, the error of the model or
 * tensor that is wrong, or `ModelUnavailable` where a shipped base doesn't arrive.
 */
export async function importRun(database: Database, shelf: ModelShelf, archive: Uint8Array): Promise<string> {
  const files = unpack(archive);
  const manifest = readManifest(files);
  const tensors = (name: string) => tensorsOf(readSafetensors(fileOf(files, name)));
  const now = Date.now();

  const idOf = new Map<string, string>();
  const models = manifest.models.map((model, i) => {
    const record = { ...readModelRecord(model, readSafetensors(fileOf(files, modelFile(i)))), id: newId() };
    idOf.set(model.id, record.id);
    return { record, tensors: tensors(modelFile(i)) };
  });
  const modelId = (id: string, what: string) => {
    const known = isShipped(id) ? id : idOf.get(id);
    if (!known) throw bad(`the ${what} model of the run is not in it`);
    return known;
  };

  const { iteration, rewardModelId, reward } = manifest.run;
  const fault = mixFault(reward, rewardModelId);
  if (fault) throw bad(`in its reward, ${fault}`);
  const belongs = manifest.checkpoint ? manifest.checkpoint.iteration <= iteration && manifest.checkpoint.state.iteration === manifest.checkpoint.iteration : iteration === 0;
  if (!belongs) throw bad('its checkpoint does not belong to its run');
  const run: RunRecord = {
    ...manifest.run,
    id: newId(),
    updated: now,
    baseModelId: modelId(manifest.run.baseModelId, 'base'),
    ...(rewardModelId !== undefined && { rewardModelId: modelId(rewardModelId, 'reward') }),
    // A file of a run that was under way rests at its checkpoint, as after a crash.
    iteration: resting(manifest) ? (manifest.checkpoint?.iteration ?? 0) : iteration,
  };
  const kept = <T extends { iteration: number }>(rows: T[]) => rows.filter((row) => row.iteration <= run.iteration).map((row) => ({ ...row, runId: run.id }));
  const metrics: MetricsRecord[] = kept(manifest.metrics);
  const samples: SamplesRecord[] = kept(manifest.samples);
  const checkpoint: CheckpointRecord | null = manifest.checkpoint && { ...manifest.checkpoint, id: newId(), runId: run.id, tensors: tensors(CHECKPOINT) };

  if (checkpoint) {
    const stored = models.find(({ record }) => record.id === run.baseModelId);
    const base = stored ? openStored({ model: stored.record, tensors: stored.tensors }) : await shelf.language(run.baseModelId);
    checkWeights(weightsOf(checkpoint.tensors), trainedShapes(base.config, run.settings.tune, 'value'));
  }
  await keepImported(database, { run, models, metrics, samples, checkpoint });
  return run.id;
}

const resting = ({ run }: Manifest) => run.status === 'running' || run.status === 'paused';

/** A model's record, once its weights are what its config describes. */
function readModelRecord(model: Manifest['models'][number], weights: Weights): ModelRecord {
  const config = readModelConfig(model.config);
  const tokenizer = BpeTokenizer.fromJson(model.tokenizer);
  if (tokenizer.vocabularySize !== config.vocab_size) throw bad(`the tokenizer of “${model.name}” is not that of its weights`);
  checkShapes(config, weights, model.kind);
  const parameters = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  return { ...model, config, weightsId: newId(), parameters };
}

interface Imported {
  run: RunRecord;
  models: { record: ModelRecord; tensors: StoredTensors }[];
  metrics: MetricsRecord[];
  samples: SamplesRecord[];
  checkpoint: CheckpointRecord | null;
}

/** One transaction for the whole file. */
async function keepImported(database: Database, { run, models, metrics, samples, checkpoint }: Imported): Promise<void> {
  await database.write(
    {
      stores: ['runs', 'models', 'weights', 'metrics', 'samples', 'checkpoints'],
      durability: 'strict',
      changes: [{ of: 'runs', runId: run.id }, { of: 'models' }],
    },
    async (transaction) => {
      const weights = transaction.objectStore('weights');
      const writes: Promise<unknown>[] = [transaction.objectStore('runs').add(run)];
      for (const model of models) {
        writes.push(transaction.objectStore('models').add(model.record), weights.add({ id: model.record.weightsId, tensors: model.tensors }));
      }
      for (const row of metrics) writes.push(transaction.objectStore('metrics').add(row));
      for (const row of samples) writes.push(transaction.objectStore('samples').add(row));
      if (checkpoint) {
        const { tensors, ...row } = checkpoint;
        const weightsId = newId();
        writes.push(transaction.objectStore('checkpoints').add({ ...row, weightsId }), weights.add({ id: weightsId, tensors }));
      }
      await Promise.all(writes);
    },
  );
}
