import type { IDBPObjectStore } from 'idb';
import type { Comparison, ComparisonState, JudgementEvent } from '../feedback/judgement';
import { JudgedQueue } from '../feedback/judgedQueue';
import type { Database } from './database';
import { DatasetReader } from './datasetReader';
import type { NudgeDatabase } from './schema';
import { StorageError } from './storageErrors';

/**
 * Append events to the log; when the promise resolves they are on the disk.
 * Events whose id the log has already are left out, so doing it again is safe.
 * @returns how many were new
 * @throws StorageFullError: the caller still holds the events
 */
export async function appendEvents(database: Database, events: readonly JudgementEvent[]): Promise<number> {
  const unique = [...new Map(events.map((event) => [event.id, event])).values()];
  try {
    return await append(database, unique, () => Promise.resolve(unique));
  } catch (error) {
    // Only whoever repeats what had come through already has to ask which: a person who judges waits for each question.
    if (!(error instanceof StorageError && error.cause instanceof DOMException && error.cause.name === 'ConstraintError')) throw error;
    return append(database, unique, async (store) => {
      const known = await Promise.all(unique.map((event) => store.index('byId').getKey(event.id)));
      return unique.filter((_event, i) => known[i] === undefined);
    });
  }
}

/** Append those of some events that are new to the log, all or, where the log has one of them, none. */
function append(database: Database, events: readonly JudgementEvent[], newOf: (store: EventStore) => Promise<readonly JudgementEvent[]>): Promise<number> {
  const datasetIds = [...new Set(events.map((event) => event.datasetId))];
  return database.write(
    { stores: ['events'], durability: 'strict', changes: datasetIds.map((datasetId) => ({ of: 'events', datasetId })) },
    async (transaction) => {
      const store = transaction.objectStore('events');
      const fresh = await newOf(store);
      // Where one fails, the transaction does, and says why.
      for (const event of fresh) store.add(event).catch(() => undefined);
      // No more is to come: it need not hear of each before it is done.
      transaction.commit();
      return fresh.length;
    },
  );
}

type EventStore = IDBPObjectStore<NudgeDatabase, ['events'], 'events', 'readwrite'>;

/** A dataset's events in the order of their arrival in this browser. */
export function listEvents(database: Database, datasetId: string): Promise<JudgementEvent[]> {
  return database.read(['events'], (transaction) => transaction.objectStore('events').index('byDataset').getAll(datasetId));
}

export interface JudgedDataset {
  /** In the order of the queue. */
  comparisons: Comparison[];
  events: JudgementEvent[];
  /** By comparison id; a comparison without an entry is open. */
  states: ReadonlyMap<string, ComparisonState>;
}

/** A dataset's comparisons with what stands of each; every event is about one of them. Read and derived piece by piece, so that a page stays alive meanwhile. */
export async function loadJudgedDataset(database: Database, datasetId: string): Promise<JudgedDataset> {
  const judged = new JudgedQueue([], []);
  const events: JudgementEvent[] = [];
  for await (const piece of new DatasetReader(database, datasetId).news()) {
    judged.extend(piece.comparisons, piece.events);
    events.push(...piece.events);
  }
  return { comparisons: [...judged.comparisons], events, states: judged.states };
}
