import type { JudgementEvent } from './judgement';
import { pairVerdictOf } from './lessons';
import { standingEvents } from './judgementState';
import { proportion, type Proportion } from './proportion';

/**
 * How often people gave the same verdict to a pair that they judged twice, of
 * the pairs where they preferred one side both times: ties have no part in a
 * model's accuracy, with which this is compared. Only a rater's first two
 * verdicts on a pair count, so that the pairs are independent trials; one that
 * was taken back is a slip and no verdict. Null where nobody judged a pair twice.
 */
export function selfAgreement(events: Iterable<JudgementEvent>): Proportion | null {
  let same = 0;
  let twice = 0;
  for (const raters of standingEvents(events).values()) {
    for (const stack of raters.values()) {
      const [first, second] = stack.flatMap((event) => (event.kind === 'judged' && event.rater.kind === 'person' ? [pairVerdictOf(event)] : []));
      if (!decides(first) || !decides(second)) continue;
      twice++;
      if (first === second) same++;
    }
  }
  return proportion(same, twice);
}

const decides = (verdict: ReturnType<typeof pairVerdictOf> | undefined) => verdict === 'first' || verdict === 'second';
