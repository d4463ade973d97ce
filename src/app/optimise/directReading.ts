import type { TuningReport } from '../../lab/protocol';
import { formatNats, formatNumber } from '../charts/number';
import type { Terms } from '../controls/explainedParts';
import { count, percent } from '../controls/wording';

/*
 * What tuning on judgements directly came to, in plain sentences. Pure:
 * numbers in, words out.
 */

type DirectReport = Extract<TuningReport, { by: 'preferences' }>;
type CriticReport = Extract<TuningReport, { by: 'values' }>;

/** How a model that was tuned on judgements without a run turned out. */
export function tuningReading(report: DirectReport | CriticReport): string {
  return report.by === 'values' ? criticReading(report) : directReading(report);
}

/** What explains the numbers of {@link tuningReading}. */
export function tuningTerms({ by }: DirectReport | CriticReport): Terms {
  return by === 'values' ? CRITIC_TERMS : DIRECT_TERMS;
}

/** What the sentences on a critic name, and what explains it. */
export const CRITIC_TERMS: Terms = {
  critic: 'ilql',
  'it thought more of the preferred text': 'values/accuracy',
  'its loss': 'values/heldOutCurve',
  nats: 'values/kl',
  nat: 'values/kl',
};

export function criticReading({ trainTexts, leftOut, accuracy, heldOutCurve, kl, settings }: CriticReport): string {
  const sentences = [`The critic learned from ${count(trainTexts, 'text')}.`];
  if (leftOut > 0) sentences.push(`${count(leftOut, 'text')} ${leftOut === 1 ? 'was' : 'were'} left out: empty, or longer than the model reads, or paired with such a one.`);
  if (accuracy) {
    const luck = accuracy.low <= 0.5 && accuracy.high >= 0.5 ? ': that may be mere guessing, for a coin reaches 50 %' : '';
    sentences.push(`Of ${count(accuracy.n, 'pair')} that it never saw, it thought more of the preferred text ${percent(accuracy.value)} of the time (95 % interval ${percent(accuracy.low)} to ${percent(accuracy.high)})${luck}.`);
  } else sentences.push('No decided pair was held out, so nobody knows yet how well it judges.');
  if (heldOutCurve.length > 0 && heldOutCurve.at(-1)!.loss > heldOutCurve[0].loss) sentences.push('On the held-out texts its loss ended higher than it began: it learned its own texts by heart. Fewer epochs or a lower learning rate help.');
  sentences.push(`Guided by it at β = ${settings.beta}, the model’s texts lie ${formatNats(kl.mean)} from its own (± ${formatNumber(1.96 * kl.standardError)}, over ${count(kl.samples, 'text')}).`);
  return sentences.join(' ');
}

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
