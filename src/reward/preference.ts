import type { Comparison, PairVerdict, Rater, RatingVerdict, Strength, Verdict } from '../feedback/judgement';

/** A number that no person gave to a response, but a ranking of many judgements (modular.ts). */
export type RankedVerdict = Omit<RatingVerdict, 'scale'> & { scale: 'log-odds' };

/** A judged comparison, as the reward model learns from it. */
export interface Preference extends Pick<Comparison, 'prompt' | 'responses' | 'swapped'> {
  comparisonId: string;
  verdict: Verdict | RankedVerdict;
  strength?: Strength;
  /** A strategy asked for it, because models disagreed about it or had moved: to learn from, but no part of a fair sample. */
  chosen?: true;
  /** Whose it is; those without one are all of one rater. */
  rater?: Rater;
}

/** A verdict on two texts. */
export interface PairPreference extends Preference {
  responses: [string, string];
  verdict: PairVerdict;
  /** The comparison of the second text, where two ratings or thumbs were matched. */
  matched?: string;
}

/** What a judgement teaches; several forms may teach the same. */
export type Kind = 'pair' | 'ranking' | 'rating' | 'thumb';

/** A rewrite is a pair, of the edited text and the original. */
export function kindOf({ verdict }: Preference): Kind {
  return typeof verdict === 'string' || verdict.kind === 'rewrite' ? 'pair' : verdict.kind;
}

/** The texts that a judgement speaks of, in the order in which the loss of its kind takes their scores. */
export function judgedResponses({ responses, verdict }: Preference): string[] {
  if (typeof verdict === 'string') return responses;
  switch (verdict.kind) {
    case 'ranking':
      return responses;
    case 'rewrite':
      return [verdict.text, responses[verdict.response]];
    case 'rating':
    case 'thumb':
      return [responses[verdict.response]];
  }
}
