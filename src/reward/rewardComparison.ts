import { proportion } from '../feedback/proportion';
import { correlation, heldOutReport, type ScoredPair } from './report';
import type { Proportion } from './settings';

/** A number of each of two reward models. */
export interface OfBoth {
  a: number;
  b: number;
}

/** A pair of which the two prefer different texts. */
export interface Disagreement {
  comparisonId: string;
  prompt: string;
  /** What the judgement preferred, and what it did not. */
  preferred: string;
  other: string;
  /** Score of the preferred text less that of the other: one is above 0, one below. */
  margins: OfBoth;
}

/** Two reward models on the same judged pairs. Pairs of which neither text was preferred don't count. */
export interface RewardComparison {
  heldOutPairs: number;
  /** Null where there is no pair, as are the figures below. */
  accuracy: { a: Proportion; b: Proportion } | null;
  /** How often the two prefer the same text. */
  agreement: Proportion | null;
  /** Of the pairs of which they prefer different texts, how often a's is the one that was judged better; null where there is none. */
  disputed: Proportion | null;
  /** Pearson's, of the scores of all texts of the pairs; null where either does not vary. */
  correlation: number | null;
  /** Every text of the pairs. */
  texts: (OfBoth & { preferred: boolean })[];
  /** The widest apart first. */
  disagreements: Disagreement[];
}

/**
 * Compare two models by the scores that they gave to the same pairs. Both were
 * tried on the same pairs, so their accuracies rise and fall together, and
 * whether one is better is told by the pairs alone of which just one is right
 * (McNemar 1947): far from half of them, it is. A model that scores two texts
 * alike agrees half with one that does not.
 */
export function compareScores(a: readonly ScoredPair[], b: readonly ScoredPair[]): RewardComparison {
  const both = a
    .map(({ pair, scores }, i) => ({ pair, a: inOrder(pair.verdict, scores), b: inOrder(pair.verdict, b[i].scores) }))
    .filter(({ pair: { verdict } }) => verdict === 'first' || verdict === 'second')
    .map((scored) => ({ ...scored, margins: { a: scored.a[0] - scored.a[1], b: scored.b[0] - scored.b[1] } }));
  const accuracy = { a: heldOutReport(a).accuracy, b: heldOutReport(b).accuracy };
  const disagreements = both
    .filter(({ margins }) => margins.a * margins.b < 0)
    .sort((one, other) => apart(other.margins) - apart(one.margins))
    .map(({ pair: { comparisonId, prompt, responses, verdict }, margins }): Disagreement => {
      const [preferred, other] = inOrder(verdict, responses);
      return { comparisonId, prompt, preferred, other, margins };
    });
  const texts = both.flatMap((scored) => scored.a.map((score, i) => ({ a: score, b: scored.b[i], preferred: i === 0 })));
  return {
    heldOutPairs: both.length,
    accuracy: accuracy.a && accuracy.b && { a: accuracy.a, b: accuracy.b },
    agreement: proportion(both.reduce((sum, { margins }) => sum + (1 + Math.sign(margins.a) * Math.sign(margins.b) + Number(margins.a === 0 && margins.b === 0)) / 2, 0), both.length),
    disputed: proportion(disagreements.filter(({ margins }) => margins.a > 0).length, disagreements.length),
    correlation: correlation(texts.map((text) => text.a), texts.map((text) => text.b)),
    texts,
    disagreements,
  };
}

/** Of the preferred text, and of the other. */
const inOrder = <T>(verdict: string, [first, second]: [T, T]): [T, T] => (verdict === 'second' ? [second, first] : [first, second]);

const apart = ({ a, b }: OfBoth) => Math.abs(a - b);
