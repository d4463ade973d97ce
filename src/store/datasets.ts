import { showsSecondOnLeft } from '../feedback/sides';
import type { Comparison } from '../feedback/judgement';
import type { Form } from '../feedback/form';
import { newId } from '../feedback/identity';
import type { Database } from './database';
import type { DatasetRecord } from './schema';
import { NotFoundError } from './storageErrors';

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

async function updateDataset(database: Database, id: string, change: Partial<Pick<DatasetRecord, 'name' | 'form'>>): Promise<void> {
  await database.write({ stores: ['datasets'], durability: 'strict', changes: [{ of: 'datasets' }] }, async (transaction) => {
    const store = transaction.objectStore('datasets');
    const dataset = await store.get(id);
    if (!dataset) throw new NotFoundError('dataset', id);
    await store.put({ ...dataset, ...change });
  });
}

/** Remove a dataset with its comparisons, events and drafts. */
export async function deleteDataset(database: Database, id: string): Promise<void> {
  await database.write(
    {
      stores: ['datasets', 'comparisons', 'events', 'drafts'],
      durability: 'strict',
      changes: [{ of: 'datasets' }, { of: 'comparisons', datasetId: id }, { of: 'events', datasetId: id }],
    },
    async (transaction) => {
      const comparisons = transaction.objectStore('comparisons');
      const events = transaction.objectStore('events');
      const drafts = transaction.objectStore('drafts');
      const [comparisonKeys, eventKeys, draftKeys] = await Promise.all([
        comparisons.index('byDataset').getAllKeys(wholeQueue(id)),
        events.index('byDataset').getAllKeys(id),
        drafts.index('byDataset').getAllKeys(id),
      ]);
      await Promise.all([
        transaction.objectStore('datasets').delete(id),
        ...comparisonKeys.map((key) => comparisons.delete(key)),
        ...eventKeys.map((key) => events.delete(key)),
        ...draftKeys.map((key) => drafts.delete(key)),
      ]);
    },
  );
}

/**
 * Append comparisons to a dataset's queue: each gets an id, the next place,
 * and the side that the dataset's seed draws for that place.
 * @throws NotFoundError
 */
export function addComparisons(database: Database, datasetId: string, drafts: readonly ComparisonDraft[]): Promise<Comparison[]> {
  return database.write(
    { stores: ['datasets', 'comparisons'], durability: 'strict', changes: [{ of: 'comparisons', datasetId }] },
    async (transaction) => {
      const dataset = await transaction.objectStore('datasets').get(datasetId);
      if (!dataset) throw new NotFoundError('dataset', datasetId);
      const store = transaction.objectStore('comparisons');
      const first = await store.index('byDataset').count(wholeQueue(datasetId));
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
    transaction.objectStore('comparisons').index('byDataset').getAll(wholeQueue(datasetId)),
  );
}

/** Keys of the index `byDataset` that belong to one dataset. */
export function wholeQueue(datasetId: string): IDBKeyRange {
  return IDBKeyRange.bound([datasetId, 0], [datasetId, Infinity]);
}
