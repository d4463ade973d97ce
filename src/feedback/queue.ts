import type { Comparison, ComparisonState, JudgementEvent, Rater } from './judgement';
import { raterKey, type Standing } from './judgementState';

export interface Progress {
  total: number;
  judged: number;
  /** Of the judged, those that a simulated labeler judged. */
  simulated: number;
  skipped: number;
  discarded: number;
  open: number;
}

/** What stands of these comparisons, counted; `states` as `deriveStates` gives it. */
export function progress(comparisons: readonly Comparison[], states: ReadonlyMap<string, ComparisonState>): Progress {
  const counts: Progress = { total: comparisons.length, judged: 0, simulated: 0, skipped: 0, discarded: 0, open: 0 };
  for (const { id } of comparisons) {
    const state = states.get(id);
    counts[state?.status ?? 'open']++;
    if (state?.status === 'judged' && state.rater.kind === 'simulated') counts.simulated++;
  }
  return counts;
}

/**
 * Answers that stand, of a comparison's raters: each one's first verdict, and what
 * it said when it was asked again unannounced. A verdict that was reopened is
 * corrected and not answered again; the key is nobody's answer.
 * @param stacks what stands of each rater's events, oldest first
 */
export function answersIn(stacks: readonly (readonly Standing[])[]): number {
  const verdicts = (stack: readonly Standing[]) => stack.filter((event) => event.kind === 'judged').filter(({ rater }) => rater.kind !== 'key');
  const answers = (stack: readonly Standing[]) => verdicts(stack).filter(({ repeat }, i) => i === 0 || repeat);
  return stacks.reduce((sum, stack) => sum + answers(stack).length, 0);
}

// Longer than this between two judgements is a break, not pace.
const BREAK_MS = 120_000;
/** Of a rater's judgements, the latest so many say how fast it works now. */
export const PACED = 21;

/**
 * A rater's usual time for one judgement, in seconds: the median of the times
 * between the latest twenty-one judgements, breaks left out; null before there
 * are two.
 */
export function pace(events: Iterable<JudgementEvent>, rater: Rater): number | null {
  const key = raterKey(rater);
  const times = [...events].filter((event) => event.kind === 'judged' && raterKey(event.rater) === key).map(({ at }) => at);
  const recent = times.sort((a, b) => a - b).slice(-PACED);
  const gaps = recent
    .slice(1)
    .map((at, i) => at - recent[i])
    .filter((gap) => gap <= BREAK_MS)
    .sort((a, b) => a - b);
  if (gaps.length === 0) return null;
  const middle = Math.floor(gaps.length / 2);
  return (gaps.length % 2 === 1 ? gaps[middle] : (gaps[middle - 1] + gaps[middle]) / 2) / 1000;
}
