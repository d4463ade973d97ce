import type { Comparison, ComparisonState, PairVerdict, Rater } from './judgement';
import type { JudgedQueue } from './judgedQueue';
import { pairVerdictOf } from './lessons';
import { preferredSide, type Side } from './sides';

/** What is looked for among the items of a queue; each part narrows it. */
export interface ItemFilter {
  /** In the prompt or a response, whatever its case; empty: any. */
  text: string;
  status: 'any' | ComparisonState['status'] | 'flagged';
  /** What was said: of a pair, which was better as the screen shows them; 'other' is an answer of another kind. */
  verdict: 'any' | Side | Exclude<PairVerdict, 'first' | 'second'> | 'other';
  /** Who said it. */
  rater: 'any' | Exclude<Rater['kind'], 'key'>;
}

export const ANY_ITEM: ItemFilter = { text: '', status: 'any', verdict: 'any', rater: 'any' };

/** Whether an item passes all of a filter but its text. */
export function passes({ status, verdict, rater }: ItemFilter, comparison: Comparison, state: ComparisonState, flagged: ReadonlySet<string>): boolean {
  if (status !== 'any' && (status === 'flagged' ? !flagged.has(comparison.id) : state.status !== status)) return false;
  if (verdict === 'any' && rater === 'any') return true;
  if (state.status !== 'judged' || (rater !== 'any' && state.rater.kind !== rater)) return false;
  if (verdict === 'any') return true;
  const said = pairVerdictOf(state);
  return verdict === (preferredSide(said, comparison) ?? said ?? 'other');
}

const OPEN: ComparisonState = { status: 'open' };
const LOOKS = 64;

/** An item with all its text in lower case. */
interface Entry {
  comparison: Comparison;
  text: string;
}

/** Searches the items of a queue. It keeps their texts, their order and what the last text was found in, so that a look through a hundred thousand takes a few hundredths of a second, and another letter less. */
export class ItemSearch {
  readonly #entries = new Map<Comparison, Entry>();
  #order: readonly Entry[] = [];
  /** Of the queue, when it had this order. */
  #additions = 0;
  /** Those of the order that hold a text. */
  #holding: { text: string; entries: readonly Entry[] } = { text: '', entries: [] };

  constructor(readonly queue: JudgedQueue) {}

  /** The items that pass a filter, the latest first. It yields now and then, that whoever runs it may do something else; what is touched meanwhile may be missing from what it finds. */
  *find(filter: ItemFilter): Generator<void, Comparison[]> {
    if (this.#additions !== this.queue.additions) yield* this.#putInOrder();
    const entries = yield* this.#hold(filter.text.trim().toLowerCase());
    const { states, flagged } = this.queue;
    const any = filter.status === 'any' && filter.verdict === 'any' && filter.rater === 'any';
    const found: Comparison[] = [];
    let looks = 0;
    for (const { comparison } of entries) {
      if (++looks % LOOKS === 0) yield;
      if (any || passes(filter, comparison, states.get(comparison.id) ?? OPEN, flagged)) found.push(comparison);
    }
    return found;
  }

  *#hold(text: string): Generator<void, readonly Entry[]> {
    if (text === '') return this.#order;
    // What holds the longer text holds the shorter one too: whoever types on looks only where it was found.
    const within = this.#holding.text !== '' && text.includes(this.#holding.text) ? this.#holding.entries : this.#order;
    if (text === this.#holding.text) return within;
    const order = this.#order;
    const entries: Entry[] = [];
    let looks = 0;
    for (const entry of within) {
      if (++looks % LOOKS === 0) yield;
      if (entry.text.includes(text)) entries.push(entry);
    }
    // Another search may have put them in a new order meanwhile.
    if (order === this.#order) this.#holding = { text, entries };
    return entries;
  }

  *#putInOrder(): Generator<void, void> {
    const { additions } = this.queue;
    const order: Entry[] = [];
    for (const comparison of this.queue.latestFirst()) {
      if (order.push(this.#entryOf(comparison)) % LOOKS === 0) yield;
    }
    this.#order = order;
    this.#additions = additions;
    this.#holding = { text: '', entries: [] };
  }

  #entryOf(comparison: Comparison): Entry {
    let entry = this.#entries.get(comparison);
    if (!entry) this.#entries.set(comparison, (entry = { comparison, text: [comparison.prompt, ...comparison.responses].join('\n').toLowerCase() }));
    return entry;
  }
}
