import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from '../../../../src/feedback/bootstrap';
import { finished } from '../../../../src/feedback/steps';
import { fitBradleyTerry, type JudgedPair, type TieModel } from '../../../../src/reward/ranking/bradleyTerryFit';
import { RankingError } from '../../../../src/reward/ranking/rankingTerms';
import { RandomStream } from '../../../../src/tensor/random';

const TIES: TieModel[] = ['half', 'rao-kupper', 'davidson'];
/** So small a prior that the fit is the maximum likelihood to more digits than are compared. */
const FLAT = { prior: 1e-9 };
const times = (count: number, first: number, second: number, label: number): JudgedPair[] => Array.from({ length: count }, () => ({ first, second, label }));
const wins = (pairs: readonly (readonly [number, number])[]): JudgedPair[] => pairs.map(([first, second]) => ({ first, second, label: 1 }));
const logit = (p: number) => Math.log(p / (1 - p));
const centred = (values: readonly number[]) => values.map((value) => value - values.reduce((a, b) => a + b, 0) / values.length);
const expectNear = (found: ArrayLike<number>, expected: readonly number[], digits: number) =>
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, digits));

/** Chances of each verdict as the papers write them, with the worth λ = exp(score). */
const CHANCES: Record<TieModel, (a: number, b: number, tie: number) => [number, number, number]> = {
  half: (a, b) => [a / (a + b), b / (a + b), Math.sqrt(a * b) / (a + b)],
  'rao-kupper': (a, b, theta) => [a / (a + theta * b), b / (b + theta * a), ((theta ** 2 - 1) * a * b) / ((a + theta * b) * (b + theta * a))],
  davidson: (a, b, nu) => {
    const [tied, all] = [nu * Math.sqrt(a * b), a + b + nu * Math.sqrt(a * b)];
    return [a / all, b / all, tied / all];
  },
};

function likelihood(ties: TieModel, pairs: readonly JudgedPair[], scores: ArrayLike<number>, tie: number): number {
  return pairs.reduce((sum, { first, second, label }) => {
    const [ahead, behind, tied] = CHANCES[ties](Math.exp(scores[first]), Math.exp(scores[second]), tie);
    return sum + Math.log(label === 1 ? ahead : label === 0 ? behind : tied);
  }, 0);
}

function randomPairs(items: number, count: number): JudgedPair[] {
  const random = new RandomStream(3);
  return Array.from({ length: count }, () => {
    const [first, second] = random.permutation(items);
    return { first, second, label: [0, 0.5, 1][random.integer(3)] };
  });
}

