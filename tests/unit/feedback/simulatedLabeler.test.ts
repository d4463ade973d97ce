import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rater } from '../../../src/feedback/judgement';
import { raterKey } from '../../../src/feedback/judgementState';
import type { Rule } from '../../../src/feedback/rules';
import { bayesCeiling, calibrateTemperature, clearedByGold, expectedSelfAgreement, goldBars, judgeByGold, judgeStrengthByGold, lengthBiasOf, rankByGold, SIMULATED_FORMS, taste } from '../../../src/feedback/simulatedLabeler';

describe('the simulated labeler', () => {
  it('prefers with the probability of Bradley and Terry', () => {
    // σ(ln 3) = 3/4: the first wins exactly for the lower three quarters of the uniform draws.
    const gap = Math.log(3) * 0.2;
    expect(judgeByGold(1 + gap, 1, 0.2, () => 0.749)).toBe('first');
    expect(judgeByGold(1 + gap, 1, 0.2, () => 0.751)).toBe('second');
    expect(judgeByGold(1, 1 + gap, 0.2, () => 0.249)).toBe('first');
    expect(judgeByGold(1, 1 + gap, 0.2, () => 0.251)).toBe('second');
  });

  it('cannot tell equal scores apart, and draws nothing for them', () => {
    expect(judgeByGold(0.3, 0.3, 1, () => expect.unreachable())).toBe('tie');
  });

  it('never errs without noise', () => {
    expect(judgeByGold(2, 1, 0, () => 0.999999)).toBe('first');
    expect(judgeByGold(1, 2, 0, () => 0)).toBe('second');
  });
});

/** Draws from (0, 1) by a linear congruence (Numerical Recipes), always the same. */
function draws(): () => number {
  let state = 1;
  return () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 0.5) / 2 ** 32;
}

/** Four standard errors of a proportion from n trials. */
const slack = (n: number) => 4 * Math.sqrt(0.25 / n);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('the strength of a preference', () => {
  it('goes by the odds that were felt, and the verdict is that of a pair by the same draw', () => {
    for (let u = 0.01; u < 1; u += 0.01) {
      const { verdict, strength } = judgeStrengthByGold(0.2, 0, 0.2, () => u);
      expect(verdict).toBe(judgeByGold(0.2, 0, 0.2, () => u));
      // A gap of one T, and uniform u: the odds felt for the first are e · (1 − u)/u.
      const odds = (Math.E * (1 - u)) / u;
      const stronger = Math.max(odds, 1 / odds);
      expect(strength).toBe(stronger < 3 ? 1 : stronger < 9 ? 2 : 3);
    }
  });

  it('is greatest without noise, and there is none of a tie', () => {
    expect(judgeStrengthByGold(1, 2, 0, () => 0.5)).toEqual({ verdict: 'second', strength: 3 });
    expect(judgeStrengthByGold(1, 1, 1, () => expect.unreachable())).toEqual({ verdict: 'tie' });
  });
});

describe('a ranking by the labeler', () => {
  it('has the chances of Plackett and Luce', () => {
    const golds = [0.5, 0, 1];
    const [a, b, c] = golds.map((gold) => Math.exp(gold / 0.8));
    const uniform = draws();
    const n = 20_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < n; i++) {
      const order = rankByGold(golds, 0.8, uniform).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    for (const [order, chance] of [
      ['201', (c / (a + b + c)) * (a / (a + b))],
      ['012', (a / (a + b + c)) * (b / (b + c))],
      ['120', (b / (a + b + c)) * (c / (a + c))],
    ] as const)
      expect(Math.abs(counts.get(order)! / n - chance), order).toBeLessThan(slack(n));
  });

  it('ties what the rule cannot tell apart, and never errs without noise', () => {
    expect(rankByGold([2, 5, 2, 9], 0, () => 0.3)).toEqual([[3], [1], [0, 2]]);
    expect(rankByGold([1, 1], 4, () => 0.3)).toEqual([[0, 1]]);
  });
});

