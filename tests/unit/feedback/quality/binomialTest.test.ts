import { describe, expect, it } from 'vitest';
import { binomialTest } from '../../../../src/feedback/quality/binomialTest';

describe('the exact binomial test', () => {
  it('is counted by hand for few tosses', () => {
    // 5 of 5: two of the 32 outcomes are as rare, all heads and all tails.
    expect(binomialTest(5, 5)).toBeCloseTo(2 / 32, 14);
    // 7 of 10: C(10,k) = 1, 10, 45, 120 for k = 0..3, and again from 10 down: 2 · 176 / 1024.
    expect(binomialTest(7, 10)).toBeCloseTo(352 / 1024, 14);
    expect(binomialTest(3, 10)).toBeCloseTo(352 / 1024, 14);
    // The likeliest count, and nothing tried.
    expect(binomialTest(5, 10)).toBeCloseTo(1, 14);
    expect(binomialTest(0, 0)).toBe(1);
    // Another chance than half: 2 of 2 at ¼ has probability 1/16, and nothing else is as rare (6/16, 9/16).
    expect(binomialTest(2, 2, 0.25)).toBeCloseTo(1 / 16, 14);
    // 0 of 2 at ¼ is the likeliest count.
    expect(binomialTest(0, 2, 0.25)).toBeCloseTo(1, 14);
  });

  it('is that of R', () => {
    // ?binom.test, after Conover 1971, p. 97f.: Mendel’s peas, 682 of 925 where ¾ are expected, p-value = 0.3825.
    expect(binomialTest(682, 925, 0.75)).toBeCloseTo(0.3825, 4);
  });

  it('is as exact with whole numbers of any length', () => {
    // Σ C(80, k) in integers, both tails.
    const tail = (from: number, n: number) => {
      let choose = 1n;
      let sum = 0n;
      for (let k = 0n; k <= BigInt(n); k++) {
        if (k >= BigInt(from)) sum += choose;
        choose = (choose * (BigInt(n) - k)) / (k + 1n);
      }
      return Number((2n * sum * 10n ** 15n) / 2n ** BigInt(n)) / 1e15;
    };
    expect(binomialTest(49, 80)).toBeCloseTo(tail(49, 80), 12);
    expect(binomialTest(1060, 2000)).toBeCloseTo(tail(1060, 2000), 12);
  });

  it('does not overflow where there are many', () => {
    // A million tosses, 1,000 over half: z = 2, or 1.999 with the continuity correction, 2 · (1 − Φ(1.999)) = 0.045607.
    expect(binomialTest(501_000, 1_000_000)).toBeCloseTo(0.0456, 4);
    expect(binomialTest(100_000, 100_000)).toBe(0);
  });

  it('refuses what is no count', () => {
    for (const [k, n] of [[3, 2], [-1, 2], [0.5, 2], [1, Infinity]]) expect(() => binomialTest(k, n)).toThrow(RangeError);
    for (const p of [0, 1, NaN]) expect(() => binomialTest(1, 2, p)).toThrow(RangeError);
  });
});
