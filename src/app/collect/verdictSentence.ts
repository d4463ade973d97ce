import type { Comparison, Verdict } from '../../feedback/judgement';
import { preferredSide } from '../../feedback/sides';

/** A verdict in the words of the buttons, by the sides as they were shown. */
export function verdictSentence(verdict: Verdict, comparison: Pick<Comparison, 'swapped'>): string {
  if (verdict === 'tie') return 'a tie';
  if (verdict === 'both-bad') return 'both bad';
  return preferredSide(verdict, comparison) === 'left' ? 'the first was better' : 'the second was better';
}
