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
/** Between two pauses: items that are looked at, or words. */
const LOOKS = 64;

/** An item in its place of the list, and what stood of it when it was put there. */
interface Listed {
  comparison: Comparison;
  /** In the queue. */
  place: number;
  state: ComparisonState;
}

/** Searches the items of a queue. It keeps their words and their order, so that a look through a hundred thousand takes a hundredth of a second. */
export class ItemSearch {
  /** An inverted index: by word in lower case, the places of the items that have it, each once, in order. */
  readonly #words = new Map<string, number[]>();
  /** Items whose words are in it: the first of the queue. */
  #taken = 0;
  /** The latest first. */
  #listed: readonly Listed[] = [];
  /** Of the queue, when it was listed. */
  #additions = 0;
  /** The text that was looked for last, and by place, whether an item holds it. */
  #last: { text: string; holding: Uint8Array } = { text: '', holding: new Uint8Array() };

  constructor(readonly queue: JudgedQueue) {}

  /** The items that pass a filter, the latest first. It yields now and then, that whoever runs it may do something else; what is touched meanwhile may be missing from what it finds. */
  *find(filter: ItemFilter): Generator<void, Comparison[]> {
    if (this.#additions !== this.queue.additions) yield* this.#list();
    const text = filter.text.trim().toLowerCase();
    const holding = text === '' ? null : yield* this.#hold(text);
    const { flagged } = this.queue;
    const any = filter.status === 'any' && filter.verdict === 'any' && filter.rater === 'any';
    const found: Comparison[] = [];
    let looks = 0;
    for (const { comparison, place, state } of this.#listed) {
      if (++looks % LOOKS === 0) yield;
      if (holding && !holding[place]) continue;
      if (any || passes(filter, comparison, state, flagged)) found.push(comparison);
    }
    return found;
  }

  /** Take in the words of the comparisons that came since; a search for a text does it itself, and takes longer then. */
  *takeIn(): Generator<void, void> {
    const { comparisons } = this.queue;
    while (this.#taken < comparisons.length) {
      const place = this.#taken;
      for (const word of textsOf(comparisons[place]).flatMap(wordsOf)) {
        const places = this.#words.get(word);
        if (!places) this.#words.set(word, [place]);
        else if (places.at(-1) !== place) places.push(place);
      }
      this.#taken++;
      yield;
    }
  }

  *#hold(text: string): Generator<void, Uint8Array> {
    yield* this.takeIn();
    const last = this.#last.text !== '' && this.#last.holding.length === this.#taken ? this.#last : null;
    if (text === last?.text) return last.holding;
    const parts = wordsOf(text);
    // What holds the longer text holds the shorter one too.
    const holding = yield* this.#haveInWords(parts, last && text.includes(last.text) ? last.holding : null);
    // Several words may stand in an item elsewhere than side by side.
    if (parts.length > 1) {
      for (let place = 0; place < holding.length; place++) {
        if (!holding[place]) continue;
        if (!textsOf(this.queue.comparisons[place]).some((all) => all.includes(text))) holding[place] = 0;
        yield;
      }
    }
    this.#last = { text, holding };
    return holding;
  }

  /** By place, whether an item of these has a word for each part of a text: one that ends as the first does, begins as the last, is one between. */
  *#haveInWords(parts: readonly string[], within: Uint8Array | null): Generator<void, Uint8Array> {
    let before = within;
    for (const [i, part] of parts.entries()) {
      const [starts, ends] = [i > 0, i < parts.length - 1];
      const having = new Uint8Array(this.#taken);
      let looks = 0;
      for (const [word, places] of this.#words) {
        if (++looks % LOOKS === 0) yield;
        if (!(starts ? (ends ? word === part : word.startsWith(part)) : ends ? word.endsWith(part) : word.includes(part))) continue;
        for (const place of places) if (!before || before[place]) having[place] = 1;
        yield;
      }
      before = having;
    }
    return before!;
  }

  *#list(): Generator<void, void> {
    const { additions, comparisons, states } = this.queue;
    const listed: Listed[] = [];
    for (const place of this.queue.placesLatestFirst()) {
      const comparison = comparisons[place];
      if (listed.push({ comparison, place, state: states.get(comparison.id) ?? OPEN }) % LOOKS === 0) yield;
    }
    this.#listed = listed;
    this.#additions = additions;
  }
}

/** What an item says, in lower case. */
function textsOf({ prompt, responses }: Comparison): string[] {
  return [prompt, ...responses].map((text) => text.toLowerCase());
}

/** What stands between white space. */
function wordsOf(text: string): string[] {
  return text.split(/\s+/);
}
