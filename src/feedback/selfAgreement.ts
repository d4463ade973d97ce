import type { JudgementEvent } from './judgement';
import { standingEvents, type Judged, type Standing, type StandingEvents } from './judgementState';
import { pairVerdictOf } from './lessons';
import { proportion, type Proportion } from './proportion';
import { contradicts } from './quality/statements';
import { eachOf } from './steps';

/**
 * What a rater said of a comparison before it was asked again without being told,
 * and then. Only the first such repeat of a comparison counts, so that those of
 * one rater are independent trials. Judging again what one reopened oneself is a
 * correction and no repeat; what was taken back is a slip and no verdict. Null
 * where the rater was not asked twice.
 * @param stack what stands of one rater's events on one comparison, oldest first
 */
export function repeated(stack: readonly Standing[]): { before: Judged; again: Judged } | null {
  const verdicts = stack.filter((event) => event.kind === 'judged');
  const place = verdicts.findIndex(({ repeat }) => repeat);
  return place > 0 ? { before: verdicts[place - 1], again: verdicts[place] } : null;
}

/**
 * How often people gave the same verdict to a pair that they were asked about
 * twice, of the pairs where they preferred one side both times: ties have no part
 * in a model's accuracy, with which this is compared. Null where nobody was asked
 * about a pair twice.
 */
export function selfAgreement(events: Iterable<JudgementEvent>): Proportion | null {
  let same = 0;
  let twice = 0;
  for (const raters of standingEvents(events).values()) {
    for (const stack of raters.values()) {
      const pair = stack[0]?.rater.kind === 'person' ? repeated(stack) : null;
      if (!pair) continue;
      const [first, second] = [pairVerdictOf(pair.before), pairVerdictOf(pair.again)];
      if (!decides(first) || !decides(second)) continue;
      twice++;
      if (first === second) same++;
    }
  }
  return proportion(same, twice);
}

/** How often one rater, asked twice, did not contradict itself: whatever it was asked, ties and all. Null where it was not asked twice. */
export function* consistency(standing: StandingEvents, rater: string): Generator<void, Proportion | null> {
  let same = 0;
  let twice = 0;
  yield* eachOf(standing.values(), (raters) => {
    const pair = repeated(raters.get(rater) ?? []);
    const contrary = pair && contradicts(pair.before, pair.again);
    if (contrary === null) return;
    twice++;
    if (!contrary) same++;
  });
  return proportion(same, twice);
}

const decides = (verdict: ReturnType<typeof pairVerdictOf>) => verdict === 'first' || verdict === 'second';
