import type { Comparison, Verdict } from '../feedback/judgement';

/** A judged comparison, as the reward model learns from it. */
export interface Preference extends Pick<Comparison, 'prompt' | 'responses' | 'swapped'> {
  comparisonId: string;
  verdict: Verdict;
}
