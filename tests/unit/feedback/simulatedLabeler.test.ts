import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bayesCeiling, calibrateTemperature, expectedSelfAgreement, judgeByGold } from '../../../src/feedback/simulatedLabeler';

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
