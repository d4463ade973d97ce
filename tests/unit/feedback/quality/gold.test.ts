import { describe, expect, it } from 'vitest';
import { raterKey, standingEvents } from '../../../../src/feedback/judgementState';
import { proportion } from '../../../../src/feedback/proportion';
import { goldCheck } from '../../../../src/feedback/quality/gold';
import { finished } from '../../../../src/feedback/steps';
import { ann, bob, key, log, rating, type Said } from './logs';

const check = (...said: Said[]) => finished(goldCheck(standingEvents(log(...said)), raterKey(ann)));

describe('items with a known answer', () => {
  it('count the right ones, list the others, and give κ', () => {
    const result = check(
      ['p', key, 'first'], ['q', key, 'first'], ['r', key, 'second'], ['s', key, 'second'],
      ['p', ann, 'first'], ['q', ann, 'first'], ['r', ann, 'second'], ['s', ann, 'first'],
      // Others, and what has no key, count for nothing.
      ['p', bob, 'second'], ['t', ann, 'first'],
    );
    expect(result.right).toEqual(proportion(3, 4));
    expect(result.misses).toEqual(['s']);
    // p_o = 3/4; Ann says first 3/4 of the time, the key 2/4: p_e = 3/4 · 1/2 + 1/4 · 1/2 = 1/2. κ = (3/4 − 1/2)/(1/2).
    expect(result.kappa).toEqual({ defined: true, value: expect.closeTo(1 / 2, 12), rows: 4 });
  });

  it('count the first answer that stands, whatever became of it', () => {
    expect(check(['p', key, 'first'], ['p', ann, 'second'], ['p', ann, 'first']).misses).toEqual(['p']);
    expect(check(['p', key, 'first'], ['p', ann, 'second'], ['p', ann, { act: { kind: 'undone' } }], ['p', ann, 'first']).misses).toEqual([]);
    // The key may be corrected.
    expect(check(['p', key, 'first'], ['p', key, 'second'], ['p', ann, 'second']).right).toEqual(proportion(1, 1));
  });

  it('leave ratings a quarter of the scale, and κ to answers that are the same or not', () => {
    const result = check(['p', key, rating(4)], ['q', key, rating(1)], ['p', ann, rating(5)], ['q', ann, rating(3)]);
    expect(result.right).toEqual(proportion(1, 2));
    expect(result.misses).toEqual(['q']);
    expect(result.kappa.defined).toBe(false);
  });

  it('say nothing where there are none', () => {
    expect(check(['p', ann, 'first'], ['q', key, 'first'])).toMatchObject({ right: null, misses: [], kappa: { defined: false } });
  });
});
