import type { Figure, FigurePoint } from '../../experiments/figure';
import type { RewardComparison } from '../../lab/protocol';
import { formatNumber } from '../charts/number';
import type { Terms } from '../controls/explainedParts';
import { count, percent } from '../controls/wording';

/*
 * Two reward models beside each other, in plain sentences and a picture. Pure:
 * numbers in, words out.
 */

/** What these sentences name, and what explains it. */
export const TWO_WAYS_TERMS: Terms = {
  'prefer the same text': 'comparison/agreement',
  'is right': 'comparison/disputed',
  r: 'comparison/correlation',
};

/** Correlation from which two scores are much the same, and below which they have little to do with each other. */
const CLOSE = 0.8;
const LOOSE = 0.4;

/** Whether two models agree, which is better where they don't, and how alike their scores are. `a`: the name of the first. */
export function twoWaysReading({ heldOutPairs, agreement, disputed, correlation }: RewardComparison, a: string, b: string): string[] {
  if (!agreement) return ['No text was preferred to another in the pairs that neither has seen, so there is nothing to compare.'];
  const sentences = [`On ${count(heldOutPairs, 'pair')} that neither has seen, the two prefer the same text ${percent(agreement.value)} of the time (95 % interval ${percent(agreement.low)} to ${percent(agreement.high)}).`];
  if (disputed) {
    const { value, low, high, n } = disputed;
    const verdict = low > 0.5 ? `“${a}” is the better of the two here.` : high < 0.5 ? `“${b}” is the better of the two here.` : 'That may be luck, so neither is shown to be better.';
    sentences.push(`Of the ${count(n, 'pair')} on which they differ, “${a}” is right ${percent(value)} of the time (${percent(low)} to ${percent(high)}). ${verdict}`);
  }
  if (correlation !== null) {
    const alike = correlation >= CLOSE ? 'They score texts much alike' : correlation >= LOOSE ? 'Their scores go together, loosely' : 'Their scores have little to do with each other';
    sentences.push(`${alike}: r = ${formatNumber(correlation)}.`);
  }
  return sentences;
}

/** The scores that two models give to the same texts, those that were preferred apart from the others. */
export function scoresFigure({ texts }: RewardComparison, a: string, b: string): Figure {
  const points = (wanted: boolean): FigurePoint[] => texts.filter(({ preferred }) => preferred === wanted).map((text) => ({ x: text.a, y: text.b }));
  return {
    panels: [
      {
        title: 'Each text, scored by both',
        x: { label: `score by “${a}”` },
        y: { label: `score by “${b}”` },
        series: [
          { label: 'was preferred', look: 2, as: 'points', points: points(true) },
          { label: 'was not', look: 3, as: 'points', points: points(false) },
        ],
      },
    ],
  };
}
