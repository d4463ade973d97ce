import { describe, expect, it } from 'vitest';
import type { PersonRater } from '../../../src/feedback/judgement';
import { proportion } from '../../../src/feedback/proportion';
import { binomialTest } from '../../../src/feedback/quality/binomialTest';
import {
  aloneReading, chance, conflictsReading, consistencyReading, estimateWords, firstListedReading, goldReading, leftReading, longerReading, reasonsOf, runReading, seconds, shownNames, timesReading, unreadReading,
} from '../../../src/app/collect/qualityReading';

const lean = (k: number, n: number) => ({ share: proportion(k, n), p: binomialTest(k, n) });
const undefinedKappa = { defined: false as const, because: 'Nothing was judged by two people.' };

describe('what one favours, in words', () => {
  it('is said with its share, its number and its chance', () => {
    // 49 of 80: 61 %; both tails sum to 0.0567.
    expect(leftReading(lean(49, 80))).toBe('You picked the left 61 % of 80, p = 0.057. That may well be luck.');
    expect(leftReading(lean(80, 80))).toMatch(/^You picked the left 100 % of 80, p < 0\.001\. .*you lean to the left/);
    expect(leftReading(lean(2, 20))).toMatch(/you lean to the right/);
    expect(leftReading(lean(3, 5))).toMatch(/With so few that says little yet\.$/);
    expect(longerReading(lean(70, 100))).toMatch(/^You picked the longer 70 % of 100, p < 0\.001\. Longer texts may really be better/);
    expect(longerReading(lean(30, 100))).toMatch(/Shorter texts may really be better/);
    expect(firstListedReading(lean(1, 20))).toMatch(/lean to the bottom of the list/);
  });

  it('teaches where there is nothing, or is left out', () => {
    expect(leftReading(lean(0, 0))).toMatch(/^No pair is decided yet\./);
    expect(longerReading(lean(0, 0))).toMatch(/^No pair of unequal texts/);
    expect(firstListedReading(lean(0, 0))).toBeNull();
    expect(runReading(null)).toBeNull();
    expect(runReading({ longest: 3, of: 9, p: 0.8 })).toBeNull();
  });

  it('says of a run whether chance has such', () => {
    expect(runReading({ longest: 7, of: 80, p: 0.44 })).toBe('The longest run of one side is 7 of 80: chance has one so long in 44 % of such series.');
    expect(runReading({ longest: 20, of: 80, p: 1e-4 })).toMatch(/hardly ever one so long\. Was a key pressed without looking\?$/);
  });

  it('writes a chance to two figures', () => {
    expect([1, 0.5, 0.057, 0.0456, 0.001, 0.0009, 0].map(chance)).toEqual(['p = 1', 'p = 0.5', 'p = 0.057', 'p = 0.046', 'p = 0.001', 'p < 0.001', 'p < 0.001']);
  });
});

describe('how reliable one is, in words', () => {
  it('says how often one said the same again', () => {
    // 17 of 20: Wilson’s interval is 64 % to 95 %.
    expect(consistencyReading(proportion(17, 20))).toBe('Asked about 20 items twice without being told, you said the same 85 % of the time (64 % to 95 %).');
    expect(consistencyReading(null)).toMatch(/^Nothing is asked twice yet\./);
  });

  it('says how often one was right where that is known', () => {
    expect(goldReading({ right: proportion(10, 12), misses: ['p', 'q'], kappa: { defined: true, value: 0.66, rows: 12 } })).toMatch(/^Of 12 items whose answer is known you got 10 right: 83 % .* κ = 0\.66\.$/);
    expect(goldReading({ right: proportion(1, 1), misses: [], kappa: undefinedKappa })).not.toContain('κ');
    expect(goldReading({ right: null, misses: [], kappa: undefinedKappa })).toMatch(/^You have not judged an item whose answer is known\./);
  });
});

describe('how fast one is, in words', () => {
  const times = { n: 80, median: 4_200, quarter: 2_900, threeQuarters: 6_000, slowest: { elapsed: 62_400, comparisonId: 'p' }, reflex: 3, unread: 10, bins: [] };

  it('says what is usual, and what was too fast', () => {
    expect(timesReading(times)).toBe('You usually take 4.2 s for an answer: half of the 80 that were timed took 2.9 s to 6.0 s, the slowest 62 s.');
    expect(unreadReading(times)).toMatch(/^10 answers of 80 came faster than .* 3 of them took less than 0\.7 s/);
    expect(unreadReading({ ...times, unread: 1, reflex: 1 })).toMatch(/^1 answer of 80 came .* It took less than 0\.7 s/);
    expect(unreadReading({ ...times, reflex: 0 })).not.toContain('0.7');
    expect(unreadReading({ ...times, reflex: 0, unread: 0 })).toBeNull();
    expect(timesReading({ ...times, n: 1 })).toBe('The one answer that was timed took 4.2 s.');
    expect(timesReading(null)).toMatch(/^No answer was timed yet\./);
    expect([640, 9_960, 100_000].map(seconds)).toEqual(['0.6 s', '10 s', '100 s']);
  });
});

describe('how far people agree, in words', () => {
  const people = (...all: PersonRater[]) => new Map(all.map((person, i) => [String(i), person]));
  const named = (name: string, id?: string): PersonRater => ({ kind: 'person', name, ...(id !== undefined && { id }) });

  it('says what is missing', () => {
    expect(aloneReading({ people: people(named('Ann')), tables: new Map() })).toMatch(/^Only one person has judged here\./);
    expect(aloneReading({ people: people(named('Ann'), named('Bob')), tables: new Map() })).toMatch(/^2 people have judged here, but no item twice\./);
    expect(aloneReading({ people: people(named('Ann'), named('Bob')), tables: new Map([['pair', [['first', 'first']]]]) })).toBeNull();
    expect(reasonsOf([{ agreement: undefinedKappa, interval: null }, { agreement: undefinedKappa, interval: null }])).toEqual([undefinedKappa.because]);
  });

  it('writes a coefficient with its interval', () => {
    expect(estimateWords('percent', { agreement: { defined: true, value: 0.75, rows: 8 }, interval: { low: 0.5, high: 0.9 } })).toBe('75 % [50 %, 90 %]');
    expect(estimateWords('alpha', { agreement: { defined: true, value: -0.1, rows: 8 }, interval: null })).toBe('−0.10');
    // Nothing beyond chance, but for the rounding of the sums.
    expect(estimateWords('kappa', { agreement: { defined: true, value: -3.2e-16, rows: 40 }, interval: { low: -0.254, high: 4e-4 } })).toBe('0 [−0.25, 0]');
    expect(estimateWords('kappa', { agreement: undefinedKappa, interval: null })).toBe('–');
  });

  it('tells two of one name apart', () => {
    expect([...shownNames(people(named('Ann', 'a1b2c3'), named('Ann', 'd4e5f6'), named('Bob', 'x'), named('you'))).values()]).toEqual(['Ann (a1b2)', 'Ann (d4e5)', 'Bob', 'you']);
  });

  it('counts what is to be settled', () => {
    expect(conflictsReading(0)).toMatch(/^There is nothing/);
    expect(conflictsReading(1)).toBe('On 1 item two people differ and nobody has settled it.');
  });
});
