import type { Comparison, Verdict } from '../judgement';
import { lessonsOf } from '../lessons';
import { proportion, type Proportion } from '../proportion';
import { preferredSide } from '../sides';
import { eachOf } from '../steps';
import { binomialTest } from './binomialTest';
import type { OwnVerdict } from './ownVerdicts';
import { longestRun, runProbability } from './longestRun';
import { wordCounts } from './wordCounts';

/** How often something was preferred, and how probable a count as far from half is by chance alone. */
export interface Lean {
  /** Null where nothing was decided. */
  share: Proportion | null;
  /** Exact and two-sided. */
  p: number;
}

/** What a rater prefers besides what the texts say, where it leans to it. */
export interface Leanings {
  /** The left of two. Which one stands there was drawn by lot, so that for whoever reads it is half. */
  left: Lean;
  /** The longer of two: of more words, or of as many words and more characters. The longer one may really be better. */
  longer: Lean;
  /** Of the responses of a ranking, the one shown first before the one shown last. */
  firstListed: Lean;
  /** Most preferences for one and the same side in a row, of so many, and how probable so long a run is: the lots that put each response on its side fall as a coin does. Null where nothing was decided. */
  run: { longest: number; of: number; p: number } | null;
}

/**
 * @param own what the rater last said of each comparison, by time
 */
export function* leanings(own: readonly OwnVerdict[]): Generator<void, Leanings> {
  const sides: ('left' | 'right')[] = [];
  const longer: boolean[] = [];
  const firstListed: boolean[] = [];
  yield* eachOf(own, ({ comparison, judged }) => {
    for (const { verdict } of lessonsOf(judged)) {
      const side = preferredSide(verdict, comparison);
      if (side) sides.push(side);
      // Only of two is one the longer.
      const long = side && longerOf(comparison);
      if (long) longer.push(verdict === long);
      const first = firstBeforeLast(verdict, comparison);
      if (first !== null) firstListed.push(first);
    }
  });
  const longest = longestRun(sides);
  return {
    left: lean(sides.map((side) => side === 'left')),
    longer: lean(longer),
    firstListed: lean(firstListed),
    run: sides.length === 0 ? null : { longest, of: sides.length, p: runProbability(longest, sides.length) },
  };
}

function lean(preferred: readonly boolean[]): Lean {
  const count = preferred.filter(Boolean).length;
  return { share: proportion(count, preferred.length), p: binomialTest(count, preferred.length) };
}

function longerOf(comparison: Comparison): 'first' | 'second' | null {
  const [first, second] = wordCounts(comparison);
  const difference = first - second || comparison.responses[0].length - comparison.responses[1].length;
  return difference === 0 ? null : difference > 0 ? 'first' : 'second';
}

function firstBeforeLast(verdict: Verdict, { responses, swapped }: Comparison): boolean | null {
  if (typeof verdict === 'string' || verdict.kind !== 'ranking') return null;
  const rankOf = (place: number) => verdict.groups.findIndex((group) => group.includes(place));
  const [shownFirst, shownLast] = (swapped ? [responses.length - 1, 0] : [0, responses.length - 1]).map(rankOf);
  return shownFirst < 0 || shownLast < 0 || shownFirst === shownLast ? null : shownFirst < shownLast;
}
