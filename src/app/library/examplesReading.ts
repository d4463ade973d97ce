import type { TuningReport } from '../../lab/protocol';
import { formatNumber } from '../charts/number';
import type { Terms } from '../controls/explainedParts';
import { count } from '../controls/wording';

/*
 * What training on examples came to, in plain sentences. Pure: numbers in,
 * words out.
 */

type ExamplesReport = Extract<TuningReport, { by: 'examples' }>;

/** What the sentences name, and what explains it. */
export const EXAMPLES_TERMS: Terms = { 'the loss': 'examples/heldOutCurve' };

export function examplesReading({ trainExamples, trainTokens, leftOut, heldOutExamples, heldOutCurve, source }: ExamplesReport): string {
  const sentences = [`It learned ${count(trainTokens, 'token')} of ${count(trainExamples, 'piece')} from “${source}”.`];
  if (leftOut > 0) sentences.push(`${count(leftOut, 'example is', 'examples are')} longer than the model reads and ${leftOut === 1 ? 'was' : 'were'} left out.`);
  if (heldOutCurve.length === 0) return [...sentences, 'Nothing was held out, so nobody knows yet whether it learned more than these by heart.'].join(' ');
  const [first, last] = [heldOutCurve[0].loss, heldOutCurve.at(-1)!.loss];
  const best = heldOutCurve.reduce((least, point) => (point.loss < least.loss ? point : least));
  const change = `On ${count(heldOutExamples, 'piece')} that it never saw, the loss went from ${formatNumber(first)} to ${formatNumber(last)} nats a token`;
  if (last >= first) sentences.push(`${change}: it learned its own by heart, or they have little in common. Fewer epochs or a lower learning rate help, and more examples.`);
  else if (best.loss < 0.98 * last) sentences.push(`${change}, but was ${formatNumber(best.loss)} after step ${best.step}: fewer epochs would have done better.`);
  else sentences.push(`${change}: it finds such texts likelier than before.`);
  return sentences.join(' ');
}
