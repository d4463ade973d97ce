import type { Comparison, FilledForm, PairVerdict, Verdict } from '../../feedback/judgement';
import { preferredSide } from '../../feedback/sides';

/** A verdict in the words of the buttons, a pair's by the sides as they were shown. */
export function verdictSentence(verdict: Verdict | FilledForm, comparison: Pick<Comparison, 'swapped'>): string {
  if (verdict === 'tie') return 'a tie';
  if (verdict === 'both-bad') return 'both bad';
  if (typeof verdict === 'object') return verdict.kind === 'form' ? formSentence(verdict, comparison) : sentenceOf(verdict);
  return preferredSide(verdict, comparison) === 'left' ? 'the first was better' : 'the second was better';
}

/** What each answer says, without saying the same twice. */
function formSentence({ answers }: FilledForm, comparison: Pick<Comparison, 'swapped'>): string {
  const parts = answers.map((answer) => {
    if ('verdict' in answer) return verdictSentence(answer.verdict, comparison);
    if ('spans' in answer) return answer.spans.length === 1 ? 'one stretch marked' : `${answer.spans.length} stretches marked`;
    return Array.isArray(answer.value) ? answer.value.join(', ') : String(answer.value);
  });
  return [...new Set(parts)].join('; ') || 'nothing answered';
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
