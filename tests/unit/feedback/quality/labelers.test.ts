import { describe, expect, it } from 'vitest';
import type { PersonRater } from '../../../../src/feedback/judgement';
import { raterKey, standingEvents } from '../../../../src/feedback/judgementState';
import { proportion } from '../../../../src/feedback/proportion';
import { KAPPA_OF_SCALES, labelerGroups } from '../../../../src/feedback/quality/labelerAgreement';
import { labelerTables } from '../../../../src/feedback/quality/labelers';
import { finished } from '../../../../src/feedback/steps';
import { ann, bob, cid, key, log, ranking, rating, rule, type Said } from './logs';

const tables = (...said: Said[]) => finished(labelerTables(standingEvents(log(...said))));
const settles = (verdict: 'first' | 'second'): Said[2] => ({ act: { kind: 'judged', verdict, adjudicates: true } });

describe('what people said of the same things', () => {
  it('stands side by side, of people alone, by their last words', () => {
    const { people, tables: found } = tables(
      ['p', ann, 'second'], ['p', ann, 'first'], ['p', bob, 'first'],
      ['q', ann, 'first'], ['q', bob, 'tie'], ['q', cid, 'second'],
      // One person alone, a rule, the key, what was taken back or discarded: nothing to compare.
      ['r', ann, 'first'], ['r', rule, 'first'], ['r', key, 'first'], ['r', bob, 'first'], ['r', bob, { act: { kind: 'undone' } }], ['r', cid, { act: { kind: 'discarded' } }],
    );
    expect([...people.values()].map(({ name }) => name)).toEqual(['Ann', 'Bob', 'Cid']);
    expect(found).toEqual(new Map([['pair', [['first', 'first', null], ['first', 'tie', 'second']]]]));
  });

  it('has a table for each measure, ranks one row for each response', () => {
    const { tables: found } = tables(['p', ann, ranking([0], [1])], ['p', bob, ranking([1], [0])], ['q', ann, rating(2)], ['q', bob, rating(3)]);
    expect(found).toEqual(new Map([['ranking', [[1, 2], [2, 1]]], ['1 to 5', [[2, 3]]]]));
  });

  it('tells two people of one name apart, and knows one by another name', () => {
    const other: PersonRater = { kind: 'person', name: 'Ann', id: 'x' };
    const renamed: PersonRater = { ...ann, name: 'Anna' };
    const { people } = tables(['p', ann, 'first'], ['p', other, 'first'], ['q', renamed, 'first']);
    expect([...people]).toEqual([[raterKey(ann), renamed], [raterKey(other), other]]);
  });
});

describe('a conflict', () => {
  it('is what two people judge differently', () => {
    expect(tables(['p', ann, 'first'], ['p', bob, 'second'], ['q', ann, 'first'], ['q', bob, 'first'], ['r', ann, 'first'], ['r', rule, 'second']).conflicts).toEqual(['p']);
  });

  it('is none any more once somebody has settled it, until that is taken back', () => {
    const open: Said[] = [['p', ann, 'first'], ['p', bob, 'second']];
    expect(tables(...open, ['p', cid, settles('first')]).conflicts).toEqual([]);
    expect(tables(...open, ['p', bob, settles('first')]).conflicts).toEqual([]);
    expect(tables(...open, ['p', cid, settles('first')], ['p', cid, { act: { kind: 'undone' } }]).conflicts).toEqual(['p']);
    // A third opinion settles nothing.
    expect(tables(...open, ['p', cid, 'first']).conflicts).toEqual(['p']);
  });

  it('leaves what was said before it in the tables, and is not in them itself', () => {
    const { tables: found } = tables(['p', ann, 'first'], ['p', bob, 'second'], ['p', bob, settles('first')], ['p', cid, settles('first')]);
    expect(found.get('pair')).toEqual([['first', 'second', null]]);
  });
});

