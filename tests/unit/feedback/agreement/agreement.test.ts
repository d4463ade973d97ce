import { describe, expect, it } from 'vitest';
import { agreementInterval, type Agreement, type RatingTable } from '../../../../src/feedback/agreement/agreement';
import { cohenKappa } from '../../../../src/feedback/agreement/cohenKappa';
import { fleissKappa } from '../../../../src/feedback/agreement/fleissKappa';
import { krippendorffAlpha } from '../../../../src/feedback/agreement/krippendorffAlpha';
import { percentAgreement } from '../../../../src/feedback/agreement/percent';
import { finished } from '../../../../src/feedback/steps';
import { RandomStream } from '../../../../src/tensor/random';

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const value = (work: Generator<void, Agreement>) => {
  const agreement = finished(work);
  return agreement.defined ? agreement.value : agreement.because;
};
/** Raters down, as the sources print them, to raters across. */
const turned = <V extends string | number>(raters: (V | null)[][]): RatingTable<V> => raters[0].map((_, row) => raters.map((ratings) => ratings[row]));
const together = (one: (string | number)[], other: (string | number)[]) => one.map((rating, i) => [rating, other[i]] as const);
/** One row of ratings for each row of counts: as many of each answer. */
const fromCounts = (counts: number[][]) => counts.map((row) => row.flatMap((count, answer) => times(count, answer)));

describe('percent agreement', () => {
  it('is the share of pairs that agree, row by row', () => {
    expect(value(percentAgreement([['a', 'a'], ['a', 'b'], ['b', null], [null, null]]))).toBe(1 / 2);
    expect(value(percentAgreement([['a', 'a', 'b'], ['a', 'a', 'a']]))).toBeCloseTo((1 / 3 + 1) / 2, 12);
    expect(finished(percentAgreement([['a', null]]))).toEqual({ defined: false, because: expect.stringMatching(/judged by two people/) });
  });
});

describe('Cohen’s κ', () => {
  it('is that of scikit-learn', () => {
    // test_cohen_kappa of sklearn/metrics/tests/test_classification.py (scikit-learn/scikit-learn).
    const tables: [(string | number)[], (string | number)[], number, number][] = [
      [[...times(40, 0), ...times(60, 1)], [...times(20, 0), ...times(20, 1), ...times(10, 0), ...times(50, 1)], 0.348, 3],
      [[...times(46, 0), ...times(44, 1), ...times(10, 2)], [...times(52, 0), ...times(32, 1), ...times(16, 2)], 0.8013, 4],
      [[...times(46, 0), ...times(44, 1), ...times(10, 2)], [...times(50, 0), ...times(40, 1), ...times(10, 2)], 0.9315, 4],
    ];
    for (const [one, other, kappa, digits] of tables) {
      expect(value(cohenKappa(together(one, other)))).toBeCloseTo(kappa, digits);
      expect(value(cohenKappa(together(other, one)))).toBeCloseTo(kappa, digits);
    }
  });

  it('is that of SAS and of R’s irr', () => {
    // table10, and raters 2 and 3 of `anxiety`, in statsmodels/stats/tests/test_inter_rater.py (statsmodels/statsmodels).
    const table = [[0, 4, 1], [0, 8, 0], [0, 1, 5]].flatMap((row, one) => row.flatMap((count, other) => times(count, [one, other] as const)));
    expect(value(cohenKappa(table))).toBeCloseTo(0.4842, 4);
    const second = [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4];
    const third = [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2];
    expect(value(cohenKappa(together(second, third)))).toBeCloseTo(-0.006289308, 9);
  });

  it('leaves out what only one judged, and says when it is not defined', () => {
    const judged = [['a', 'a'], ['b', 'b'], ['a', 'b'], ['b', 'b']] as const;
    const half = value(cohenKappa(judged));
    expect(half).toBeCloseTo((3 / 4 - (2 / 4) * (1 / 4) - (2 / 4) * (3 / 4)) / (1 - 1 / 2), 12);
    expect(value(cohenKappa([...judged, ['a', null], [null, 'b']]))).toBe(half);
    expect(finished(cohenKappa([['a', null]]))).toEqual({ defined: false, because: expect.stringMatching(/judged by two people/) });
    expect(finished(cohenKappa([['a', 'a'], ['a', 'a']]))).toEqual({ defined: false, because: expect.stringMatching(/one and the same answer/) });
    expect(value(cohenKappa([['a', 'b'], ['a', 'b']]))).toBe(0);
  });
});

// `diagnoses` of Fleiss 1971, in statsmodels/stats/tests/test_inter_rater.py (statsmodels/statsmodels): 30 patients, six raters.
const DIAGNOSES = `444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445
  333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555`
  .split(/\s+/)
  .map((row) => [...row]);

