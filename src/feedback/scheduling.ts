import type { Collecting } from '../store/schema';
import { hashed, oneOf, uniform } from './chance';
import type { JudgedQueue } from './judgedQueue';
import type { Choice, Comparison, JudgementEvent, Rater } from './judgement';
import { raterKey, type Word } from './judgementState';

/** As where a dataset says nothing; and the random share to begin with, once a strategy chooses. */
export const IN_ORDER: Collecting = { next: 'order', randomShare: 0.2, repeatShare: 0, everyone: false };

/** An item is asked again only after so many judgements of others: by then it is hardly remembered. */
export const APART = 10;

/** Choices that go by a ranking, and so leave a sample that is no fair one. */
export type Strategy = Extract<Choice, 'uncertain' | 'moved'>;

export const isStrategy = (choice: Choice | undefined): choice is Strategy => choice === 'uncertain' || choice === 'moved';

/** The item to be judged next, and how it was chosen; of one that is asked again, how it was the first time. */
export interface Next {
  id: string;
  choice: Choice;
  repeat?: true;
}

export interface Scheduling {
  rater: Rater;
  /** Of the dataset. */
  seed: number;
  collecting: Collecting;
  /** Ids in the order of a strategy, the most informative first; of items that are not in it, chance alone decides. */
  ranking: readonly string[];
}

/** The purposes of draws, so that none depends on another. */
const [KEPT, POOL, REPEAT, WHICH_REPEAT, CHANCE, WHICH] = [1, 2, 3, 4, 5, 6];

/**
 * What to judge next; null where nothing is open. In their order, by chance, or
 * the first of a strategy's ranking. The strategy never gets the items that are
 * kept for chance (`isKept`), however little is left: what chance takes from
 * them, at `randomShare` of the time, is a fair sample of all items and not of
 * those that the strategy did not want. Where the ranking has none left, chance
 * takes any. At `repeatShare` of the time a rater is asked again what it judged
 * once, {@link APART} judgements ago or more. The moments of a conversation come
 * one after the other, whatever chose the first. All draws depend on the seed,
 * on the rater, and on how much it has said: after an undo they are the same.
 */
export function nextItem(queue: JudgedQueue, scheduling: Scheduling): Next | null {
  const { rater, seed, collecting: { next, randomShare, repeatShare, everyone } } = scheduling;
  const open = queue.openTo(everyone ? rater : undefined);
  if (open.length === 0) return null;
  const said = queue.saidBy(rater);
  const draw = (purpose: number) => uniform(seed, purpose, keyOf(rater), said.length);

  const moment = nextMoment(queue, open, said, next);
  if (moment) return moment;
  const past = repeatable(said).filter(({ comparisonId }) => queue.find(comparisonId));
  if (past.length > 0 && draw(REPEAT) < repeatShare) {
    const { comparisonId, choice = 'order' } = oneOf(past, draw(WHICH_REPEAT));
    return { id: comparisonId, choice, repeat: true };
  }
  if (next === 'order') return { id: open[0].id, choice: 'order' };
  const begins = beginnings(open);
  const byChance = (of: readonly Comparison[]): Next => ({ id: oneOf(of, draw(WHICH)).id, choice: 'random' });
  if (!isStrategy(next)) return byChance(begins);
  const [best] = leftToStrategy(queue, scheduling);
  if (!best) return byChance(begins);
  if (draw(CHANCE) >= randomShare) return { id: best.id, choice: next };
  const kept = begins.filter((item) => isKept(item, seed, randomShare));
  return kept.length > 0 ? byChance(kept) : { id: best.id, choice: next };
}

/** What the ranking still has for a strategy, the best first; a conversation, by its first open moment, stands where the best of its moments does. */
export function leftToStrategy(queue: JudgedQueue, { rater, seed, collecting: { randomShare, everyone }, ranking }: Scheduling): Comparison[] {
  const open = queue.openTo(everyone ? rater : undefined);
  const said = new Set(everyone ? queue.saidBy(rater).map(({ comparisonId }) => comparisonId) : []);
  const isOpen = ({ id }: Comparison) => (everyone ? !said.has(id) : !queue.states.has(id));
  const items = ranking.flatMap((id) => queue.find(id) ?? []).filter(isOpen);
  const talks = new Set(items.map(({ conversationId }) => conversationId));
  const first = new Map(beginnings(open.filter(({ conversationId }) => conversationId !== undefined && talks.has(conversationId))).map((item) => [item.conversationId, item]));
  return [...new Set(items.map((item) => first.get(item.conversationId) ?? item))].filter((item) => !isKept(item, seed, randomShare));
}

/** What the event of a judgement says of how its item was chosen. */
export function chosenAs({ choice, repeat }: Next): Pick<Extract<JudgementEvent, { kind: 'judged' }>, 'choice' | 'repeat'> {
  return { ...(choice !== 'order' && { choice }), ...(repeat && { repeat }) };
}

/** Whether no strategy may choose an item: so for `randomShare` of all places, and at a larger share for those of a smaller one too. */
export function isKept({ order }: Pick<Comparison, 'order'>, seed: number, randomShare: number): boolean {
  return uniform(seed, KEPT, order) < randomShare;
}

/** So many open items that a strategy is to rank, drawn by the dataset's seed, in the order of the queue; all where there are not more. */
export function poolOf(open: readonly Comparison[], seed: number, size: number): Comparison[] {
  if (open.length <= size) return [...open];
  const drawn = open.map((item) => ({ item, draw: hashed(seed, POOL, item.order) })).sort((a, b) => a.draw - b.draw);
  return drawn.slice(0, size).map(({ item }) => item).sort((a, b) => a.order - b.order);
}

const keyOf = (rater: Rater) => hashed(...Array.from(raterKey(rater), (character) => character.codePointAt(0)!));

/** The next open moment of the conversation that the rater is in. It was chosen as its first was; of one of which nothing was judged, as all are chosen now. */
function nextMoment(queue: JudgedQueue, open: readonly Comparison[], said: readonly Word[], now: Choice): Next | null {
  const conversation = (id: string | undefined) => queue.find(id)?.conversationId;
  const current = conversation(said.at(-1)?.comparisonId);
  const moment = current === undefined ? undefined : open.find(({ conversationId }) => conversationId === current);
  if (!moment) return null;
  const judged = said.findLast((word) => word.kind === 'judged' && conversation(word.comparisonId) === current);
  return { id: moment.id, choice: judged?.kind === 'judged' ? (judged.choice ?? 'order') : now };
}

/** Of what a rater judged, all that it has spoken of just once, but for the latest. */
function repeatable(said: readonly Word[]): Extract<Word, { kind: 'judged' }>[] {
  const times = new Map<string, number>();
  for (const { comparisonId } of said) times.set(comparisonId, (times.get(comparisonId) ?? 0) + 1);
  const judged = said.filter((word) => word.kind === 'judged');
  return judged.slice(0, Math.max(0, judged.length - APART)).filter(({ comparisonId }) => times.get(comparisonId) === 1);
}

/** Open items that need not wait for an earlier moment of their conversation. */
function beginnings(open: readonly Comparison[]): Comparison[] {
  const begun = new Set<string>();
  return open.filter(({ conversationId }) => conversationId === undefined || (!begun.has(conversationId) && begun.add(conversationId)));
}
