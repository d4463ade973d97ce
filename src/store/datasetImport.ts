import { newId } from '../feedback/identity';
import type { Comparison, JudgementEvent } from '../feedback/judgement';
import { showsSecondOnLeft } from '../feedback/sides';
import { suits } from '../feedback/suits';
import type { DatasetFile } from '../text/datasetFile';
import type { Preference } from '../text/preferences';
import type { Database } from './database';
import { wholeQueue } from './datasets';
import type { DatasetRecord } from './schema';
import { StorageError } from './storageErrors';

/** A file that contradicts what is stored, or itself; nothing of it was kept. */
export class DatasetConflictError extends StorageError {
  constructor(reason: string) {
    super(`The file was not imported: ${reason}. Nothing was changed.`);
    this.name = 'DatasetConflictError';
  }
}

/**
 * Keep imported preferences as judged comparisons of a dataset of their own, all of it or nothing.
 * @param file name of the file, kept as their source and rater
 * @throws StorageFullError
 */
export function importPreferences(
  database: Database,
  { name, seed }: Pick<DatasetRecord, 'name' | 'seed'>,
  preferences: readonly Preference[],
  file: string,
): Promise<DatasetRecord> {
  const now = Date.now();
  const dataset: DatasetRecord = { id: newId(), created: now, name, seed };
  const datasetId = dataset.id;
  const comparisons = preferences.map(({ prompt, chosen, rejected }, order): Comparison => {
    const swapped = showsSecondOnLeft(seed, order);
    return { id: newId(), datasetId, order, prompt, responses: [chosen, rejected], swapped, source: { kind: 'imported', file }, created: now };
  });
  const events = comparisons.map(
    ({ id }): JudgementEvent => ({ id: newId(), datasetId, comparisonId: id, at: now, rater: { kind: 'imported', file }, kind: 'judged', verdict: 'first' }),
  );
  return database.write(
    {
      stores: ['datasets', 'comparisons', 'events'],
      durability: 'strict',
      changes: [{ of: 'datasets' }, { of: 'comparisons', datasetId }, { of: 'events', datasetId }],
    },
    async (transaction) => {
      await Promise.all([
        transaction.objectStore('datasets').add(dataset),
        ...comparisons.map(async (comparison) => transaction.objectStore('comparisons').add(comparison)),
        ...events.map(async (event) => transaction.objectStore('events').add(event)),
      ]);
      return dataset;
    },
  );
}

export interface Merged {
  datasetId: string;
  /** Comparisons and events that were not here before. */
  comparisons: number;
  events: number;
}

/**
 * Merge the lab's own file into the store: the union by id of comparisons and
 * of events, all or nothing. New comparisons come after those already queued,
 * in the order of the file, with the sides they had.
 * @throws DatasetConflictError where an id stands for another text here, an event's comparison is nowhere, or it has no such responses
 */
export function mergeDataset(database: Database, { dataset, comparisons, events }: DatasetFile): Promise<Merged> {
  const datasetId = dataset.id;
  return database.write(
    {
      stores: ['datasets', 'comparisons', 'events'],
      durability: 'strict',
      changes: [{ of: 'datasets' }, { of: 'comparisons', datasetId }, { of: 'events', datasetId }],
    },
    async (transaction) => {
      const queue = transaction.objectStore('comparisons');
      const log = transaction.objectStore('events');
      const [stored, knownComparisons, knownEvents, places, queued] = await Promise.all([
        transaction.objectStore('datasets').get(datasetId),
        Promise.all(comparisons.map(({ id }) => queue.get(id))),
        Promise.all(events.map(({ id }) => log.index('byId').getKey(id))),
        queue.index('byDataset').count(wholeQueue(datasetId)),
        queue.index('byDataset').getAll(wholeQueue(datasetId)),
      ]);
      comparisons.forEach((comparison, i) => {
        const known = knownComparisons[i];
        if (known && !sameItems(known, comparison)) throw new DatasetConflictError(`its comparison ${comparison.id} is of other texts or files than the stored one`);
      });
      const judgeable = new Map([...queued, ...comparisons].map((comparison) => [comparison.id, comparison]));
      const astray = events.find(({ comparisonId }) => !judgeable.has(comparisonId));
      if (astray) throw new DatasetConflictError(`its event ${astray.id} is about a comparison that is neither in the file nor here`);
      const unfit = events.find((event) => event.kind === 'judged' && !suits(event.verdict, judgeable.get(event.comparisonId)!));
      if (unfit) throw new DatasetConflictError(`the verdict of its event ${unfit.id} cannot be about the responses of comparison ${unfit.comparisonId}`);

      const freshComparisons = comparisons.filter((_comparison, i) => !knownComparisons[i]);
      const freshEvents = events.filter((_event, i) => knownEvents[i] === undefined);
      await Promise.all([
        stored ? undefined : transaction.objectStore('datasets').add(dataset),
        ...freshComparisons.map(async (comparison, i) => queue.add({ ...comparison, order: places + i })),
        ...freshEvents.map(async (event) => log.add(event)),
      ]);
      return { datasetId, comparisons: freshComparisons.length, events: freshEvents.length };
    },
  );
}

function sameItems(a: Comparison, b: Comparison): boolean {
  return a.datasetId === b.datasetId && a.prompt === b.prompt && sameList(a.responses, b.responses) && sameList(filesOf(a), filesOf(b));
}

const sameList = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

/** What is shown where, whatever its files are called. */
const filesOf = ({ attachments = [] }: Comparison): string[] => attachments.map(({ of, mediaId }) => `${of} ${mediaId}`);
