import type { Comparison, JudgementEvent, Rater } from '../judgement';
import { raterKey, standingInSteps } from '../judgementState';
import type { Proportion } from '../proportion';
import { consistency } from '../selfAgreement';
import { answerTimes, type AnswerTimes } from './answerTimes';
import { goldCheck, type GoldCheck } from './gold';
import { labelerTables, type LabelerTables } from './labelers';
import { leanings, type Leanings } from './leanings';
import { ownVerdicts } from './ownVerdicts';

/** How well a rater judges, and how far all people agree, as one log tells it. */
export interface Quality extends LabelerTables {
  /** Comparisons that the rater judged. */
  judged: number;
  leanings: Leanings;
  consistency: Proportion | null;
  gold: GoldCheck;
  times: AnswerTimes | null;
}

/** The log is put in order once; each measure then goes over it once. It pauses now and then, for a long log takes a good part of a second. */
export function* measureQuality(comparisons: readonly Comparison[], events: Iterable<JudgementEvent>, rater: Rater): Generator<void, Quality> {
  const standing = yield* standingInSteps(events);
  const key = raterKey(rater);
  const own = yield* ownVerdicts(comparisons, standing, key);
  return {
    judged: own.length,
    leanings: yield* leanings(own),
    consistency: yield* consistency(standing, key),
    gold: yield* goldCheck(standing, key),
    times: yield* answerTimes(comparisons, standing, key),
    ...(yield* labelerTables(standing)),
  };
}
