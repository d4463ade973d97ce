import { describe, expect, it } from 'vitest';
import { disputesOf, hardestPulls, MOST_LISTED, type Scored } from '../../../src/reward/dispute';
import { impliedPairs } from '../../../src/reward/impliedPairs';
import type { Preference } from '../../../src/reward/preference';

const NOTHING: Scored = { judged: [], scored: [] };

const judged = (comparisonId: string, responses: string[], verdict: Preference['verdict'], prompt = 'p'): Preference => ({ comparisonId, prompt, responses, swapped: false, verdict });

/** Judgements, and a model that gives each text this score. */
function scoredBy(scoreOf: Record<string, number>, preferences: Preference[]): Scored {
  return { judged: preferences, scored: impliedPairs(preferences).map((pair) => ({ pair, scores: [scoreOf[pair.responses[0]], scoreOf[pair.responses[1]]], lengths: [1, 1] })) };
}

const place = (comparisonId: string, response: number | null) => ({ comparisonId, response });
const chanceOf = (margin: number) => expect.closeTo(1 / (1 + Math.exp(-margin)), 12) as number;

describe('what a model contradicts', () => {
  it('is every pair that it orders the other way, the surest first, ties aside', () => {
    const scores = { low: 0, middle: 1, high: 3 };
    const learned = scoredBy(scores, [
      judged('agrees', ['low', 'high'], 'second'),
      judged('slightly', ['low', 'middle'], 'first'),
      judged('tie', ['low', 'high'], 'tie'),
      judged('bad', ['low', 'high'], 'both-bad'),
      judged('same', ['low', 'low'], 'first'),
    ]);
    const heldOut = scoredBy(scores, [judged('surely', ['high', 'low'], 'second'), judged('well', ['high', 'middle'], 'first')]);
    expect(disputesOf(learned, heldOut)).toEqual({
      learned: { ordered: 3, against: 1 },
      heldOut: { ordered: 2, against: 1 },
      worst: [
        { comparisonId: 'surely', heldOut: true, order: { better: place('surely', 1), worse: place('surely', 0), chance: chanceOf(-3) } },
        { comparisonId: 'slightly', heldOut: false, order: { better: place('slightly', 0), worse: place('slightly', 1), chance: chanceOf(-1) } },
      ],
    });
  });

  it('is one judgement where a ranking implies many pairs: its worst pair speaks for it', () => {
    const ranking = judged('ranking', ['a', 'b', 'c'], { kind: 'ranking', groups: [[2], [0], [1]] });
    // Said: c > a > b. The model: b > c > a.
    const { learned, worst } = disputesOf(scoredBy({ a: 0, b: 2, c: 1.5 }, [ranking]), NOTHING);
    expect(learned).toEqual({ ordered: 1, against: 1 });
    expect(worst).toEqual([{ comparisonId: 'ranking', heldOut: false, order: { better: place('ranking', 0), worse: place('ranking', 1), chance: chanceOf(-2) } }]);
  });

  it('names the text that was written better, and of two thumbs the comparison of either', () => {
    const rewrite = judged('rewrite', ['a', 'b'], { kind: 'rewrite', response: 1, text: 'new' });
    const thumbs = [judged('down', ['x', 'y'], { kind: 'thumb', response: 1, up: false }), judged('up', ['z'], { kind: 'thumb', response: 0, up: true })];
    const { worst } = disputesOf(scoredBy({ new: 0, b: 1, y: 5, z: 1 }, [rewrite, ...thumbs]), NOTHING);
    expect(worst.map(({ order: { better, worse } }) => [better, worse])).toEqual([
      [place('up', 0), place('down', 1)],
      [place('rewrite', null), place('rewrite', 1)],
    ]);
  });

  it('is listed so far as the lists go, and counted in full', () => {
    const wrong = Array.from({ length: MOST_LISTED + 7 }, (_, i) => judged(`${i}`, [`good ${i}`, 'other'], 'first'));
    const scores = Object.fromEntries([['other', 0], ...wrong.map(({ responses }, i) => [responses[0], -1 - i])]) as Record<string, number>;
    const { learned, heldOut, worst } = disputesOf(scoredBy(scores, wrong), scoredBy(scores, wrong.slice(0, 2)));
    expect([learned.against, heldOut.against]).toEqual([MOST_LISTED + 7, 2]);
    expect(worst).toHaveLength(MOST_LISTED + 2);
    expect(worst[0].comparisonId).toBe(`${MOST_LISTED + 6}`);
  });
});

describe('the hardest pulls', () => {
  it('are multiples of the mean, the hardest first, with what the model makes of them', () => {
    const learned = scoredBy({ a: 2, b: 0 }, [judged('weak', ['a', 'b'], 'first'), judged('tie', ['a', 'b'], 'tie'), judged('strong', ['a', 'b'], 'second')]);
    expect(hardestPulls(learned, [0.3, 0.6, 0.9])).toEqual([
      { comparisonId: 'strong', pull: expect.closeTo(1.5, 12), order: { better: place('strong', 1), worse: place('strong', 0), chance: chanceOf(-2) } },
      { comparisonId: 'tie', pull: expect.closeTo(1, 12), order: null },
      { comparisonId: 'weak', pull: expect.closeTo(0.5, 12), order: { better: place('weak', 0), worse: place('weak', 1), chance: chanceOf(2) } },
    ]);
  });

  it('are none where nothing pulled', () => {
    expect(hardestPulls(scoredBy({}, [judged('tie', ['a', 'a'], 'tie')]), [0])).toEqual([]);
  });
});