describe('Bradley and Terry’s fit', () => {
  it('is that of choix', () => {
    // PAIRWISE_DATA and PAIRWISE_ESTIMATE of tests/test_opt.py (lucasmaystre/choix), which adds 0.5·Σ score².
    const data = [
      [7, 3], [2, 0], [5, 2], [4, 2], [2, 1], [4, 5], [6, 3], [5, 4], [7, 0], [2, 3],
      [4, 0], [0, 4], [6, 5], [3, 2], [3, 4], [3, 4], [5, 2], [7, 3], [7, 6], [6, 5],
    ] as const;
    const estimate = [-0.51974039, -0.46280878, -0.31376862, -0.06854694, -0.3185146, -0.00346107, 0.63032783, 1.05651257];
    expectNear(fitBradleyTerry(wins(data), 8, { prior: 1 }).scores, estimate, 5);
    // tests/data/testcase-pairwise-2.json, as worths.
    const cycle = fitBradleyTerry(wins([[0, 1], [0, 1], [1, 2], [2, 0]]), 3, FLAT).scores;
    expectNear(cycle, centred([1.43586088, 0.62035049, 0.94378863].map(Math.log)), 6);
  });

  it('is that of PlackettLuce', () => {
    // Section 2.3 of the vignette of hturner/PlackettLuce: B 0.8392 and C 0.4196 above A.
    const [a, b, c] = fitBradleyTerry(wins([[0, 1], [2, 0], [1, 0], [1, 2]]), 3, FLAT).scores;
    expectNear([b - a, c - a], [0.8392, 0.4196], 4);
  });

  it('with Davidson’s ties is that of his own example', () => {
    // Preferences for six brands of pudding, Davidson 1970, example 2: brands, wins of the first, wins of the
    // second, ties. Worths, ν and deviance as in section 2.1.1 of the vignette of hturner/PlackettLuce, which
    // stops after seven iterations, as he did.
    const pudding = [
      [1, 2, 19, 22, 16], [1, 3, 16, 19, 12], [2, 3, 19, 19, 10], [1, 4, 18, 23, 13], [2, 4, 23, 19, 9],
      [3, 4, 19, 20, 15], [1, 5, 13, 19, 18], [2, 5, 16, 20, 12], [3, 5, 16, 15, 17], [4, 5, 17, 14, 16],
      [1, 6, 18, 21, 12], [2, 6, 22, 20, 12], [3, 6, 13, 18, 10], [4, 6, 14, 19, 18], [5, 6, 11, 21, 12],
    ];
    const pairs = pudding.flatMap(([i, j, first, second, tied]) => [...times(first, i - 1, j - 1, 1), ...times(second, i - 1, j - 1, 0), ...times(tied, i - 1, j - 1, 0.5)]);
    const { scores, tie, logLikelihood } = fitBradleyTerry(pairs, 6, { ...FLAT, ties: 'davidson' });
    const worths = Array.from(scores, Math.exp);
    const all = worths.reduce((a, b) => a + b, 0);
    expectNear(worths.map((worth) => worth / all), [0.1388005, 0.1729985, 0.161742, 0.165393, 0.1586805, 0.2023855], 4);
    expect(tie).toBeCloseTo(0.7468147, 3);
    expect(-2 * logLikelihood).toBeCloseTo(1619.4, 1);
  });

  it('of two items is in closed form', () => {
    const [w, l, t] = [12, 5, 7];
    const pairs = [...times(w, 0, 1, 1), ...times(l, 1, 0, 1), ...times(t, 0, 1, 0.5)];
    const fits = TIES.map((ties) => ({ ...fitBradleyTerry(pairs, 2, { ...FLAT, ties }), ties }));
    const [half, raoKupper, davidson] = fits.map(({ scores }) => scores[0] - scores[1]);
    expect(half).toBeCloseTo(Math.log((w + t / 2) / (l + t / 2)), 6);
    const [won, lost] = [logit(w / (w + l + t)), logit(l / (w + l + t))];
    expect(raoKupper).toBeCloseTo((won - lost) / 2, 6);
    expect(Math.log(fits[1].tie!)).toBeCloseTo(-(won + lost) / 2, 6);
    expect(davidson).toBeCloseTo(Math.log(w / l), 6);
    expect(fits[2].tie).toBeCloseTo(t / Math.sqrt(w * l), 6);
    expect(half).toBeGreaterThan(0);
    expect(fits[0].tie).toBeNull();
    // Both say how often each verdict came, and nothing fits better than that.
    const best = [w, l, t].reduce((sum, count) => sum + count * Math.log(count / (w + l + t)), 0);
    for (const { logLikelihood } of fits.slice(1)) expect(logLikelihood).toBeCloseTo(best, 6);
  });

  it.each(TIES)('is the top of the likelihood with its prior (%s)', (ties) => {
    const pairs = randomPairs(6, 60);
    const prior = 0.3;
    const { scores, tie, logLikelihood } = fitBradleyTerry(pairs, 6, { ties, prior });
    expect(logLikelihood).toBeCloseTo(likelihood(ties, pairs, scores, tie ?? 0), 9);
    const free = tie === null ? 0 : ties === 'davidson' ? Math.log(tie) : Math.log(tie ** 2 - 1);
    const toTie = (value: number) => (ties === 'davidson' ? Math.exp(value) : Math.sqrt(1 + Math.exp(value)));
    const whole = (x: readonly number[]) => likelihood(ties, pairs, x, toTie(x[6])) - (prior / 2) * x.reduce((sum, one) => sum + one ** 2, 0);
    const best = [...scores, free];
    const step = 1e-4;
    best.forEach((_, i) => {
      const at = (by: number) => whole(best.map((value, j) => value + (i === j ? by : 0)));
      expect((at(step) - at(-step)) / (2 * step)).toBeCloseTo(0, 6);
      expect(at(step)).toBeLessThan(whole(best));
    });
  });

  it.each(TIES)('does not care which side is first, and is centred (%s)', (ties) => {
    const pairs = randomPairs(5, 40);
    const swapped = pairs.map(({ first, second, label }) => ({ first: second, second: first, label: 1 - label }));
    const { scores } = fitBradleyTerry(pairs, 5, { ties });
    expectNear(fitBradleyTerry(swapped, 5, { ties }).scores, [...scores], 9);
    expect(scores.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6);
  });

  it('stays finite where nothing connects the items, and nobody ever lost or tied', () => {
    const pairs = wins([[0, 1], [2, 3], [2, 3]]);
    const { scores } = fitBradleyTerry(pairs, 5);
    // λ·s = σ(−2s) for a win of 1, by symmetry; twice that for two.
    expect(0.01 * scores[0]).toBeCloseTo(1 / (1 + Math.exp(2 * scores[0])), 8);
    expect(0.01 * scores[2]).toBeCloseTo(2 / (1 + Math.exp(2 * scores[2])), 8);
    expectNear([scores[0] + scores[1], scores[4], scores[0] - scores[1]], [0, 0, 3.9], 1);
    for (const ties of TIES) expect([...fitBradleyTerry(pairs, 5, { ties }).scores].every(Number.isFinite)).toBe(true);
    expect(fitBradleyTerry(pairs, 5, { ties: 'rao-kupper' }).tie).toBeGreaterThan(1);
  });

  it('finds scores that made the judgements, of thousands of items', () => {
    const random = new RandomStream(11);
    const truth = Float64Array.from({ length: 2000 }, () => random.normal());
    const pairs = Array.from({ length: 40_000 }, () => {
      const [first, second] = [random.integer(2000), random.integer(1999)];
      const other = second === first ? 1999 : second;
      return { first, second: other, label: random.uniform() < 1 / (1 + Math.exp(truth[other] - truth[first])) ? 1 : 0 };
    });
    const { scores } = fitBradleyTerry(pairs, 2000, { prior: 1 });
    // 40 judgements an item leave a standard error of about 1/√(40·0.2 + 1) = ⅓.
    const error = Math.sqrt(truth.reduce((sum, value, i) => sum + (value - scores[i]) ** 2, 0) / 2000);
    expect(error).toBeGreaterThan(0.25);
    expect(error).toBeLessThan(0.42);
  });

  it('has bootstrap intervals', () => {
    // Of 40 judgements 30 are wins, so a draw has a binomial number of them: 2.5 % of draws have 24 or fewer, 97.5 % 35 or fewer.
    const pairs = [...times(30, 0, 1, 1), ...times(10, 0, 1, 0)];
    const random = new RandomStream(5);
    const [interval] = finished(bootstrapIntervals(pairs, (sample) => {
      const { scores } = fitBradleyTerry(sample, 2, { prior: 1e-6 });
      return [scores[0] - scores[1]];
    }, () => random.uniform()))!;
    expect(cumulativeBinomial(23, 40, 0.75)).toBeLessThan(0.025);
    expect(cumulativeBinomial(24, 40, 0.75)).toBeGreaterThan(0.025);
    expect(interval.low).toBeCloseTo(logit(24 / 40), 3);
    expect(cumulativeBinomial(34, 40, 0.75)).toBeLessThan(0.975);
    expect(cumulativeBinomial(35, 40, 0.75)).toBeGreaterThan(0.975);
    expect(interval.high).toBeCloseTo(logit(35 / 40), 3);
  });

  it('refuses an item that is not there, and a prior that is none', () => {
    expect(() => fitBradleyTerry(wins([[0, 2]]), 2)).toThrow(RankingError);
    expect(() => fitBradleyTerry(wins([[0, 1]]), 2, { prior: 0 })).toThrow(/Give a number above 0/);
  });
});

function cumulativeBinomial(most: number, n: number, p: number): number {
  let chance = (1 - p) ** n;
  let sum = chance;
  for (let k = 1; k <= most; k++) sum += chance *= ((n - k + 1) / k) * (p / (1 - p));
  return sum;
}
