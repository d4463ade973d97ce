import { describe, expect, it } from 'vitest';
import type { Comparison, ComparisonState, JudgementEvent, Rater } from '../../../src/feedback/judgement';
import type { Standing } from '../../../src/feedback/judgementState';
import { answersIn, pace, progress } from '../../../src/feedback/queue';
import { preferredSide, responseOn, showsSecondOnLeft, verdictFor } from '../../../src/feedback/sides';

const me: Rater = { kind: 'person', name: 'me' };
const rule: Rater = { kind: 'simulated', rule: 'animals', temperature: 1 };
const judged = (rater: Rater, verdict: 'first' | 'second' | 'tie' | 'both-bad' = 'first'): ComparisonState => ({ status: 'judged', verdict, rater, at: 1 });

const queue: Comparison[] = ['a', 'b', 'c', 'd'].map((id, order) => ({
  id,
  datasetId: 'x',
  order,
  prompt: '',
  responses: ['1', '2'],
  swapped: order % 2 === 1,
  source: { kind: 'imported', file: 'f' },
  created: 0,
}));

describe('progress', () => {
  it('counts what is judged, by whom, skipped and open', () => {
    const states = new Map([['a', judged(me)], ['b', judged(rule)], ['c', { status: 'skipped' } as const]]);
    expect(progress(queue, states)).toEqual({ total: 4, judged: 2, simulated: 1, skipped: 1, discarded: 0, open: 1 });
  });
});

describe('answers', () => {
  const said = (what: object) => ({ id: JSON.stringify(what), datasetId: 'x', comparisonId: 'a', at: 1, rater: me, kind: 'judged', verdict: 'first', ...what }) as Standing;

  it('are first verdicts and those that were asked for again, of everybody but the key', () => {
    expect(answersIn([[said({})], [said({ rater: rule })], [said({ rater: { kind: 'key' } })], []])).toBe(2);
    expect(answersIn([[said({}), said({ repeat: true, verdict: 'second' })]])).toBe(2);
    // Whoever is asked again and skips has answered once.
    expect(answersIn([[said({}), said({ kind: 'skipped' })]])).toBe(1);
  });

  it('are not what was reopened to be corrected', () => {
    expect(answersIn([[said({}), said({ verdict: 'second' }), said({ repeat: true })]])).toBe(2);
  });
});

describe('pace', () => {
  const at = (seconds: number, rater: Rater = me, kind: 'judged' | 'skipped' = 'judged') =>
    ({ id: `${seconds}`, datasetId: 'x', comparisonId: 'a', at: seconds * 1000, rater, kind, verdict: 'tie' }) as JudgementEvent;

  it('is the median time between judgements, without breaks and others’ work', () => {
    expect(pace([at(0), at(4), at(10), at(1000), at(1009), at(1001, rule), at(1002, me, 'skipped')], me)).toBe(6);
    expect(pace([at(0), at(4), at(10)], me)).toBe(5);
  });

  it('is unknown before two judgements', () => {
    expect(pace([at(0)], me)).toBeNull();
    expect(pace([at(0), at(500)], me)).toBeNull();
  });
});

describe('sides', () => {
  it('are a fair coin for each seed and independent of the place', () => {
    for (const seed of [0, 1, 2, 12345, -7, 2 ** 31]) {
      const draws = Array.from({ length: 4000 }, (_, order) => showsSecondOnLeft(seed, order));
      const share = draws.filter(Boolean).length / draws.length;
      const changes = draws.slice(1).filter((draw, i) => draw !== draws[i]).length / (draws.length - 1);
      // Four standard errors of a fair coin's share over 4000 throws.
      for (const value of [share, changes]) expect(Math.abs(value - 0.5)).toBeLessThan(4 * (0.5 / Math.sqrt(4000)));
    }
    const differing = Array.from({ length: 4000 }, (_, order) => showsSecondOnLeft(1, order) !== showsSecondOnLeft(2, order)).filter(Boolean).length;
    expect(Math.abs(differing / 4000 - 0.5)).toBeLessThan(4 * (0.5 / Math.sqrt(4000)));
  });

  it('translate between what is on screen and what is stored', () => {
    const [plain, swapped] = [{ swapped: false }, { swapped: true }];
    expect([responseOn('left', plain), responseOn('right', plain), responseOn('left', swapped), responseOn('right', swapped)]).toEqual([0, 1, 1, 0]);
    for (const side of ['left', 'right'] as const) for (const shown of [plain, swapped]) expect(preferredSide(verdictFor(side, shown), shown)).toBe(side);
    expect(preferredSide('tie', plain)).toBeNull();
    expect(preferredSide('both-bad', swapped)).toBeNull();
  });
});
