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
export function passes({ status, verdict, rater }: ItemFilter, comparison: Comparison, state: ComparisonState, flagged: boolean): boolean {
  if (status !== 'any' && (status === 'flagged' ? !flagged : state.status !== status)) return false;
  if (verdict === 'any' && rater === 'any') return true;
  if (state.status !== 'judged' || (rater !== 'any' && state.rater.kind !== rater)) return false;
  if (verdict === 'any') return true;
  const said = pairVerdictOf(state);
  return verdict === (preferredSide(said, comparison) ?? said ?? 'other');
}

const OPEN: ComparisonState = { status: 'open' };
const LOOKS = 64;

/** Searches the items of a queue. It keeps their texts in lower case: looking through a hundred thousand takes a few hundredths of a second. */
export class ItemSearch {
  readonly #texts = new Map<Comparison, string>();

  constructor(readonly queue: JudgedQueue) {}

  /** The items that pass a filter, the latest first. It yields now and then, that whoever runs it may do something else; once the queue has changed, it is to be given up. */
  *find(filter: ItemFilter): Generator<void, Comparison[]> {
    const { states, flagged } = this.queue;
    const text = filter.text.trim().toLowerCase();
    const found: Comparison[] = [];
    let looks = 0;
    for (const comparison of this.queue.latestFirst()) {
      if (++looks % LOOKS === 0) yield;
      // Made at the first look, so that the first letter typed has no longer to wait than the others.
      const whole = this.#textOf(comparison);
      if (whole.includes(text) && passes(filter, comparison, states.get(comparison.id) ?? OPEN, flagged.has(comparison.id))) found.push(comparison);
    }
    return found;
  }

  #textOf(comparison: Comparison): string {
    let text = this.#texts.get(comparison);
    if (text === undefined) this.#texts.set(comparison, (text = [comparison.prompt, ...comparison.responses].join('\n').toLowerCase()));
    return text;
  }
}
