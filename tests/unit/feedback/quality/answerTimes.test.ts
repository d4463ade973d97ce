import { describe, expect, it } from 'vitest';
import { raterKey, standingEvents } from '../../../../src/feedback/judgementState';
import { answerTimes } from '../../../../src/feedback/quality/answerTimes';
import { finished } from '../../../../src/feedback/steps';
import { ann, bob, comparison, log, type Said } from './logs';

// Twenty words in all: two seconds at 600 words a minute.
const TEN = 'one two three four five six seven eight nine ten';
const comparisons = ['p', 'q', 'r', 's', 't', 'u'].map((id) => comparison(id, { responses: [TEN, TEN] }));
const after = (elapsed: number | undefined, repeat?: true): Said[2] => ({ act: { kind: 'judged', verdict: 'first', ...(elapsed !== undefined && { elapsed }), ...(repeat && { repeat }) } });
const times = (...said: Said[]) => finished(answerTimes(comparisons, standingEvents(log(...said)), raterKey(ann)));

describe('the time for an answer', () => {
  it('is that of the middle one, with its quarters, its slowest and its too fast ones', () => {
    expect(times(['p', ann, after(600)], ['q', ann, after(1_900)], ['r', ann, after(2_000)], ['s', ann, after(5_000)], ['t', ann, after(61_000)], ['u', bob, after(100)])).toEqual({
      n: 5,
      quarter: 1_900,
      median: 2_000,
      threeQuarters: 5_000,
      slowest: { elapsed: 61_000, comparisonId: 't' },
      reflex: 1,
      unread: 2,
      // From 0, 1, 2, 5, 10, 20 and 60 seconds.
      bins: [1, 1, 1, 1, 0, 0, 1],
    });
  });

  it('is of first answers and blind repeats, not of corrections, nor where it is not known', () => {
    expect(times(['p', ann, after(3_000)], ['p', ann, after(100)], ['p', ann, after(4_000, true)], ['q', ann, after(undefined)])).toMatchObject({ n: 2, median: 3_500 });
    expect(times(['q', ann, after(undefined)])).toBeNull();
  });
});
