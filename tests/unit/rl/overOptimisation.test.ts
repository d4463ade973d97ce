import { describe, expect, it } from 'vitest';
import { fitOverOptimisation, goldAt, type OptimisedBy } from '../../../src/rl/overOptimisation';
import { RandomStream } from '../../../src/tensor/random';

const FORMS: Record<OptimisedBy, (d: number, alpha: number, beta: number) => number> = {
  'best-of-n': (d, alpha, beta) => d * (alpha - beta * d),
  rl: (d, alpha, beta) => (d === 0 ? 0 : d * (alpha - beta * Math.log(d))),
};
const DISTANCES = [0, 0.3, 0.7, 1, 1.6, 2.2, 3, 4, 5.5];

describe.each<[OptimisedBy, number, number]>([
  ['best-of-n', 1.2, 0.3],
  ['rl', 0.8, 0.45],
])('gold under optimisation by %s', (by, alpha, beta) => {
  const exact = DISTANCES.map((d) => ({ kl: d * d, gold: FORMS[by](d, alpha, beta) }));

  it('gives back the coefficients of an exact curve, and where it turns', () => {
    const fit = fitOverOptimisation(exact, by);
    expect(fit.alpha).toBeCloseTo(alpha, 10);
    expect(fit.beta).toBeCloseTo(beta, 10);
    expect(fit.alphaError).toBeLessThan(1e-6);
    expect(fit.betaError).toBeLessThan(1e-6);
    // The highest of many points of the curve, without its derivative.
    const fine = Array.from({ length: 600_001 }, (_, i) => i / 100_000);
    const top = fine.reduce((best, d) => (FORMS[by](d, alpha, beta) > FORMS[by](best, alpha, beta) ? d : best));
    expect(Math.sqrt(fit.peak!.kl)).toBeCloseTo(top, 3);
    expect(fit.peak!.gold).toBeCloseTo(FORMS[by](top, alpha, beta), 8);
    expect(goldAt(fit, 4)).toBeCloseTo(FORMS[by](2, alpha, beta), 8);
  });

  it('has errors that say how far the coefficients scatter', () => {
    const random = new RandomStream(12);
    const noise = 0.2;
    const fits = Array.from({ length: 2000 }, () => fitOverOptimisation(exact.map(({ kl, gold }) => ({ kl, gold: gold + noise * random.normal() })), by));
    for (const [name, truth] of [['alpha', alpha], ['beta', beta]] as const) {
      const values = fits.map((fit) => fit[name]);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const scatter = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
      expect(Math.abs(mean - truth)).toBeLessThan((4 * scatter) / Math.sqrt(values.length));
      const claimed = Math.sqrt(fits.reduce((sum, fit) => sum + fit[`${name}Error`] ** 2, 0) / fits.length);
      // A standard deviation of 2,000 values is known to 1.6 %.
      expect(claimed / scatter).toBeGreaterThan(0.93);
      expect(claimed / scatter).toBeLessThan(1.07);
    }
  });

  it('has no peak where the gold score never turns', () => {
    expect(fitOverOptimisation(DISTANCES.map((d) => ({ kl: d * d, gold: FORMS[by](d, 0.5, -0.1) })), by).peak).toBeNull();
  });
});

it('refuses what no curve goes through', () => {
  const at = (kl: number) => ({ kl, gold: 1 });
  expect(() => fitOverOptimisation([at(1), at(2)], 'rl')).toThrow(/2 points/);
  expect(() => fitOverOptimisation([at(4), at(4), at(4)], 'rl')).toThrow(/same distance/);
  expect(() => fitOverOptimisation([at(0), at(0), at(4)], 'best-of-n')).toThrow(/same distance/);
  expect(() => fitOverOptimisation([at(1), at(2), at(-0.1)], 'rl')).toThrow(/below 0/);
  expect(() => fitOverOptimisation([at(1), at(2), at(NaN)], 'rl')).toThrow(/not finite/);
  expect(() => fitOverOptimisation([at(1), at(2), { kl: 3, gold: Infinity }], 'best-of-n')).toThrow(/not finite/);
});
