import { describe, expect, it } from 'vitest';
import type { PairPreference } from '../../../src/reward/preference';
import type { ScoredPair } from '../../../src/reward/report';
import { compareScores } from '../../../src/reward/rewardComparison';

const pair = (id: string, verdict: PairPreference['verdict']): PairPreference => ({ comparisonId: id, prompt: `p${id}`, responses: [`${id} one`, `${id} two`], swapped: false, verdict });
const scored = (pairs: readonly PairPreference[], scores: [number, number][]): ScoredPair[] => pairs.map((pair, i) => ({ pair, scores: scores[i], lengths: [1, 1] }));

const PAIRS = [pair('1', 'first'), pair('2', 'second'), pair('3', 'first'), pair('4', 'second'), pair('5', 'tie')];
// Preferred less other: 2, 1, −1, 3 of a; 1, −1, 2, 0 of b.
const A = scored(PAIRS, [[2, 0], [0, 1], [0, 1], [-1, 2], [9, -9]]);
const B = scored(PAIRS, [[1, 0], [1, 0], [2, 0], [1, 1], [-9, 9]]);

describe('compareScores', () => {
  const { heldOutPairs, accuracy, agreement, disputed, correlation, texts, disagreements } = compareScores(A, B);

  it('counts who is right, on decided pairs alone', () => {
    expect(heldOutPairs).toBe(4);
    expect(accuracy!.a).toMatchObject({ value: 3 / 4, n: 4 });
    // Scoring both alike is right half the time.
    expect(accuracy!.b).toMatchObject({ value: 2.5 / 4, n: 4 });
  });

  it('counts how often the two prefer the same text, with Wilson’s interval', () => {
    // Yes, no, no, half.
    expect(agreement).toMatchObject({ value: 1.5 / 4, n: 4 });
    const z = 1.959964;
    const centre = (1.5 / 4 + z ** 2 / 8) / (1 + z ** 2 / 4);
    const half = (z / (1 + z ** 2 / 4)) * Math.sqrt(((1.5 / 4) * (2.5 / 4)) / 4 + z ** 2 / 64);
    expect(agreement!.low).toBeCloseTo(centre - half, 5);
    expect(agreement!.high).toBeCloseTo(centre + half, 5);
  });

  it('lists the pairs on which they differ, the widest apart first, and who is right there', () => {
    expect(disagreements).toEqual([
      { comparisonId: '3', prompt: 'p3', preferred: '3 one', other: '3 two', margins: { a: -1, b: 2 } },
      { comparisonId: '2', prompt: 'p2', preferred: '2 two', other: '2 one', margins: { a: 1, b: -1 } },
    ]);
    expect(disputed).toMatchObject({ value: 1 / 2, n: 2 });
  });

  it('pairs the scores of each text, the preferred one known', () => {
    expect(texts).toEqual([
      { a: 2, b: 1, preferred: true }, { a: 0, b: 0, preferred: false },
      { a: 1, b: 0, preferred: true }, { a: 0, b: 1, preferred: false },
      { a: 0, b: 2, preferred: true }, { a: 1, b: 0, preferred: false },
      { a: 2, b: 1, preferred: true }, { a: -1, b: 1, preferred: false },
    ]);
    // Sums 5 and 6 over eight texts; Σxy = 3, so 3 − 30/8 = −3/4; Σx² = 11, Σy² = 8.
    expect(correlation).toBeCloseTo(-0.75 / Math.sqrt((11 - 25 / 8) * (8 - 36 / 8)), 10);
  });

  it('does not depend on which response is called first, and turns round with the models', () => {
    const turned = (pairs: readonly ScoredPair[]) => pairs.map(({ pair, scores, lengths }): ScoredPair => ({
      pair: { ...pair, responses: [pair.responses[1], pair.responses[0]], verdict: pair.verdict === 'first' ? 'second' : pair.verdict === 'second' ? 'first' : pair.verdict },
      scores: [scores[1], scores[0]],
      lengths,
    }));
    expect(compareScores(turned(A), turned(B))).toEqual(compareScores(A, B));
    const back = compareScores(B, A);
    expect(back).toMatchObject({ agreement, correlation: expect.closeTo(correlation!, 12), accuracy: { a: accuracy!.b, b: accuracy!.a } });
    expect(back.disputed!.value).toBe(1 - disputed!.value);
  });

  it('agrees with itself, and says null where there is nothing', () => {
    expect(compareScores(A, A)).toMatchObject({ agreement: { value: 1 }, disputed: null, correlation: expect.closeTo(1, 12), disagreements: [] });
    expect(compareScores(B, B).agreement!.value).toBe(1);
    expect(compareScores([], [])).toEqual({ heldOutPairs: 0, accuracy: null, agreement: null, disputed: null, correlation: null, texts: [], disagreements: [] });
  });
});
