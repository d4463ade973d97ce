import { raterKey } from '../feedback/judgementState';
import { orderedPairs } from '../feedback/orderedPairs';
import type { PairPreference, Preference } from './preference';

/**
 * The pairs that a single judgement implies: a pair itself, tie or not; every
 * two of a ranking that are not tied; a rewrite's edited text over the original.
 */
export function pairsOf(preference: Preference): PairPreference[] {
  const { responses: [first, second], verdict } = preference;
  if (typeof verdict === 'string') return [{ ...preference, responses: [first, second], verdict }];
  if (verdict.kind === 'rating') return [];
  return orderedPairs(preference, verdict).map((pair) => ({ ...preference, ...pair }));
}

/**
 * All pairs that these judgements imply, which is what a model is tested on.
 * Ratings of one rater by one criterion, or the thumbs of one, are matched where
 * they differ in value on the same prompt: each with the earliest that is still
 * without a match. So a text stands in one such pair at most, and a prompt with
 * many ratings counts no more than its texts. The pairs of one ranking share
 * their texts, so an interval over many of them is somewhat too narrow.
 */
export function impliedPairs(preferences: readonly Preference[]): PairPreference[] {
  return [...preferences.flatMap(pairsOf), ...matchedPairs(preferences)];
}

function matchedPairs(preferences: readonly Preference[]): PairPreference[] {
  // All that wait for a match have one value: another would have been their match.
  const waiting = new Map<string, { preference: Preference; response: string; value: number }[]>();
  const pairs: PairPreference[] = [];
  for (const preference of preferences) {
    const { prompt, responses, verdict, rater } = preference;
    if (typeof verdict === 'string' || (verdict.kind !== 'rating' && verdict.kind !== 'thumb')) continue;
    const response = responses[verdict.response];
    const [value, asked] = verdict.kind === 'thumb' ? [Number(verdict.up), []] : [verdict.value, [verdict.criterion, verdict.scale]];
    const key = JSON.stringify([prompt, rater && raterKey(rater), verdict.kind, ...asked]);
    const others = waiting.get(key) ?? [];
    waiting.set(key, others);
    if (others.length === 0 || others[0].value === value) {
      others.push({ preference, response, value });
      continue;
    }
    const other = others.shift()!;
    // They never stood side by side; the coin of the earlier one says which is called left.
    pairs.push({ ...other.preference, responses: [other.response, response], verdict: other.value > value ? 'first' : 'second', matched: preference.comparisonId });
  }
  return pairs;
}
