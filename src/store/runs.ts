import type { IDBPObjectStore, StoreNames } from 'idb';
import { newId } from '../feedback/identity';
import type { Database } from './database';
import { prunable } from './checkpointRetention';
import type { CheckpointRecord, CheckpointRow, MetricsRecord, NudgeDatabase, RunRecord, SamplesRecord } from './schema';
import { NotFoundError } from './storageErrors';
import { compact } from './tensors';

/** What may change of a run after it was made. */
export type RunChanges = Partial<Pick<RunRecord, 'name' | 'status' | 'note' | 'adapter' | 'iteration' | 'iterations' | 'settings'>>;

export async function createRun(database: Database, fields: Omit<RunRecord, 'id' | 'created' | 'updated'>): Promise<RunRecord> {
  const now = Date.now();
  const run: RunRecord = { id: newId(), created: now, updated: now, ...fields };
  await database.write({ stores: ['runs'], durability: 'strict', changes: [{ of: 'runs', runId: run.id }] }, (transaction) =>
    transaction.objectStore('runs').add(run),
  );
  return run;
}

/** All runs, oldest first. */
export async function listRuns(database: Database): Promise<RunRecord[]> {
  const runs = await database.read(['runs'], (transaction) => transaction.objectStore('runs').getAll());
  return runs.sort((a, b) => a.created - b.created);
}

/** @throws NotFoundError */
export function getRun(database: Database, id: string): Promise<RunRecord> {
  return database.read(['runs'], async (transaction) => {
    const run = await transaction.objectStore('runs').get(id);
    if (!run) throw new NotFoundError('run', id);
    return run;
  });
}

/**
 * Change a run's record; a change of `undefined` removes the field.
 * @throws NotFoundError
 */
export function updateRun(database: Database, id: string, changes: RunChanges): Promise<RunRecord> {
  return database.write({ stores: ['runs'], durability: 'strict', changes: [{ of: 'runs', runId: id }] }, async (transaction) => {
    const store = transaction.objectStore('runs');
    const run = await store.get(id);
    if (!run) throw new NotFoundError('run', id);
    const changed = { ...run, ...changes, updated: Date.now() };
    await store.put(changed);
    return changed;
  });
}

export interface Iteration {
  /** At least the new count of iterations done. */
  run: RunChanges & { iteration: number };
  metrics: MetricsRecord;
  samples?: SamplesRecord;
  checkpoint?: CheckpointRecord;
  /** An earlier iteration that this one showed to have left nothing good: its checkpoint, if it has one, is good no longer. */
  discredited?: number;
}

/**
 * Keep one finished iteration, all of it or nothing: the run's record, its
 * metrics, its samples, its checkpoint. Checkpoints that are no longer needed
 * go in the same transaction. Relaxed without a checkpoint: what a power cut
 * then loses, the last checkpoint repeats exactly.
 * @throws NotFoundError where the run was deleted meanwhile
 */
export function saveIteration(database: Database, runId: string, iteration: Iteration): Promise<RunRecord> {
  const { run: changes, metrics, samples, checkpoint, discredited } = iteration;
  return database.write(
    {
      stores: ['runs', 'metrics', 'samples', 'checkpoints', 'weights'],
      durability: checkpoint ? 'strict' : 'relaxed',
      changes: [{ of: 'runs', runId }],
    },
    async (transaction) => {
      const run = await transaction.objectStore('runs').get(runId);
      if (!run) throw new NotFoundError('run', runId);
      const changed = { ...run, ...changes, updated: Date.now() };
      if (discredited !== undefined) await discredit(transaction, runId, discredited);
      await Promise.all([
        transaction.objectStore('runs').put(changed),
        transaction.objectStore('metrics').put(metrics),
        samples && transaction.objectStore('samples').put(samples),
        checkpoint && putCheckpoint(transaction, checkpoint),
      ]);
      return changed;
    },
  );
}

/**
 * Keep a checkpoint by itself: a run's start, or where it was paused.
 * @throws NotFoundError where the run was deleted meanwhile
 */
export async function saveCheckpoint(database: Database, checkpoint: CheckpointRecord): Promise<void> {
  const { runId } = checkpoint;
  await database.write({ stores: ['runs', 'checkpoints', 'weights'], durability: 'strict', changes: [{ of: 'runs', runId }] }, async (transaction) => {
    if (!(await transaction.objectStore('runs').getKey(runId))) throw new NotFoundError('run', runId);
    await putCheckpoint(transaction, checkpoint);
  });
}

/** A run's metrics, first iteration first. */
export function listMetrics(database: Database, runId: string): Promise<MetricsRecord[]> {
  return database.read(['metrics'], (transaction) => transaction.objectStore('metrics').getAll(iterations(runId)));
}

/** A run's samples, first iteration first. */
export function listSamples(database: Database, runId: string): Promise<SamplesRecord[]> {
  return database.read(['samples'], (transaction) => transaction.objectStore('samples').getAll(iterations(runId)));
}

/** A run's checkpoints without their tensors, oldest first. */
export function listCheckpoints(database: Database, runId: string): Promise<CheckpointRow[]> {
  return database.read(['checkpoints'], (transaction) => transaction.objectStore('checkpoints').index('byRun').getAll(iterations(runId)));
}

/** The checkpoint that a run resumes from, good or not; null where it has none yet. */
export function loadLatestCheckpoint(database: Database, runId: string): Promise<CheckpointRecord | null> {
  return database.read(['checkpoints', 'weights'], async (transaction) => {
    const rows = await transaction.objectStore('checkpoints').index('byRun').getAll(iterations(runId));
    return rows.length === 0 ? null : withTensors(transaction, rows[rows.length - 1]);
  });
}

