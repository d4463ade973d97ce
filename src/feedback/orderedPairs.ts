import type { Comparison, Verdict } from './judgement';

/** Two texts of one prompt, one of which was preferred; in stored order where both are responses of the comparison. */
export interface OrderedPair {
  responses: [string, string];
  verdict: 'first' | 'second';
}

/**
 * The pairs that one judgement puts in order: the pair itself where one side was
 * preferred; every two responses of a ranking that are not tied; the edited text
 * before the original. What says nothing of two texts (a tie, both bad, a rating
 * or a thumb of a single one) gives none.
 */
export function orderedPairs({ responses }: Pick<Comparison, 'responses'>, verdict: Verdict): OrderedPair[] {
  if (verdict === 'first' || verdict === 'second') return [{ responses: [responses[0], responses[1]], verdict }];
  if (typeof verdict === 'string') return [];
  switch (verdict.kind) {
    case 'ranking':
      return verdict.groups.flatMap((group, rank) => group.flatMap((better) => verdict.groups.slice(rank + 1).flatMap((worse) => worse.map((other) => inStoredOrder(responses, better, other)))));
    case 'rewrite':
      return [{ responses: [verdict.text, responses[verdict.response]], verdict: 'first' }];
    case 'rating':
    case 'thumb':
      return [];
  }
}

function inStoredOrder(responses: readonly string[], better: number, worse: number): OrderedPair {
  return better < worse ? { responses: [responses[better], responses[worse]], verdict: 'first' } : { responses: [responses[worse], responses[better]], verdict: 'second' };
}
