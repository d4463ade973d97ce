import type { Comparison, PairVerdict, Verdict } from '../../feedback/judgement';
import { preferredSide } from '../../feedback/sides';

/** A verdict in the words of the buttons, a pair's by the sides as they were shown. */
export function verdictSentence(verdict: Verdict, comparison: Pick<Comparison, 'swapped'>): string {
  if (verdict === 'tie') return 'a tie';
  if (verdict === 'both-bad') return 'both bad';
  if (typeof verdict === 'object') return sentenceOf(verdict);
  return preferredSide(verdict, comparison) === 'left' ? 'the first was better' : 'the second was better';
}

function sentenceOf(verdict: Exclude<Verdict, PairVerdict>): string {
  switch (verdict.kind) {
    case 'ranking':
      return `${verdict.groups.flat().length} put in order`;
    case 'rating':
      return `${verdict.value} on a scale of ${verdict.scale} for “${verdict.criterion}”`;
    case 'thumb':
      return verdict.up ? 'good' : 'not good';
    case 'rewrite':
      return 'written better';
  }
}
