import { describe, expect, it } from 'vitest';
import { ELO, eloRatings, expectedScore } from '../../../../src/reward/ranking/elo';
import { RankingError } from '../../../../src/reward/ranking/rankingTerms';

describe('Elo’s rating', () => {
  it('expects what the usual example says', () => {
    // “Elo rating system”, Wikipedia: a player of 1613 expects 0.506, 0.686, 0.785, 0.539 and 0.351 against
    // these, scores 2.5 in all and is 1601 after it, at K = 32.
    const expected = [1609, 1477, 1388, 1586, 1720].map((opponent) => expectedScore(1613 - opponent));
    expect(expected.map((score) => score.toFixed(3))).toEqual(['0.506', '0.686', '0.785', '0.539', '0.351']);
    expect(Math.round(1613 + ELO.k * (2.5 - expected.reduce((a, b) => a + b, 0)))).toBe(1601);
  });

  it('moves both by K times the surprise, one judgement after the other', () => {
    const ratings = eloRatings([{ first: 0, second: 1, label: 1 }, { first: 1, second: 0, label: 0.5 }], 3);
    // 1500 against 1500 moves 16; then a lead of 32 expects 1/(1 + 10^(−32/400)) and got ½.
    const back = 32 * (1 / (1 + 10 ** (-32 / 400)) - 0.5);
    expect([...ratings]).toEqual([expect.closeTo(1516 - back, 9), expect.closeTo(1484 + back, 9), 1500]);
  });

  it('takes its K, start, base and scale from the settings', () => {
    const settings = { k: 10, start: 0, base: Math.E, scale: 1 };
    const [a, b] = eloRatings([{ first: 0, second: 1, label: 0 }, { first: 0, second: 1, label: 0 }], 2, settings);
    // A lead of −10 in log-odds leaves σ(−10) to lose.
    expect(a).toBeCloseTo(-5 - 10 / (1 + Math.exp(10)), 9);
    expect(a + b).toBeCloseTo(0, 9);
  });

  it('refuses an item that is not there', () => {
    expect(() => eloRatings([{ first: 0, second: 2, label: 1 }], 2)).toThrow(RankingError);
  });
});
