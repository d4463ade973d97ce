import { showsSecondOnLeft } from '../feedback/sides';
import type { Comparison } from '../feedback/judgement';
import type { Form } from '../feedback/form';
import { newId } from '../feedback/identity';
import type { Database } from './database';
import { sweepMedia } from './media';
import { queueKeys, type Collecting, type DatasetRecord } from './schema';
import { NotFoundError } from './storageErrors';
import { removeItems, takeImportLock } from './strayItems';

/** A comparison before it has its place in a queue and its side. */
export type ComparisonDraft = Pick<Comparison, 'prompt' | 'responses' | 'turns' | 'conversationId' | 'attachments' | 'source'>;

export async function createDataset(database: Database, fields: Pick<DatasetRecord, 'name' | 'seed' | 'modelId' | 'form'>): Promise<DatasetRecord> {
  const dataset: DatasetRecord = { id: newId(), created: Date.now(), ...fields };
  await database.write({ stores: ['datasets'], durability: 'strict', changes: [{ of: 'datasets' }] }, (transaction) =>
    transaction.objectStore('datasets').add(dataset),
  );
  return dataset;
}

/** All datasets, oldest first. */
export async function listDatasets(database: Database): Promise<DatasetRecord[]> {
  const datasets = await database.read(['datasets'], (transaction) => transaction.objectStore('datasets').getAll());
  return datasets.sort((a, b) => a.created - b.created);
}

/** @throws NotFoundError */
export function getDataset(database: Database, id: string): Promise<DatasetRecord> {
  return database.read(['datasets'], async (transaction) => {
    const dataset = await transaction.objectStore('datasets').get(id);
    if (!dataset) throw new NotFoundError('dataset', id);
    return dataset;
  });
}

/** @throws NotFoundError */
export function renameDataset(database: Database, id: string, name: string): Promise<void> {
  return updateDataset(database, id, { name });
}

/** What is asked about each item from now on; what was judged stays as it is. @throws NotFoundError */
export function setForm(database: Database, id: string, form: Form | undefined): Promise<void> {
  return updateDataset(database, id, { form });
}

/** How the items come before a labeler from now on. @throws NotFoundError, and RangeError for a share that is none. */
export async function setCollecting(database: Database, id: string, collecting: Collecting): Promise<void> {
  const { randomShare, repeatShare } = collecting;
  for (const share of [randomShare, repeatShare]) if (!(share >= 0 && share <= 1)) throw new RangeError(`A share is a number from 0 to 1, not ${share}. Nothing was changed.`);
  await updateDataset(database, id, { collecting });
}

async function updateDataset(database: Database, id: string, change: Partial<Pick<DatasetRecord, 'name' | 'form' | 'collecting'>>): Promise<void> {
  await database.write({ stores: ['datasets'], durability: 'strict', changes: [{ of: 'datasets' }] }, async (transaction) => {
    const store = transaction.objectStore('datasets');
    const dataset = await store.get(id);
    if (!dataset) throw new NotFoundError('dataset', id);
    await store.put({ ...dataset, ...change });
  });
}

/** Remove a dataset, at once, and then its comparisons, events and drafts, piece by piece, and the files that no other dataset shows. Until all are gone, it cannot be imported again. */
export async function deleteDataset(database: Database, id: string, locks: LockManager | undefined = globalThis.navigator?.locks): Promise<void> {
  const lock = await takeImportLock(id, locks);
  try {
    await removeDataset(database, id);
  } finally {
    lock?.release();
  }
}

async function removeDataset(database: Database, id: string): Promise<void> {
  await database.write({ stores: ['datasets'], durability: 'strict', changes: [{ of: 'datasets' }, { of: 'comparisons', datasetId: id }, { of: 'events', datasetId: id }] }, (transaction) =>
    transaction.objectStore('datasets').delete(id),
  );
  await removeItems(database, id);
  await sweepMedia(database);
}

/**
 * Append comparisons to a dataset's queue: each gets an id, the next place,
 * and the side that the dataset's seed draws for that place.
 * @throws NotFoundError where the dataset is gone, or a file that one of them shows
 */
export function addComparisons(database: Database, datasetId: string, drafts: readonly ComparisonDraft[]): Promise<Comparison[]> {
  return database.write(
    { stores: ['datasets', 'comparisons', 'media'], durability: 'strict', changes: [{ of: 'comparisons', datasetId }] },
    async (transaction) => {
      const dataset = await transaction.objectStore('datasets').get(datasetId);
      if (!dataset) throw new NotFoundError('dataset', datasetId);
      for (const mediaId of new Set(drafts.flatMap(({ attachments = [] }) => attachments.map((attachment) => attachment.mediaId)))) {
        if ((await transaction.objectStore('media').getKey(mediaId)) === undefined) throw new NotFoundError('file', mediaId);
      }
      const store = transaction.objectStore('comparisons');
      const first = await store.index('byDataset').count(queueKeys(datasetId));
      const comparisons = drafts.map((draft, i): Comparison => {
        const order = first + i;
        return { id: newId(), datasetId, order, ...draft, swapped: showsSecondOnLeft(dataset.seed, order), created: Date.now() };
      });
      await Promise.all(comparisons.map(async (comparison) => store.add(comparison)));
      return comparisons;
    },
  );
}

/** A dataset's comparisons in the order of its queue. */
export function listComparisons(database: Database, datasetId: string): Promise<Comparison[]> {
  return database.read(['comparisons'], (transaction) =>
    transaction.objectStore('comparisons').index('byDataset').getAll(queueKeys(datasetId)),
  );
}

/** How many comparisons a dataset's queue has. */
export function countComparisons(database: Database, datasetId: string): Promise<number> {
  return database.read(['comparisons'], (transaction) => transaction.objectStore('comparisons').index('byDataset').count(queueKeys(datasetId)));
}
