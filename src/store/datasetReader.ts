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
  async *events(): AsyncGenerator<JudgementEvent[]> {
    for (let events = await this.#readEvents(); events.length > 0; events = await this.#readEvents()) yield events;
  }

  /** Comparisons that were not read yet. */
  async *comparisons(): AsyncGenerator<Comparison[]> {
    for (let comparisons = await this.#readComparisons(); comparisons.length > 0; comparisons = await this.#readComparisons()) yield comparisons;
  }

  async #readEvents(): Promise<JudgementEvent[]> {
    const { events, next } = await this.database.read(['events'], async (transaction) => {
      const store = transaction.objectStore('events');
      let cursor = await store.index('byDataset').openKeyCursor(this.datasetId);
      if (cursor && cursor.primaryKey < this.#event) cursor = await cursor.continuePrimaryKey(this.datasetId, this.#event);
      if (!cursor) return { events: [], next: this.#event };
      // Others' events may lie between; the index has no order within a dataset to read on from.
      const rest = IDBKeyRange.lowerBound(cursor.primaryKey);
      const [keys, all] = await Promise.all([store.getAllKeys(rest, PIECE), store.getAll(rest, PIECE)]);
      return { events: all.filter(({ datasetId }) => datasetId === this.datasetId), next: keys[keys.length - 1] + 1 };
    });
    this.#event = next;
    return events;
  }

  async #readComparisons(): Promise<Comparison[]> {
    const comparisons = await this.database.read(['comparisons'], (transaction) => transaction.objectStore('comparisons').index('byDataset').getAll(queueKeys(this.datasetId, this.#place), PIECE));
    this.#place = comparisons.length > 0 ? comparisons[comparisons.length - 1].order + 1 : this.#place;
    return comparisons;
  }
}
