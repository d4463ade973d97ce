import type { TuningReport } from '../../lab/protocol';
import { formatNats, formatNumber } from '../charts/number';
import type { Terms } from '../controls/explainedParts';
import { count, percent } from '../controls/wording';

/*
 * What tuning on judgements directly came to, in plain sentences. Pure:
 * numbers in, words out.
 */

type DirectReport = Extract<TuningReport, { by: 'preferences' }>;

/** What the sentences name, and what explains it. */
export const DIRECT_TERMS: Terms = {
  'the preferred text gained on the other': 'preferences/accuracy',
  'mean margin': 'preferences/meanMargin',
  'its loss': 'preferences/heldOutCurve',
  nats: 'preferences/kl',
  nat: 'preferences/kl',
};

export function directReading({ trainPairs, heldOutPairs, ties, leftOut, accuracy, meanMargin, heldOutCurve, kl }: DirectReport): string {
  const sentences = [`It learned from ${count(trainPairs, 'pair')}.`];
  if (ties > 0) sentences.push(`${count(ties, 'pair')} without a preferred text ${ties === 1 ? 'was' : 'were'} left out.`);
  if (leftOut > 0) sentences.push(`${count(leftOut, 'pair is', 'pairs are')} longer than the model reads and ${leftOut === 1 ? 'was' : 'were'} left out.`);
  if (accuracy && meanMargin !== null) {
    const { value, low, high } = accuracy;
    const luck = low <= 0.5 && high >= 0.5 ? ': that may be mere guessing, for a coin reaches 50 %' : '';
    sentences.push(`Of ${count(heldOutPairs, 'pair')} that it never saw, the preferred text gained on the other ${percent(value)} of the time (95 % interval ${percent(low)} to ${percent(high)})${luck}; the mean margin is ${formatNumber(meanMargin)}.`);
    const best = heldOutCurve.reduce((least, point) => (point.loss < least.loss ? point : least));
    const end = heldOutCurve.at(-1)!;
    if (end.loss > heldOutCurve[0].loss) sentences.push('On those pairs its loss ended higher than it began: it learned its own pairs by heart. Fewer epochs, a lower learning rate or a higher β help.');
    else if (best.step < end.step && best.loss < 0.98 * end.loss) sentences.push(`On those pairs it was best after step ${best.step}; fewer epochs may do better.`);
  } else sentences.push('Nothing was held out, so nobody knows yet how well it judges.');
  sentences.push(`Its own texts lie ${formatNats(kl.mean)} from the base model (± ${formatNumber(1.96 * kl.standardError)}, over ${count(kl.samples, 'text')}).`);
  return sentences.join(' ');
}
