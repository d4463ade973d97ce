import type { IDBPObjectStore, StoreNames } from 'idb';
import type { Comparison, JudgementEvent, Rater } from '../feedback/judgement';
import { raterKey } from '../feedback/judgementState';
import { suits } from '../feedback/suits';
import type { DatasetEntry } from '../text/datasetFile';
import type { Database } from './database';
import { asNewDataset, DatasetConflictError, inBatches, type ImportOptions, type Merged } from './datasetImport';
import { queueKeys, type DatasetRecord, type NudgeDatabase } from './schema';

/*
 * The lab's own file on its way into the store: the union by id of comparisons
 * and of events. It is read twice, record by record: once to say what it would
 * bring, and once to keep it.
 */

/** Of the records of a file. */
interface Tally {
  /** Not here yet. */
  fresh: number;
  /** Here already, as they are in the file. */
  known: number;
}

/** A record that contradicts what is stored, or names what is nowhere. */
export interface Conflict {
  line: number;
  reason: string;
}

/** What a file would bring, before anything of it is kept. */
export interface MergeSurvey {
  dataset: DatasetRecord;
  /** The dataset of that id that is here; its name, form and all the rest stay as they are. */
  here?: DatasetRecord;
  comparisons: Tally;
  events: Tally;
  /** Who made the events that are not here yet, the busiest first. */
  raters: { rater: Rater; events: number }[];
  /** The first few. With a single one, nothing of the file is kept. */
  conflicts: Conflict[];
  conflictCount: number;
}

export type MergeOptions = Pick<ImportOptions, 'onProgress' | 'signal' | 'batch' | 'locks'>;

const SHOWN_CONFLICTS = 10;
const BATCH = 100;

/**
 * What merging a file would bring. `onProgress` hears of the records read.
 * @throws whatever `entries` throws
 */
export async function surveyMerge(database: Database, entries: AsyncGenerator<DatasetEntry>, { onProgress, signal, batch = BATCH }: MergeOptions = {}): Promise<MergeSurvey> {
  const { dataset, rest } = await headed(entries);
  const here = await database.read(['datasets'], (transaction) => transaction.objectStore('datasets').get(dataset.id));
  const survey: MergeSurvey = { dataset, ...(here && { here }), comparisons: { fresh: 0, known: 0 }, events: { fresh: 0, known: 0 }, raters: [], conflicts: [], conflictCount: 0 };
  const raters = new Map<string, MergeSurvey['raters'][number]>();
  const shapes: Shapes = new Map();
  let read = 0;
  for await (const some of inBatches(noted(rest, shapes), batch)) {
    signal?.throwIfAborted();
    const piece = await database.read(['comparisons', 'events'], (transaction) => examine(transaction, some, shapes));
    survey.comparisons.fresh += piece.comparisons.length;
    survey.comparisons.known += piece.knownComparisons;
    survey.events.fresh += piece.events.length;
    survey.events.known += piece.knownEvents;
    survey.conflictCount += piece.conflicts.length;
    survey.conflicts.push(...piece.conflicts.slice(0, SHOWN_CONFLICTS - survey.conflicts.length));
    for (const { rater } of piece.events) {
      const key = raterKey(rater);
      const counted = raters.get(key) ?? { rater, events: 0 };
      counted.events++;
      raters.set(key, counted);
    }
    onProgress?.((read += some.length));
  }
  survey.raters = [...raters.values()].sort((a, b) => b.events - a.events);
  return survey;
}

/**
 * Merge a file into the store, all of it or nothing. New comparisons come after
 * those already queued, in the order of the file, with the sides they had. A
 * dataset that is not here yet is written piece by piece before anybody sees
 * it; what is new to one that is here is held until all of it is known to fit.
 * `onProgress` hears of the records read.
 * @throws DatasetConflictError where an id stands for another text here, an event's comparison is nowhere, or it has no such responses
 * @throws StorageFullError
 * @throws the signal's reason, and whatever `entries` throws
 */
export async function mergeDataset(database: Database, entries: AsyncGenerator<DatasetEntry>, options: MergeOptions = {}): Promise<Merged> {
  const { dataset, rest } = await headed(entries);
  const here = await database.read(['datasets'], (transaction) => transaction.objectStore('datasets').getKey(dataset.id));
  return here === undefined ? asNewDataset(database, dataset, options, () => fill(database, dataset.id, rest, options)) : add(database, dataset.id, rest, options);
}

async function fill(database: Database, datasetId: string, entries: AsyncGenerator<Row>, { onProgress, signal, batch = BATCH }: MergeOptions): Promise<Merged> {
  const merged: Merged = { datasetId, comparisons: 0, events: 0 };
  const shapes: Shapes = new Map();
  let read = 0;
  for await (const some of inBatches(noted(entries, shapes), batch)) {
    signal?.throwIfAborted();
    const piece = await database.write({ stores: ['comparisons', 'events'], durability: 'relaxed', changes: [] }, async (transaction) => {
      const piece = agreed(await examine(transaction, some, shapes));
      await Promise.all([
        ...piece.comparisons.map(async (comparison, i) => transaction.objectStore('comparisons').add({ ...comparison, order: merged.comparisons + i })),
        ...piece.events.map(async (event) => transaction.objectStore('events').add(event)),
      ]);
      return piece;
    });
    merged.comparisons += piece.comparisons.length;
    merged.events += piece.events.length;
    onProgress?.((read += some.length));
  }
  return merged;
}

