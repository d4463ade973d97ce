import { LABELS } from './kinds';
import { sigmoid } from './logistic';
import type { PairPreference, Preference } from './preference';
import type { ScoredPair } from './report';
import type { JudgedOrder, RewardReport, TextPlace } from './settings';

/** Judgements of a list that are kept. */
export const MOST_LISTED = 20;

/** Judgements, and the pairs that they imply with the model's raw scores. */
export interface Scored {
  judged: readonly Preference[];
  scored: readonly ScoredPair[];
}

/**
 * What a trained model still contradicts. A judgement says of each pair that it
 * implies (impliedPairs.ts) which text is better, and the model gives that the
 * chance σ(m) of Bradley and Terry's model, m the score of that text less the
 * other's. The judgement is contradicted where m < 0 for any of them; the worst
 * speaks for it. Ties, and pairs that are both bad, ask for no order. A rating or
 * a thumb has nothing to be measured against but other texts, for scores have no
 * zero of their own: it is contradicted where the text that it is matched with
 * comes out on the other side of it. The worst of those that were learned from
 * and of those held out are listed together, the surest first.
 */
export function disputesOf(learned: Scored, heldOut: Scored): NonNullable<RewardReport['disputes']> {
  const [known, unseen] = [learned, heldOut].map(ordersOf);
  const against = (orders: ReadonlyMap<string, JudgedOrder>) => [...orders].filter(([, { chance }]) => chance < 0.5);
  const worst = (orders: ReadonlyMap<string, JudgedOrder>, isHeldOut: boolean) =>
    against(orders).sort(([, a], [, b]) => a.chance - b.chance).slice(0, MOST_LISTED).map(([comparisonId, order]) => ({ comparisonId, heldOut: isHeldOut, order }));
  const tally = (orders: ReadonlyMap<string, JudgedOrder>) => ({ ordered: orders.size, against: against(orders).length });
  return {
    learned: tally(known),
    heldOut: tally(unseen),
    worst: [...worst(known, false), ...worst(unseen, true)].sort((a, b) => a.order.chance - b.order.chance),
  };
}

/**
 * The judgements that pulled hardest, as multiples of the mean pull, with what
 * the model makes of them in the end.
 * @param pulls of each judgement that was learned from, see pull.ts
 */
export function hardestPulls(learned: Scored, pulls: ArrayLike<number>): NonNullable<RewardReport['pulls']> {
  const sums = new Map<string, number>();
  learned.judged.forEach(({ comparisonId }, i) => sums.set(comparisonId, (sums.get(comparisonId) ?? 0) + pulls[i]));
  const mean = [...sums.values()].reduce((sum, pull) => sum + pull, 0) / sums.size;
  if (!(mean > 0)) return [];
  const orders = ordersOf(learned);
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_LISTED)
    .map(([comparisonId, pull]) => ({ comparisonId, pull: pull / mean, order: orders.get(comparisonId) ?? null }));
}

/** Of each judgement, the order that it asks for which the model respects least. */
function ordersOf({ judged, scored }: Scored): Map<string, JudgedOrder> {
  const responsesOf = new Map(judged.map(({ comparisonId, responses }) => [comparisonId, responses]));
  const placeOf = (comparisonId: string, text: string): TextPlace => {
    const response = responsesOf.get(comparisonId)!.indexOf(text);
    return { comparisonId, response: response < 0 ? null : response };
  };
  const orders = new Map<string, JudgedOrder>();
  for (const { pair, scores: [first, second] } of scored) {
    if (LABELS[pair.verdict] === 0.5) continue;
    const [better, worse] = placesOf(pair, placeOf);
    const chance = sigmoid(pair.verdict === 'first' ? first - second : second - first);
    const known = orders.get(pair.comparisonId);
    if (!known || chance < known.chance) orders.set(pair.comparisonId, { better, worse, chance });
  }
  return orders;
}

function placesOf({ comparisonId, matched = comparisonId, responses, verdict }: PairPreference, placeOf: (comparisonId: string, text: string) => TextPlace): TextPlace[] {
  const places = [placeOf(comparisonId, responses[0]), placeOf(matched, responses[1])];
  return verdict === 'first' ? places : places.toReversed();
}