/**
 * Take a run back to one of its checkpoints: metrics, samples and checkpoints
 * of later iterations are dropped and the run rests as 'paused', without a
 * note. A run that died between checkpoints resumes the same way.
 * @throws NotFoundError
 */
export function rewindRun(database: Database, runId: string, checkpointId: string): Promise<RewoundRun> {
  return rewind(database, runId, (rows) => rows.find((row) => row.id === checkpointId));
}

/**
 * Take a run back to its last good checkpoint before the iteration where it
 * stands, so that each further call goes further back; see {@link rewindRun}.
 * @throws NotFoundError where there is none
 */
export function rollBackRun(database: Database, runId: string): Promise<RewoundRun> {
  return rewind(database, runId, (rows, run) => rows.findLast((row) => row.good && row.iteration < run.iteration));
}

export interface RewoundRun {
  run: RunRecord;
  checkpoint: CheckpointRecord;
}

function rewind(
  database: Database,
  runId: string,
  choose: (rows: CheckpointRow[], run: RunRecord) => CheckpointRow | undefined,
): Promise<RewoundRun> {
  return database.write(
    { stores: ['runs', 'metrics', 'samples', 'checkpoints', 'weights'], durability: 'strict', changes: [{ of: 'runs', runId }] },
    async (transaction) => {
      const run = await transaction.objectStore('runs').get(runId);
      if (!run) throw new NotFoundError('run', runId);
      const rows = await transaction.objectStore('checkpoints').index('byRun').getAll(iterations(runId));
      const row = choose(rows, run);
      if (!row) throw new NotFoundError('checkpoint', runId);
      const later = iterations(runId, row.iteration + 1);
      const { note: _note, ...rest } = run;
      const rewound: RunRecord = { ...rest, status: 'paused', iteration: row.iteration, updated: Date.now() };
      const [checkpoint] = await Promise.all([
        withTensors(transaction, row),
        transaction.objectStore('runs').put(rewound),
        transaction.objectStore('metrics').delete(later),
        transaction.objectStore('samples').delete(later),
        removeCheckpoints(transaction, rows.filter(({ iteration }) => iteration > row.iteration)),
      ]);
      return { run: rewound, checkpoint };
    },
  );
}

/** Remove a run with its metrics, samples and checkpoints; models made from it stay. */
export async function deleteRun(database: Database, id: string): Promise<void> {
  await database.write(
    { stores: ['runs', 'metrics', 'samples', 'checkpoints', 'weights'], durability: 'strict', changes: [{ of: 'runs', runId: id }] },
    async (transaction) => {
      const rows = await transaction.objectStore('checkpoints').index('byRun').getAll(iterations(id));
      await Promise.all([
        transaction.objectStore('runs').delete(id),
        transaction.objectStore('metrics').delete(iterations(id)),
        transaction.objectStore('samples').delete(iterations(id)),
        removeCheckpoints(transaction, rows),
      ]);
    },
  );
}

/** Keys [runId, iteration] of one run, from an iteration on. */
function iterations(runId: string, from = 0): IDBKeyRange {
  return IDBKeyRange.bound([runId, from], [runId, Infinity]);
}

type CheckpointStores = 'checkpoints' | 'weights';
/** A transaction over at least the stores of checkpoints. */
type Transaction<M extends 'readonly' | 'readwrite'> = {
  objectStore<S extends CheckpointStores>(name: S): IDBPObjectStore<NudgeDatabase, StoreNames<NudgeDatabase>[], S, M>;
};

async function putCheckpoint(transaction: Transaction<'readwrite'>, { tensors, ...fields }: CheckpointRecord): Promise<void> {
  const store = transaction.objectStore('checkpoints');
  const row: CheckpointRow = { ...fields, weightsId: newId() };
  const before = await store.index('byRun').getAll(iterations(row.runId));
  // One checkpoint an iteration: a pause right after a regular one replaces it.
  const others = before.filter(({ iteration }) => iteration !== row.iteration);
  const rows = [...others, row].sort((a, b) => a.iteration - b.iteration);
  await removeCheckpoints(transaction, [...before.filter((other) => !others.includes(other)), ...prunable(rows)]);
  await Promise.all([store.put(row), transaction.objectStore('weights').add({ id: row.weightsId, tensors: compact(tensors) })]);
}

async function discredit(transaction: Transaction<'readwrite'>, runId: string, iteration: number): Promise<void> {
  const store = transaction.objectStore('checkpoints');
  const row = await store.index('byRun').get([runId, iteration]);
  if (row) await store.put({ ...row, good: false });
}

async function withTensors(transaction: Transaction<'readonly'> | Transaction<'readwrite'>, row: CheckpointRow): Promise<CheckpointRecord> {
  const { weightsId, ...fields } = row;
  const weights = await transaction.objectStore('weights').get(weightsId);
  if (!weights) throw new NotFoundError('weights', weightsId);
  return { ...fields, tensors: weights.tensors };
}

async function removeCheckpoints(transaction: Transaction<'readwrite'>, rows: readonly CheckpointRow[]): Promise<void> {
  await Promise.all(
    rows.flatMap(({ id, weightsId }) => [transaction.objectStore('checkpoints').delete(id), transaction.objectStore('weights').delete(weightsId)]),
  );
}
