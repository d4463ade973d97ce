import { describe, expect, it } from 'vitest';
import type { Answer, FilledForm } from '../../../../src/feedback/judgement';
import { contradicts, statementsOf } from '../../../../src/feedback/quality/statements';
import { ranking, rating, thumb } from './logs';

const form = (...answers: Answer[]): { verdict: FilledForm } => ({ verdict: { kind: 'form', answers } });
const said = (one: Parameters<typeof statementsOf>[0]) => [...statementsOf(one).values()];

describe('what a judgement says', () => {
  it('is one answer about a pair, a response, or a criterion', () => {
    expect(said({ verdict: 'tie' })).toEqual([{ measure: 'pair', value: 'tie' }]);
    expect(said({ verdict: thumb(false, 1) })).toEqual([{ measure: 'thumb', value: 'down' }]);
    expect(said({ verdict: rating(4) })).toEqual([{ measure: '1 to 5', value: 4 }]);
    expect(said({ verdict: { kind: 'rewrite', response: 0, text: 'x' } })).toEqual([]);
  });

  it('gives each response of a ranking its place, tied ones the mean of theirs', () => {
    // 2 is first; 0 and 3 share the places 2 and 3; 1 is last.
    const places = statementsOf({ verdict: ranking([2], [0, 3], [1]) });
    expect([0, 1, 2, 3].map((response) => places.get(JSON.stringify(['ranking', response]))?.value)).toEqual([2.5, 4, 1, 2.5]);
  });

  it('keeps questions of a form apart only where they ask for the same measure', () => {
    const alone = form({ question: 'better', verdict: 'first' }, { question: 'good', verdict: thumb(true) });
    expect(contradicts(alone, { verdict: 'second' })).toBe(true);
    const two = (helpful: 'first' | 'second', harmless: 'first' | 'second') => form({ question: 'helpful', verdict: helpful }, { question: 'harmless', verdict: harmless });
    expect(said(two('first', 'second'))).toHaveLength(2);
    expect(contradicts(two('first', 'second'), two('first', 'second'))).toBe(false);
    expect(contradicts(two('first', 'second'), two('second', 'second'))).toBe(true);
  });
});

describe('two judgements', () => {
  it('contradict each other in another answer, another thumb, ratings far apart, or the opposite order', () => {
    expect(contradicts({ verdict: 'first' }, { verdict: 'first' })).toBe(false);
    expect(contradicts({ verdict: 'first' }, { verdict: 'tie' })).toBe(true);
    expect(contradicts({ verdict: thumb(true) }, { verdict: thumb(false) })).toBe(true);
    // A quarter of 1 to 5 is 1.
    expect(contradicts({ verdict: rating(3) }, { verdict: rating(4) })).toBe(false);
    expect(contradicts({ verdict: rating(2) }, { verdict: rating(4) })).toBe(true);
    // A tie is no opposite of an order.
    expect(contradicts({ verdict: ranking([0], [1], [2]) }, { verdict: ranking([0], [1, 2]) })).toBe(false);
    expect(contradicts({ verdict: ranking([0], [1], [2]) }, { verdict: ranking([0], [2], [1]) })).toBe(true);
  });

  it('cannot be compared where they speak of different things', () => {
    expect(contradicts({ verdict: 'first' }, { verdict: thumb(true) })).toBeNull();
    expect(contradicts({ verdict: thumb(true, 0) }, { verdict: thumb(false, 1) })).toBeNull();
    expect(contradicts(form({ question: 'why', value: 'x' }), form({ question: 'why', value: 'y' }))).toBeNull();
  });
});
