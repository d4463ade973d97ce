import type { Evaluation, MeanInterval, Proportion } from '../../lab/protocol';
import { formatNats, formatNumber } from '../charts/number';
import type { Terms } from '../controls/explainedParts';
import { percent } from '../controls/wording';

/*
 * What a comparison says, in plain sentences. Pure: numbers in, words out.
 */

/** What an evaluation's sentences name, and what explains it. */
export const EVALUATION_TERMS: Terms = {
  'reward model’s score': 'evaluation/reward',
  'true (gold) score': 'evaluation/gold',
  nats: 'evaluation/kl',
  nat: 'evaluation/kl',
  'repeats itself': 'evaluation/distinct2',
  'very unlikely': 'evaluation/referenceNll',
  'reward hacking': 'reward hacking',
};

export const WIN_TERMS: Terms = { 'preferred the tuned text': 'compare/wins', interval: 'interval' };

/** Loss of variety, against the base model, that a reader notices. */
const VARIETY_LEFT = 0.75;
/** Nats a token by which the base model finds a text odd that it would not have written. */
const ODD = 1;

const apart = (a: MeanInterval, b: MeanInterval) => a.high < b.low || b.high < a.low;

/** The outcome of a tuning in a few sentences: what was gained, what it cost, and whether the gain is real. `scoredBy`: who gave the reward. */
export function evaluationReading({ gold, reward, kl, distinct2, referenceNll }: Evaluation, scoredBy: string): string[] {
  const sentences = reward ? [gain(`${scoredBy}’s score`, reward.base, reward.tuned)] : ['There is no reward model to score the texts.'];
  if (gold) {
    sentences.push(gain('true (gold) score', gold.base, gold.tuned));
    const pleased = reward !== null && reward.tuned.low > reward.base.high;
    const better = gold.tuned.low > gold.base.high;
    if (pleased && !better) sentences.push(`The ${scoredBy} is pleased and the gold score is no better: that is reward hacking.`);
  }
  sentences.push(`It cost ${formatNats(kl)} of distance from the base model.`);
  if (distinct2.tuned < VARIETY_LEFT * distinct2.base) sentences.push('It repeats itself more than the base model does.');
  if (referenceNll.tuned > referenceNll.base + ODD) sentences.push('The base model finds its texts very unlikely: read some of them.');
  return sentences;
}

function gain(what: string, base: MeanInterval, tuned: MeanInterval): string {
  const difference = tuned.mean - base.mean;
  if (!apart(base, tuned)) return `The ${what} did not clearly change: the intervals overlap.`;
  const spreads = base.std > 0 ? `, ${formatNumber(Math.abs(difference) / base.std)} times the spread of the base model’s texts` : '';
  return `The ${what} ${difference > 0 ? 'rose' : 'fell'} by ${formatNumber(Math.abs(difference))}${spreads}.`;
}

/** A win rate, and whether it is more than luck. */
export function winReading(rate: Proportion, who: string): string {
  const figure = `${who} preferred the tuned text ${percent(rate.value)} of the time (${rate.n} decided, 95 % interval ${percent(rate.low)} to ${percent(rate.high)})`;
  if (rate.low > 0.5) return `${figure}: the tuned model wins.`;
  if (rate.high < 0.5) return `${figure}: the base model wins.`;
  return `${figure}: that may still be luck.`;
}
