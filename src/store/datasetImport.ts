import { newId } from '../feedback/identity';
import { MOST_RESPONSES, type Comparison, type JudgementEvent } from '../feedback/judgement';
import { showsSecondOnLeft } from '../feedback/sides';
import { suits } from '../feedback/suits';
import type { ImportedAct, ImportedItem } from '../text/formats/item';
import type { Database } from './database';
import type { DatasetRecord } from './schema';
import { StorageError } from './storageErrors';
import { removeItems, takeImportLock } from './strayItems';

/** A file that contradicts what is stored, or itself; nothing of it was kept. */
export class DatasetConflictError extends StorageError {
  constructor(reason: string) {
    super(`The file was not imported: ${reason}. Nothing was changed.`);
    this.name = 'DatasetConflictError';
  }
}

export interface Merged {
  datasetId: string;
  /** Comparisons and events that were not here before. */
  comparisons: number;
  events: number;
}

export interface ImportOptions {
  /** Name of the file, kept as the source of its items, and as the rater of what it says was judged by nobody in particular. */
  file: string;
  /** Told of the items kept so far. */
  onProgress?: (items: number) => void;
  signal?: AbortSignal;
  /** Items that share a transaction. */
  batch?: number;
  locks?: LockManager | undefined;
}

// Some ten milliseconds of a page's time, also on a slow device.
const BATCH = 100;

/**
 * Keep the items of a file as a new dataset, all of them or nothing, however
 * many: they are written batch by batch under the dataset's id while no such
 * dataset exists, and its record, which makes them visible, in the end. Where
 * anything goes wrong, or `signal` says so, what was written is removed.
 * @throws DatasetConflictError where a judgement cannot be about its item, or there is no item
 * @throws StorageFullError
 * @throws the signal's reason, and whatever `items` throws
 */
export async function importItems(
  database: Database,
  dataset: DatasetRecord,
  items: AsyncIterable<ImportedItem>,
  { file, onProgress, signal, batch = BATCH, locks }: ImportOptions,
): Promise<Merged> {
  return asNewDataset(database, dataset, { signal, locks }, async () => {
    const { id: datasetId } = dataset;
    const merged = { datasetId, comparisons: 0, events: 0 };
    for await (const some of inBatches(items, batch)) {
      signal?.throwIfAborted();
      const now = Date.now();
      const comparisons = some.map((item, i) => comparisonOf(item, dataset, merged.comparisons + i, file, now));
      const events = some.flatMap((item, i) => eventsOf(item, comparisons[i], file, now));
      await database.write({ stores: ['comparisons', 'events'], durability: 'relaxed', changes: [] }, (transaction) =>
        Promise.all([
          ...comparisons.map(async (comparison) => transaction.objectStore('comparisons').add(comparison)),
          ...events.map(async (event) => transaction.objectStore('events').add(event)),
        ]),
      );
      merged.comparisons += comparisons.length;
      merged.events += events.length;
      onProgress?.(merged.comparisons);
    }
    if (merged.comparisons === 0) throw new DatasetConflictError('there is nothing in it');
    return merged;
  });
}

/**
 * Make a dataset of what `fill` writes under its id, all of it or nothing.
 * @throws DatasetConflictError where there is such a dataset, or somebody is just making it
 * @throws the signal's reason, and whatever `fill` throws; what it wrote is removed
 */
export async function asNewDataset<T>(
  database: Database,
  dataset: DatasetRecord,
  { signal, locks = globalThis.navigator?.locks }: Pick<ImportOptions, 'signal' | 'locks'>,
  fill: () => Promise<T>,
): Promise<T> {
  const { id: datasetId } = dataset;
  const lock = await takeImportLock(datasetId, locks);
  if (!lock) throw new DatasetConflictError('its dataset is just being imported or deleted; try again in a moment');
  try {
    if (await database.read(['datasets'], (transaction) => transaction.objectStore('datasets').getKey(datasetId)) !== undefined) throw new DatasetConflictError(`there is a dataset ${datasetId} already`);
    try {
      // What an import left that ended with its tab.
      await removeItems(database, datasetId);
      const filled = await fill();
      signal?.throwIfAborted();
      // On the disk once this is, with all that was written before it.
      await database.write({ stores: ['datasets'], durability: 'strict', changes: [{ of: 'datasets' }, { of: 'comparisons', datasetId }, { of: 'events', datasetId }] }, (transaction) =>
        transaction.objectStore('datasets').add(dataset),
      );
      return filled;
    } catch (error) {
      // Where even this fails, nobody sees what is left, and the next start sweeps it away.
      await removeItems(database, datasetId).catch(() => undefined);
      throw error;
    }
  } finally {
    lock.release();
  }
}

export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function comparisonOf({ line, prompt, responses, turns, conversationId, attachments }: ImportedItem, { id: datasetId, seed }: DatasetRecord, order: number, file: string, now: number): Comparison {
  if (responses.length < 1 || responses.length > MOST_RESPONSES) throw new DatasetConflictError(`the item of line ${line} has ${responses.length} responses; from 1 to ${MOST_RESPONSES} can be judged`);
  return {
    id: newId(),
    datasetId,
    order,
    prompt,
    responses,
    ...(turns && { turns }),
    ...(conversationId !== undefined && { conversationId }),
    ...(attachments && { attachments }),
    swapped: showsSecondOnLeft(seed, order),
    source: { kind: 'imported', file },
    created: now,
  };
}

function eventsOf({ line, judged, skipped = [], discarded = [] }: ImportedItem, comparison: Comparison, file: string, now: number): JudgementEvent[] {
  // Of several without a time, what the file says last is the last word; and nothing was done later than now.
  const base = ({ rater = { kind: 'imported', file }, at }: ImportedAct, i: number) => ({ id: newId(), datasetId: comparison.datasetId, comparisonId: comparison.id, at: at === undefined ? now + i : Math.min(at, now + i), rater });
  return [
    ...skipped.map((act, i): JudgementEvent => ({ ...base(act, i), kind: 'skipped' })),
    ...discarded.map((act, i): JudgementEvent => ({ ...base(act, i), kind: 'discarded' })),
    ...judged.map(({ rater: _rater, at: _at, ...said }, i): JudgementEvent => {
      if (!suits(said.verdict, comparison)) throw new DatasetConflictError(`the judgement of line ${line} cannot be about its responses`);
      return { ...base(judged[i], i), kind: 'judged', ...said };
    }),
  ];
}
