import type { Comparison } from '../judgement';
import type { StandingEvents } from '../judgementState';
import { quantile } from '../quantile';
import { eachOf } from '../steps';
import { wordCounts } from './wordCounts';

/** Shorter than this, an answer is a key pressed and not a choice made. */
export const REFLEX_MS = 700;
/** 600 words a minute is the rate at which people scan a text for a single word, twice as fast as they read to understand (Carver 1992, “Reading rate: theory, research, and practical implications”, Journal of Reading 36). */
export const SCANNING_MS_A_WORD = 100;
/** Where one bar of the distribution ends and the next begins, in milliseconds. */
export const TIME_BINS = [0, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000, Infinity] as const;

/** How long a rater takes for an answer, as far as that was measured. */
export interface AnswerTimes {
  /** Answers with a time. */
  n: number;
  /** In milliseconds, as the quartiles are: half of the answers lie between these. */
  median: number;
  quarter: number;
  threeQuarters: number;
  slowest: { elapsed: number; comparisonId: string };
  /** Answers faster than {@link REFLEX_MS}. */
  reflex: number;
  /** Answers, those included, faster than the responses can be run over with the eyes, let alone read: see {@link SCANNING_MS_A_WORD}. */
  unread: number;
  /** Answers from one of {@link TIME_BINS} up to the next. */
  bins: number[];
}

/**
 * Times of a rater's first verdict on each comparison and of those asked again
 * blindly; a verdict that was reopened is a correction, and fast because the text
 * is known. Null where no time was measured.
 */
export function* answerTimes(comparisons: readonly Comparison[], standing: StandingEvents, rater: string): Generator<void, AnswerTimes | null> {
  const times: number[] = [];
  const bins = TIME_BINS.slice(1).map(() => 0);
  let slowest = null as AnswerTimes['slowest'] | null;
  let reflex = 0;
  let unread = 0;
  yield* eachOf(comparisons, (comparison) => {
    const stack = standing.get(comparison.id)?.get(rater);
    const verdicts = stack?.filter((event) => event.kind === 'judged') ?? [];
    verdicts.forEach(({ elapsed, repeat }, i) => {
      if (elapsed === undefined || (i > 0 && !repeat)) return;
      times.push(elapsed);
      bins[TIME_BINS.findLastIndex((from) => elapsed >= from)]++;
      if (!slowest || elapsed > slowest.elapsed) slowest = { elapsed, comparisonId: comparison.id };
      if (elapsed < REFLEX_MS) reflex++;
      const words = wordCounts(comparison).reduce((sum, count) => sum + count, 0);
      if (elapsed < Math.max(REFLEX_MS, SCANNING_MS_A_WORD * words)) unread++;
    });
  });
  if (!slowest) return null;
  const sorted = Float64Array.from(times).sort();
  const [quarter, median, threeQuarters] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
  return { n: times.length, quarter, median, threeQuarters, slowest, reflex, unread, bins };
}