async function add(database: Database, datasetId: string, entries: AsyncGenerator<Row>, { onProgress, signal, batch = BATCH }: MergeOptions): Promise<Merged> {
  const shapes: Shapes = new Map();
  const fresh: Row[] = [];
  let read = 0;
  for await (const some of inBatches(noted(entries, shapes), batch)) {
    signal?.throwIfAborted();
    const lines = new Set(await database.read(['comparisons', 'events'], async (transaction) => agreed(await examine(transaction, some, shapes)).lines));
    fresh.push(...some.filter(({ line }) => lines.has(line)));
    onProgress?.((read += some.length));
  }
  signal?.throwIfAborted();
  return database.write(
    { stores: ['datasets', 'comparisons', 'events'], durability: 'strict', changes: [{ of: 'datasets' }, { of: 'comparisons', datasetId }, { of: 'events', datasetId }] },
    async (transaction) => {
      if ((await transaction.objectStore('datasets').getKey(datasetId)) === undefined) throw new DatasetConflictError('its dataset was deleted meanwhile');
      // Another tab may have written since it was read.
      const { comparisons, events } = agreed(await examine(transaction, fresh, shapes));
      const queue = transaction.objectStore('comparisons');
      const places = await queue.index('byDataset').count(queueKeys(datasetId));
      await Promise.all([
        ...comparisons.map(async (comparison, i) => queue.add({ ...comparison, order: places + i })),
        ...events.map(async (event) => transaction.objectStore('events').add(event)),
      ]);
      return { datasetId, comparisons: comparisons.length, events: events.length };
    },
  );
}

/** A record of a file below its first. */
type Row = Exclude<DatasetEntry, { dataset: DatasetRecord }>;

async function headed(entries: AsyncGenerator<DatasetEntry>): Promise<{ dataset: DatasetRecord; rest: AsyncGenerator<Row> }> {
  const { value: first, done } = await entries.next();
  if (done || !('dataset' in first)) throw new DatasetConflictError('it does not say first what dataset it is of');
  return { dataset: first.dataset, rest: entries as AsyncGenerator<Row> };
}

/** How long the responses of each comparison are: all that tells whether a verdict can be about them. */
type Shapes = Map<string, readonly { length: number }[]>;

/** The rows, with the shape of each comparison noted as it goes by. */
async function* noted(rows: AsyncGenerator<Row>, shapes: Shapes): AsyncGenerator<Row> {
  for await (const row of rows) {
    if ('comparison' in row) shapes.set(row.comparison.id, row.comparison.responses.map(({ length }) => ({ length })));
    yield row;
  }
}

interface Examined {
  /** Those that are not here yet, with their lines. */
  comparisons: Comparison[];
  events: JudgementEvent[];
  lines: number[];
  knownComparisons: number;
  knownEvents: number;
  conflicts: Conflict[];
}

/** A transaction over at least comparisons and events, of which only reading is asked. */
interface Examination {
  objectStore<S extends 'comparisons' | 'events'>(name: S): Pick<IDBPObjectStore<NudgeDatabase, StoreNames<NudgeDatabase>[], S, 'readonly' | 'readwrite'>, 'get' | 'index'>;
}

/** What of these rows is new, what is here, and what contradicts. */
async function examine(transaction: Examination, rows: readonly Row[], shapes: Shapes): Promise<Examined> {
  const [queue, log] = [transaction.objectStore('comparisons'), transaction.objectStore('events').index('byId')];
  const found = await Promise.all(
    rows.map(async (row) => {
      if ('comparison' in row) return { ...row, known: await queue.get(row.comparison.id) };
      const [known, about] = await Promise.all([log.getKey(row.event.id), shapes.has(row.event.comparisonId) ? undefined : queue.get(row.event.comparisonId)]);
      return { ...row, known, about };
    }),
  );
  const examined: Examined = { comparisons: [], events: [], lines: [], knownComparisons: 0, knownEvents: 0, conflicts: [] };
  for (const row of found) {
    const { line } = row;
    if ('comparison' in row) {
      const { comparison, known } = row;
      if (known && !sameItems(known, comparison)) examined.conflicts.push({ line, reason: `its comparison ${comparison.id} is of other texts or files than the stored one` });
      else if (known) examined.knownComparisons++;
      else {
        examined.lines.push(line);
        examined.comparisons.push(comparison);
      }
      continue;
    }
    const { event, known, about } = row;
    const responses = shapes.get(event.comparisonId) ?? (about?.datasetId === event.datasetId ? about.responses : undefined);
    if (!responses) examined.conflicts.push({ line, reason: `its event ${event.id} is about a comparison that is neither here nor above it in the file` });
    else if (event.kind === 'judged' && !suits(event.verdict, { responses })) examined.conflicts.push({ line, reason: `the verdict of its event ${event.id} cannot be about the responses of comparison ${event.comparisonId}` });
    else if (known !== undefined) examined.knownEvents++;
    else {
      examined.lines.push(line);
      examined.events.push(event);
    }
  }
  return examined;
}

function agreed(examined: Examined): Examined {
  const [conflict] = examined.conflicts;
  if (conflict) throw new DatasetConflictError(`line ${conflict.line}: ${conflict.reason}`);
  return examined;
}

/** Whether two comparisons show the same to whoever judges them. */
function sameItems(a: Comparison, b: Comparison): boolean {
  return a.datasetId === b.datasetId && a.prompt === b.prompt && sameLists(a.responses, b.responses) && sameLists(a.turns?.flatMap(fieldsOf), b.turns?.flatMap(fieldsOf)) && sameLists(filesOf(a), filesOf(b));
}

/** A record's fields in one order, whatever order it was written in. */
const fieldsOf = (record: object): unknown[] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)).flat();

const sameLists = (a: readonly unknown[] = [], b: readonly unknown[] = []): boolean => a.length === b.length && a.every((entry, i) => entry === b[i]);

/** What is shown where, whatever its files are called. */
const filesOf = ({ attachments = [] }: Comparison): string[] => attachments.map(({ of, mediaId }) => `${of} ${mediaId}`);
