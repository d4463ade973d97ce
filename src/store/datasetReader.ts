import type { Comparison, JudgementEvent } from '../feedback/judgement';
import type { Database } from './database';
import { queueKeys } from './schema';

/** Some of a dataset, little enough to be taken in without holding up a page. */
export interface DatasetPiece {
  comparisons: readonly Comparison[];
  events: readonly JudgementEvent[];
}

// The browser turns a piece into objects in one go: of texts of a few hundred characters, in some milliseconds.
const PIECE = 500;

/**
 * Reads a dataset piece by piece, and later only what was added since. Its
 * comparisons come in the order of the queue, its events in the order of their
 * arrival; both only ever grow at their ends, so each piece may have a
 * transaction of its own, and nobody who judges has to wait for the whole.
 */
export class DatasetReader {
  /** Key of the first event that was not read yet. */
  #event = 0;
  /** Place of the first comparison that was not read yet. */
  #place = 0;

  constructor(
    private readonly database: Database,
    private readonly datasetId: string,
  ) {}

  /**
   * What was added since this was read to its end the last time. Events come
   * first: the comparison of each was there before it, so it is among those
   * read so far when the last piece has come. Two who read at once may both get a piece.
   */
  async *news(): AsyncGenerator<DatasetPiece> {
    for await (const events of this.events()) yield { comparisons: [], events };
    for await (const comparisons of this.comparisons()) yield { comparisons, events: [] };
  }

  /** Events that were not read yet. */
  events(): AsyncGenerator<JudgementEvent[]> {
    return ahead(
      () => this.#readEvents(this.#event),
      ({ next }) => this.#readEvents(next),
      ({ next }) => (this.#event = next),
    );
  }

  /** Comparisons that were not read yet. */
  comparisons(): AsyncGenerator<Comparison[]> {
    return ahead(
      () => this.#readComparisons(this.#place),
      ({ next }) => this.#readComparisons(next),
      ({ next }) => (this.#place = next),
    );
  }

  /** How many comparisons and events there are. */
  size(): Promise<number> {
    return this.database.read(['comparisons', 'events'], async (transaction) => {
      const [comparisons, events] = await Promise.all([
        transaction.objectStore('comparisons').index('byDataset').count(queueKeys(this.datasetId)),
        transaction.objectStore('events').index('byDataset').count(this.datasetId),
      ]);
      return comparisons + events;
    });
  }

  #readEvents(from: number): Promise<Piece<JudgementEvent>> {
    return this.database.read(['events'], async (transaction) => {
      const store = transaction.objectStore('events');
      for (let start = from; ; ) {
        const rest = IDBKeyRange.lowerBound(start);
        const [keys, all] = await Promise.all([store.getAllKeys(rest, PIECE), store.getAll(rest, PIECE)]);
        const rows = all.filter(({ datasetId }) => datasetId === this.datasetId);
        const next = keys.length > 0 ? keys[keys.length - 1] + 1 : start;
        if (rows.length > 0 || keys.length < PIECE) return { rows, next };
        // Only others' events, and maybe many of them. A browser's cursor comes to a key past all of the dataset before it, and who judges waits meanwhile: it is not asked where the next piece is near.
        let cursor = await store.index('byDataset').openKeyCursor(this.datasetId);
        if (cursor && cursor.primaryKey < next) cursor = await cursor.continuePrimaryKey(this.datasetId, next);
        if (!cursor) return { rows: [], next };
        start = cursor.primaryKey;
      }
    });
  }

  async #readComparisons(from: number): Promise<Piece<Comparison>> {
    const rows = await this.database.read(['comparisons'], (transaction) => transaction.objectStore('comparisons').index('byDataset').getAll(queueKeys(this.datasetId, from), PIECE));
    return { rows, next: rows.length > 0 ? rows[rows.length - 1].order + 1 : from };
  }
}

interface Piece<T> {
  rows: T[];
  /** Where the next piece begins. */
  next: number;
}

/** Piece after piece until one is empty, each being read while whoever asked works on the one before; `taken` hears of those that were given out. */
async function* ahead<T>(first: () => Promise<Piece<T>>, after: (piece: Piece<T>) => Promise<Piece<T>>, taken: (piece: Piece<T>) => void): AsyncGenerator<T[]> {
  let piece = await first();
  while (piece.rows.length > 0) {
    const next = after(piece);
    // Whoever stops here does not wait for it.
    next.catch(() => undefined);
    taken(piece);
    yield piece.rows;
    piece = await next;
  }
  // What was passed over to come to the end need not be passed again.
  taken(piece);
}
