import { describe, expect, it } from 'vitest';
import { fitBradleyTerry } from '../../../../src/reward/ranking/bradleyTerryFit';
import { fitPlackettLuce } from '../../../../src/reward/ranking/plackettLuceFit';
import { RankingError, type Ranking } from '../../../../src/reward/ranking/rankingTerms';
import { RandomStream } from '../../../../src/tensor/random';
import { meanSurprise } from './enumeratedOrders';

const FLAT = { prior: 1e-9 };
const strict = (orders: readonly (readonly number[])[]): Ranking[] => orders.map((order) => ({ groups: order.map((item) => [item]) }));
const best = (choices: readonly [number, readonly number[]][]): Ranking[] => choices.map(([item, rest]) => ({ groups: [[item]], rest }));
const expectNear = (found: ArrayLike<number>, expected: readonly number[], digits: number) => {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, digits));
};

describe('the fit of Plackett and Luce', () => {
  it('of rankings is that of choix', () => {
    // tests/data/testcase-rankings-1.json and -2.json (lucasmaystre/choix), whose own test allows 10⁻⁴.
    expectNear(fitPlackettLuce(strict([[0, 1, 2], [1, 2, 0], [2, 0, 1]]), 3, FLAT).scores, [0, 0, 0], 7);
    const partial = fitPlackettLuce(strict([[0, 1, 2], [3, 2, 0], [1, 3]]), 4, FLAT);
    expectNear(partial.scores, [-0.44328117, 0.69506219, -0.67061442, 0.4188334], 4);
  });

  it('of the best of several is that of choix', () => {
    // TOP1_DATA and TOP1_ESTIMATE of tests/test_opt.py, which adds 0.5·Σ score², and tests/data/testcase-top1-2.json.
    const data = best([[7, [6, 3, 1]], [6, [4, 5]], [5, [0, 4, 1]], [0, [3]], [3, [0, 1]]]);
    expectNear(fitPlackettLuce(data, 8, { prior: 1 }).scores, [-0.12223311, -0.53980682, 0, -0.08808004, -0.40003309, 0.24075031, 0.30131247, 0.60809028], 5);
    expectNear(fitPlackettLuce(best([[0, [1]], [1, [2]], [2, [0, 1]]]), 3, FLAT).scores, [0.16040395, -0.32080789, 0.16040394], 5);
  });

  it('of pairs is that of Bradley and Terry, ties included', () => {
    const random = new RandomStream(8);
    const pairs = Array.from({ length: 50 }, () => {
      const [first, second] = random.permutation(6);
      return { first, second, label: [0, 0.5, 1][random.integer(3)] };
    });
    const rankings = pairs.map(({ first, second, label }) => ({ groups: label === 0.5 ? [[first, second]] : label === 1 ? [[first], [second]] : [[second], [first]] }));
    const [luce, terry] = [fitPlackettLuce(rankings, 6), fitBradleyTerry(pairs, 6)];
    expectNear(luce.scores, [...terry.scores], 8);
    expect(luce.logLikelihood).toBeCloseTo(terry.logLikelihood, 9);
  });

  it('is the top of the likelihood with its prior, averaged over the orders of ties', () => {
    const rankings: Ranking[] = [{ groups: [[0, 1], [2]] }, { groups: [[3], [1, 2, 4]] }, { groups: [[4, 0]], rest: [3, 1] }, { groups: [[2], [0]] }];
    const prior = 0.2;
    const { scores, logLikelihood } = fitPlackettLuce(rankings, 5, { prior });
    const surprise = (x: readonly number[]) => rankings.reduce((sum, ranking) => sum + meanSurprise(ranking, x), 0);
    const whole = (x: readonly number[]) => surprise(x) + (prior / 2) * x.reduce((sum, one) => sum + one ** 2, 0);
    const found = [...scores];
    expect(logLikelihood).toBeCloseTo(-surprise(found), 9);
    found.forEach((_, i) => {
      const at = (by: number) => whole(found.map((value, j) => value + (i === j ? by : 0)));
      expect((at(1e-4) - at(-1e-4)) / 2e-4).toBeCloseTo(0, 6);
      expect(at(1e-4)).toBeGreaterThan(whole(found));
    });
  });

  it('stays finite where one is always best', () => {
    const { scores } = fitPlackettLuce(strict([[0, 1, 2], [0, 2, 1]]), 4);
    expect([...scores].every(Number.isFinite)).toBe(true);
    expect(scores[0]).toBeGreaterThan(scores[1]);
    expect(scores[1]).toBeCloseTo(scores[2], 6);
    expect(scores[3]).toBe(0);
  });

  it('refuses an item that is not there', () => {
    expect(() => fitPlackettLuce(strict([[0, 3]]), 3)).toThrow(RankingError);
  });
});