describe('Fleiss’ κ', () => {
  it('is that of his own example, and of the usual one', () => {
    expect(value(fleissKappa(DIAGNOSES))).toBeCloseTo(0.4302445, 7);
    // table1, ibid., from “Fleiss' kappa”, Wikipedia: fourteen raters.
    const counts = [
      [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ];
    expect(value(fleissKappa(fromCounts(counts)))).toBeCloseTo(0.21, 3);
  });

  it('leaves out what nobody judged, and says when it is not defined', () => {
    expect(finished(fleissKappa([...DIAGNOSES, [null, null]]))).toEqual(finished(fleissKappa(DIAGNOSES)));
    expect(finished(fleissKappa([['a', 'b', null], ['a', 'a', 'b']]))).toEqual({ defined: false, because: expect.stringMatching(/some have 2 and others 3/) });
    expect(finished(fleissKappa([['a', 'a'], ['a', 'a']]))).toEqual({ defined: false, because: expect.stringMatching(/one and the same answer/) });
    for (const table of [[], [['a', null], ['b', null]]]) expect(finished(fleissKappa(table))).toEqual({ defined: false, because: expect.stringMatching(/judged by two people/) });
  });
});

describe('Krippendorff’s α', () => {
  // tests/test_krippendorff.py (pln-fing-udelar/fast-krippendorff); the second table is that of Krippendorff 2011.
  const n = null;
  const three = turned<number>([
    [n, n, n, n, n, 3, 4, 1, 2, 1, 1, 3, 3, n, 3],
    [1, n, 2, 1, 3, 3, 4, 3, n, n, n, n, n, n, n],
    [n, n, 2, 1, 3, 4, 4, n, 2, 1, 1, 3, 3, n, 4],
  ]);
  const four = turned<number>([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3],
    [n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n],
  ]);

  it('is that of the published examples, at each level', () => {
    expect(value(krippendorffAlpha(three, 'nominal'))).toBeCloseTo(0.691358, 6);
    expect(value(krippendorffAlpha(three, 'interval'))).toBeCloseTo(0.810845, 6);
    expect(value(krippendorffAlpha(four, 'nominal'))).toBeCloseTo(0.743, 3);
    expect(value(krippendorffAlpha(four, 'ordinal'))).toBeCloseTo(0.815, 3);
    expect(value(krippendorffAlpha(four, 'interval'))).toBeCloseTo(0.849, 3);
    const words = turned<string>([['pos', 'neg', 'neu', n], ['pos', 'neg', 'neu', 'pos'], ['pos', 'neg', 'pos', 'pos']]);
    expect(value(krippendorffAlpha(words, 'nominal'))).toBeCloseTo(0.722222, 6);
  });

  it('is 1 where all agree, and moves with the scale only where the level says so', () => {
    expect(value(krippendorffAlpha([[1, 1], [2, 2]], 'interval'))).toBe(1);
    const stretched = four.map((row) => row.map((rating) => (rating === null ? null : rating ** 3)));
    expect(value(krippendorffAlpha(stretched, 'ordinal'))).toBe(value(krippendorffAlpha(four, 'ordinal')));
    expect(value(krippendorffAlpha(stretched, 'interval'))).not.toBe(value(krippendorffAlpha(four, 'interval')));
  });

  it('says when it is not defined', () => {
    expect(finished(krippendorffAlpha([[1, n], [n, 2]], 'nominal'))).toEqual({ defined: false, because: expect.stringMatching(/judged by two people/) });
    expect(finished(krippendorffAlpha([[1, 1], [1, 1]], 'ordinal'))).toEqual({ defined: false, because: expect.stringMatching(/one and the same answer/) });
  });
});

describe('the interval of an agreement', () => {
  it('holds the truth about as often as it says', () => {
    // Two raters who copy each other half of the time, and else toss a coin: κ = ½.
    const random = new RandomStream(4);
    const coin = () => random.integer(2);
    let held = 0;
    for (let study = 0; study < 200; study++) {
      const table = Array.from({ length: 80 }, () => {
        const one = coin();
        return [one, coin() ? one : coin()] as const;
      });
      const { low, high } = finished(agreementInterval(table, cohenKappa, () => random.uniform(), 200))!;
      if (low <= 0.5 && 0.5 <= high) held++;
    }
    // 95 % of 200 are 190; three standard deviations, and two points for so small a sample.
    expect(held).toBeGreaterThan(190 - 3 * Math.sqrt(200 * 0.95 * 0.05) - 4);
    expect(held).toBeLessThan(200);
  });

  it('is null where it cannot be had', () => {
    expect(finished(agreementInterval([['a', 'a']] as const, cohenKappa, Math.random))).toBeNull();
    expect(finished(agreementInterval([['a', 'a'], ['a', 'a']] as const, cohenKappa, Math.random))).toBeNull();
  });
});
