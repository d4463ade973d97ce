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

/** Items one after the other as one text in lower case, and which letters follow each other anywhere in it: most that is rare is not even looked for there. */
interface Block {
  /** Place of its first item in the queue. */
  first: number;
  text: string;
  /** Where each item begins in the text, and where the last ends. */
  bounds: Uint32Array;
  /** A bit for each {@link Runs} of its text. */
  pairs: Uint32Array;
  triples: Uint32Array;
}

/** Runs of two and of three letters, as numbers of ten and fifteen bits. */
type Runs = Pick<Block, 'pairs' | 'triples'>;

// Five bits a letter: a to z, and all others as one.
const letterOf = (code: number) => (code >= 97 && code <= 122 ? code - 96 : 0);

function runsOf(text: string): Runs {
  const pairs = new Uint32Array(2 ** 10 / 32);
  const triples = new Uint32Array(2 ** 15 / 32);
  let last = 0;
  for (let at = 0; at < text.length; at++) {
    last = ((last << 5) | letterOf(text.charCodeAt(at))) & 0x7fff;
    const pair = last & 0x3ff;
    if (at > 0) pairs[pair >>> 5] |= 1 << (pair & 31);
    if (at > 1) triples[last >>> 5] |= 1 << (last & 31);
  }
  return { pairs, triples };
}

/** Whether a text of these runs may stand in a block. */
function mayHoldOf(runs: Runs): (block: Block) => boolean {
  // Of thousands of words of bits a short text has a few.
  const wanted = (bits: Uint32Array) => [...bits.entries()].filter(([, word]) => word !== 0);
  const [pairs, triples] = [wanted(runs.pairs), wanted(runs.triples)];
  return (block) => pairs.every(([i, word]) => (word & ~block.pairs[i]) === 0) && triples.every(([i, word]) => (word & ~block.triples[i]) === 0);
}

/** Mark the items of a block that hold a text. */
function lookThrough({ first, text: all, bounds }: Block, text: string, places: Uint8Array): void {
  let item = 0;
  for (let at = all.indexOf(text); at >= 0; at = all.indexOf(text, bounds[item])) {
    while (bounds[item + 1] <= at) item++;
    places[first + item] = 1;
    // Once is enough: on with the next item.
    item++;
  }
}

/** The same, of the items that are marked in `within`. */
function lookWithin({ first, text: all, bounds }: Block, text: string, within: Uint8Array, places: Uint8Array): void {
  for (let item = 0; item + 1 < bounds.length; item++) {
    if (within[first + item] && all.slice(bounds[item], bounds[item + 1]).includes(text)) places[first + item] = 1;
  }
}

/** Searches the items of a queue. It keeps their texts and their order, so that a look through a hundred thousand takes a few hundredths of a second. */
export class ItemSearch {
  readonly #blocks: Block[] = [];
  /** Items that are in blocks: the first of the queue. */
  #held = 0;
  /** Places, the latest first. */
  #order: readonly number[] = [];
  /** Of the queue, when it had this order. */
  #additions = 0;
  /** By place, whether an item holds the text that was looked for last. */
  #holding: { text: string; places: Uint8Array } = { text: '', places: new Uint8Array() };

  constructor(readonly queue: JudgedQueue) {}

  /** The items that pass a filter, the latest first. It yields now and then, that whoever runs it may do something else; what is touched meanwhile may be missing from what it finds. */
  *find(filter: ItemFilter): Generator<void, Comparison[]> {
    yield* this.#takeIn();
    if (this.#additions !== this.queue.additions) yield* this.#putInOrder();
    const text = filter.text.trim().toLowerCase();
    const holding = text === '' ? null : yield* this.#hold(text);
    const { comparisons, states, flagged } = this.queue;
    const any = filter.status === 'any' && filter.verdict === 'any' && filter.rater === 'any';
    const found: Comparison[] = [];
    let looks = 0;
    for (const place of this.#order) {
      if (++looks % LOOKS === 0) yield;
      if (holding && !holding[place]) continue;
      const comparison = comparisons[place];
      if (any || passes(filter, comparison, states.get(comparison.id) ?? OPEN, flagged)) found.push(comparison);
    }
    return found;
  }

  *#hold(text: string): Generator<void, Uint8Array> {
    const before = this.#holding.places.length === this.#held && this.#holding.text !== '' ? this.#holding : null;
    if (text === before?.text) return before.places;
    // What holds the longer text holds the shorter one too: whoever types on looks only where it was found.
    const within = before && text.includes(before.text) ? before.places : null;
    const mayHold = mayHoldOf(runsOf(text));
    const places = new Uint8Array(this.#held);
    for (const block of [...this.#blocks]) {
      if (!mayHold(block)) continue;
      if (within) lookWithin(block, text, within, places);
      else lookThrough(block, text, places);
      yield;
    }
    this.#holding = { text, places };
    return places;
  }

  /** Take in the texts of the comparisons that came since. */
  *#takeIn(): Generator<void, void> {
    const { comparisons } = this.queue;
    while (this.#held < comparisons.length) {
      const some = comparisons.slice(this.#held, this.#held + LOOKS);
      // No text that is looked for has a line end in it, so that none reaches from one item into the next.
      const texts = some.map(({ prompt, responses }) => `${[prompt, ...responses].join('\n').toLowerCase()}\n`);
      const bounds = new Uint32Array(texts.length + 1);
      for (const [i, { length }] of texts.entries()) bounds[i + 1] = bounds[i] + length;
      const text = texts.join('');
      this.#blocks.push({ first: this.#held, text, bounds, ...runsOf(text) });
      this.#held += some.length;
      yield;
    }
  }

  *#putInOrder(): Generator<void, void> {
    const { additions } = this.queue;
    const order: number[] = [];
    for (const place of this.queue.placesLatestFirst()) if (order.push(place) % LOOKS === 0) yield;
    this.#order = order;
    this.#additions = additions;
  }
}