describe('the agreement of labelers', () => {
  it('is that of all together, then of every two, where they judged the same thing', () => {
    const groups = finished(labelerGroups(tables(['p', ann, 'first'], ['p', bob, 'first'], ['q', ann, 'first'], ['q', bob, 'second'], ['r', ann, 'second'], ['r', cid, 'second'])));
    const keys = [ann, bob, cid].map(raterKey);
    expect(groups.map(({ measure, who, rows }) => [measure, who, rows])).toEqual([
      ['pair', keys, 3],
      ['pair', [keys[0], keys[1]], 2],
      ['pair', [keys[0], keys[2]], 1],
    ]);
    const [all, two, once] = groups;
    // Rows: alike, not alike, alike.
    expect(finished(all.estimate('percent')).agreement).toMatchObject({ value: expect.closeTo(2 / 3, 12), rows: 3 });
    // Each row has two ratings, 3 × first and 3 × second in all: P = 2/3, P_e = 1/2, κ = 1/3.
    expect(finished(all.estimate('kappa')).agreement).toMatchObject({ value: expect.closeTo(1 / 3, 12) });
    // D_o = 2/6 (the unequal row has 2 ordered pairs, over 6 values); D_e = 2·3·3/(6·5) = 3/5; α = 1 − (1/3)/(3/5) = 4/9.
    expect(finished(all.estimate('alpha')).agreement).toMatchObject({ value: expect.closeTo(4 / 9, 12) });
    // Ann says first both times: p_e = 1 · 1/2 = p_o, κ = 0.
    expect(finished(two.estimate('kappa')).agreement).toMatchObject({ value: expect.closeTo(0, 12) });
    expect(finished(once.estimate('kappa')).agreement).toMatchObject({ defined: false });
    // Of two people a share has Wilson's interval, which a single row leaves wide.
    expect(finished(once.estimate('percent'))).toMatchObject({ agreement: { value: 1 }, interval: proportion(1, 1) });
    expect(finished(two.estimate('percent'))).toMatchObject({ agreement: { value: 0.5 }, interval: proportion(1, 2) });
  });

  it('is among those who judged the same things, and no others', () => {
    const groups = finished(labelerGroups(tables(['p', ann, 'first'], ['p', bob, 'first'], ['q', cid, 'first'])));
    expect(groups.map(({ who }) => who)).toEqual([[ann, bob].map(raterKey)]);
  });

  it('has no interval where few rows, or rows all alike, would make it look sure', () => {
    const alike = (n: number, odd: number) => finished(labelerGroups({ people: new Map([['a', ann], ['b', bob]]), tables: new Map([['pair', Array.from({ length: n }, (_, i) => [i % 2 ? 'first' : 'second', i < odd ? 'tie' : i % 2 ? 'first' : 'second'])]]) }))[0];
    expect(finished(alike(9, 2).estimate('kappa'))).toMatchObject({ agreement: { defined: true }, interval: null });
    expect(finished(alike(10, 2).estimate('kappa')).interval).not.toBeNull();
    expect(finished(alike(40, 0).estimate('alpha'))).toMatchObject({ agreement: { value: 1 }, interval: null });
  });

  it('gives α of ratings by their distance, and says why there is no κ', () => {
    const [group] = finished(labelerGroups(tables(['p', ann, rating(1)], ['p', bob, rating(1)], ['q', ann, rating(2)], ['q', bob, rating(3)])));
    expect(finished(group.estimate('kappa')).agreement).toEqual(KAPPA_OF_SCALES);
    // Values 1, 1, 2, 3 stand at the places 1, 1, 2.5, 3.5: D_o = 2 · 1²/4; D_e = 2 · (2·1.5² + 2·2.5² + 1²)/(4·3) = 36/12; α = 1 − 0.5/3.
    expect(finished(group.estimate('alpha')).agreement).toMatchObject({ value: expect.closeTo(1 - 0.5 / 3, 12) });
  });

  it('has an interval that narrows with the root of the rows, of a table longer than a draw', () => {
    // Three people, two of them in each row.
    const many = (n: number) =>
      finished(labelerGroups({ people: new Map([['a', ann], ['b', bob], ['c', cid]]), tables: new Map([['pair', Array.from({ length: n }, (_, i) => (i % 4 === 0 ? ['first', 'second', null] : i % 4 === 1 ? [null, 'first', 'first'] : ['first', 'first', null]))]]) }))[0];
    // Three of four rows alike: 1.96 · √(0.75 · 0.25/n) on either side.
    for (const n of [200, 20_000]) {
      const { agreement, interval } = finished(many(n).estimate('percent'));
      expect(agreement).toMatchObject({ value: 0.75 });
      const half = 1.96 * Math.sqrt((0.75 * 0.25) / n);
      expect((interval!.high - interval!.low) / (2 * half)).toBeGreaterThan(0.85);
      expect((interval!.high - interval!.low) / (2 * half)).toBeLessThan(1.15);
      expect(interval!.low).toBeLessThan(0.75);
      expect(interval!.high).toBeGreaterThan(0.75);
    }
    expect(finished(many(50).estimate('percent'))).toEqual(finished(many(50).estimate('percent')));
  });
});
