import type { JudgedQueue } from '../../feedback/judgedQueue';
import type { Rater } from '../../feedback/judgement';
import { raterKey } from '../../feedback/judgementState';
import { IN_ORDER, leftToStrategy, nextItem, type Next, type Scheduling } from '../../feedback/scheduling';
import type { DatasetRecord } from '../../store/schema';

/**
 * What comes next, as it was said: an item that stands on the screen does not
 * change when a ranking arrives or more is written, and after an undo the same
 * comes again.
 */
export class Plan {
  #ranking: { datasetId: string; ids: readonly string[] } | null = null;
  #asked: { queue: JudgedQueue; scheduling: Omit<Scheduling, 'ranking'>; datasetId: string } | null = null;
  /** What came where somebody had said so much. */
  readonly #came = new Map<string, Next>();

  /** Take a strategy's ranking of a dataset's items into account, the most informative first. */
  rank(datasetId: string, ids: readonly string[]): void {
    this.#ranking = { datasetId, ids };
  }

  /** What the strategy can still choose of its ranking, in the queue that was asked about last; Infinity before any. */
  get left(): number {
    if (!this.#asked) return Infinity;
    const { queue, scheduling, datasetId } = this.#asked;
    return leftToStrategy(queue, { ...scheduling, ranking: this.#rankingOf(datasetId) }).length;
  }

  next(queue: JudgedQueue, rater: Rater, { id, seed, collecting = IN_ORDER }: Pick<DatasetRecord, 'id' | 'seed' | 'collecting'>): Next | null {
    const scheduling = { rater, seed, collecting };
    this.#asked = { queue, scheduling, datasetId: id };
    const place = JSON.stringify([id, raterKey(rater), queue.saidBy(rater).length, collecting]);
    const before = this.#came.get(place);
    if (before && queue.find(before.id) && (before.repeat || collecting.everyone || !queue.states.has(before.id))) return before;
    const next = nextItem(queue, { ...scheduling, ranking: this.#rankingOf(id) });
    if (next) this.#came.set(place, next);
    return next;
  }

  #rankingOf(datasetId: string): readonly string[] {
    return this.#ranking?.datasetId === datasetId ? this.#ranking.ids : [];
  }
}

export const plan = new Plan();
