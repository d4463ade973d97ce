import { SCALES } from '../feedback/judgement';
import { pairsOf } from '../reward/impliedPairs';
import type { Preference } from '../reward/preference';

/** One text or two that were judged together, each with its reward, from −1 to 1. */
export interface JudgedRewards {
  prompt: string;
  responses: string[];
  rewards: number[];
}

const PAIR_REWARDS = { first: [1, -1], second: [-1, 1], tie: [0, 0], 'both-bad': [-1, -1] };

/**
 * The judgement as the reward. Of a pair: 1 for the preferred text and −1 for
 * the other and for either of which both are bad, 0 for either of a tie; a ranking
 * and a rewrite are the pairs that they imply, so that a ranked text has on average
 * the share that it beats less the share that beats it. A thumb is 1 or −1, and
 * a rating its place between the ends of its scale, the lower −1 and the upper 1.
 * Throws RangeError for a score that nobody gave but a ranking made.
 */
export function judgedRewards(preference: Preference): JudgedRewards[] {
  const { prompt, responses, verdict } = preference;
  if (typeof verdict === 'object' && verdict.kind === 'thumb') return [{ prompt, responses: [responses[verdict.response]], rewards: [verdict.up ? 1 : -1] }];
  if (typeof verdict === 'object' && verdict.kind === 'rating') {
    if (verdict.scale === 'log-odds') throw new RangeError('A score that a ranking made is no judgement, and has no ends to its scale.');
    const [low, high] = SCALES[verdict.scale];
    return [{ prompt, responses: [responses[verdict.response]], rewards: [(2 * (verdict.value - low)) / (high - low) - 1] }];
  }
  return pairsOf(preference).map((pair) => ({ prompt, responses: pair.responses, rewards: PAIR_REWARDS[pair.verdict] }));
}