describe('a text judged alone', () => {
  it('clears each bar with the chance of a pair against it', () => {
    const bars = [-0.5, 0.2, 1];
    const uniform = draws();
    const n = 20_000;
    const cleared = Array.from({ length: n }, () => clearedByGold(0.3, bars, 0.4, uniform));
    bars.forEach((bar, i) => expect(Math.abs(cleared.filter((count) => count > i).length / n - sigmoid((0.3 - bar) / 0.4))).toBeLessThan(slack(n)));
  });

  it('is rated by the fifths of all texts, and gets a thumb by their median', () => {
    const golds = Array.from({ length: 101 }, (_, i) => i);
    const labeler = { ...goldBars(golds), temperature: 0 };
    expect(labeler).toEqual({ median: 50, fifths: [20, 40, 60, 80], temperature: 0 });
    const rate = (gold: number) => SIMULATED_FORMS.rating.judge([gold], labeler, () => 0.5).verdict;
    expect([0, 19, 21, 50, 61, 100].map((gold) => rate(gold).value)).toEqual([1, 1, 2, 3, 4, 5]);
    expect(rate(0)).toMatchObject({ kind: 'rating', response: 0, scale: '1 to 5' });
    const thumb = (gold: number) => SIMULATED_FORMS.thumb.judge([gold], labeler, () => 0.5).verdict;
    expect([thumb(49), thumb(51)]).toEqual([{ kind: 'thumb', response: 0, up: false }, { kind: 'thumb', response: 0, up: true }]);
  });

  it('is any one of several', () => {
    const seen = new Set<number>();
    const uniform = draws();
    for (let i = 0; i < 50; i++) seen.add(SIMULATED_FORMS.thumb.judge([1, 2, 3], { ...goldBars([1, 2, 3]), temperature: 1 }, uniform).verdict.response);
    expect([...seen].sort()).toEqual([0, 1, 2]);
  });
});

describe('the agreement of the labeler with itself', () => {
  it('is the mean chance of two equal verdicts, ties left out', () => {
    // σ(ln 3) = 0.75 and σ(ln 9) = 0.9: 0.75² + 0.25² = 0.625, 0.9² + 0.1² = 0.82.
    expect(expectedSelfAgreement([Math.log(3), -Math.log(9), 0], 1)).toBeCloseTo(0.7225, 12);
    expect(expectedSelfAgreement([5, -5], 0)).toBe(1);
    expect(expectedSelfAgreement([0], 1)).toBeNull();
  });
});

describe('the Bayes ceiling', () => {
  it('is the mean probability of the likelier verdict, ties left out', () => {
    // σ(ln 3) = 0.75 and σ(ln 9) = 0.9, of either sign.
    expect(bayesCeiling([Math.log(3), -Math.log(9), 0, 0], 1)).toBeCloseTo(0.825, 12);
    expect(bayesCeiling([0, 0], 1)).toBeNull();
  });

  it('is what the labeler’s own verdicts agree with the rule', () => {
    let state = 1;
    const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const gaps = Array.from({ length: 20_000 }, () => uniform() - 0.5);
    const right = gaps.filter((gap) => judgeByGold(gap, 0, 0.2, uniform) === (gap > 0 ? 'first' : 'second')).length / gaps.length;
    // Four standard errors of a proportion.
    expect(Math.abs(right - bayesCeiling(gaps, 0.2)!)).toBeLessThan(4 * Math.sqrt(0.25 / gaps.length));
  });
});

describe('calibration', () => {
  it('has the closed form for a single gap', () => {
    // σ(|Δ|/T) = c ⇔ T = |Δ| / ln(c / (1 − c)).
    expect(calibrateTemperature([0, -0.7], 0.875)).toBeCloseTo(0.7 / Math.log(7), 9);
  });

  it('finds the temperature that a set of gaps was made with', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }).filter((gap) => Math.abs(gap) > 0.05), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0.55, max: 0.95, noNaN: true }),
        (gaps, ceiling) => {
          expect(bayesCeiling(gaps, calibrateTemperature(gaps, ceiling))).toBeCloseTo(ceiling, 6);
        },
      ),
      { seed: 1 },
    );
  });

  it('says when no temperature fits', () => {
    expect(() => calibrateTemperature([0, 0])).toThrow(/every pair equal/);
    expect(() => calibrateTemperature([1], 0.5)).toThrow(RangeError);
    expect(() => calibrateTemperature([1], 1)).toThrow(RangeError);
  });
});

describe('a weakness for length', () => {
  const rule: Rule = { id: 'a', title: 'a', sentence: 'a', gold: (response) => (response.match(/a/g) ?? []).length };

  it('adds so much for each word to what the rule says', () => {
    expect(taste(rule)('a b a c')).toBe(2);
    expect(taste(rule, 0.5)('a b a c')).toBe(2 + 0.5 * 4);
  });

  it('sways as much as the rule where it is asked to', () => {
    // Words 1, 3: spread 1. Gold 0, 4: spread 2. Twice as much sway is 4 for each word.
    const texts = ['b', 'aa aa b'];
    expect(lengthBiasOf(rule, texts, 2)).toBe(4);
    expect(lengthBiasOf(rule, ['b', 'a'], 2)).toBe(0);
  });

  it('is another rater than the one without it', () => {
    const plain: Rater = { kind: 'simulated', rule: 'a', temperature: 1 };
    expect(raterKey({ ...plain, lengthBias: 0.5 })).not.toBe(raterKey(plain));
    expect(raterKey(plain)).toBe('["simulated","a",1]');
  });
});
