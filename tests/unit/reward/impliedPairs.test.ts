import { describe, expect, it } from 'vitest';
import type { Rater, Verdict } from '../../../src/feedback/judgement';
import { impliedPairs, pairsOf } from '../../../src/reward/impliedPairs';
import { judgedResponses, type Preference } from '../../../src/reward/preference';

const judged = (id: string, verdict: Verdict, responses: string[] = [id], more: Partial<Preference> = {}): Preference => ({ comparisonId: id, prompt: 'p', responses, swapped: false, verdict, ...more });
const thumb = (up: boolean): Verdict => ({ kind: 'thumb', response: 0, up });
const rating = (value: number, criterion = 'clear'): Verdict => ({ kind: 'rating', response: 0, criterion, scale: '1 to 5', value });
/** As "better > worse", ties as "a = b". */
const read = (preferences: Preference[]) =>
  impliedPairs(preferences).map(({ responses: [first, second], verdict }) => (verdict === 'first' ? `${first} > ${second}` : verdict === 'second' ? `${second} > ${first}` : `${first} = ${second}`));

describe('the pairs that judgements imply', () => {
  it('keep a pair as it is, ties too', () => {
    const pair = judged('c', 'tie', ['a', 'b'], { swapped: true });
    expect(pairsOf(pair)).toEqual([pair]);
  });

  it('are those of a ranking and of a rewrite, with the sides and the name of their comparison', () => {
    expect(read([judged('c', { kind: 'ranking', groups: [[2], [0, 1]] }, ['a', 'b', 'c'])])).toEqual(['c > a', 'c > b']);
    expect(pairsOf(judged('w', { kind: 'rewrite', response: 1, text: 'B' }, ['a', 'b'], { swapped: true }))).toEqual([
      { comparisonId: 'w', prompt: 'p', responses: ['B', 'b'], swapped: true, verdict: 'first' },
    ]);
  });

  it('match thumbs that differ, each once, the earliest first', () => {
    expect(read(['a', 'b', 'c', 'd', 'e'].map((id, i) => judged(id, thumb(i === 2 || i === 4))))).toEqual(['c > a', 'e > b']);
    expect(read([judged('a', thumb(true)), judged('b', thumb(true))])).toEqual([]);
  });

  it('match ratings of one prompt, rater and criterion alone', () => {
    const [you, me]: Rater[] = ['you', 'me'].map((name) => ({ kind: 'person', name }));
    expect(read([judged('a', rating(2)), judged('b', rating(5)), judged('c', rating(5)), judged('d', rating(1))])).toEqual(['b > a', 'c > d']);
    expect(read([judged('a', rating(2)), judged('b', rating(5, 'kind'))])).toEqual([]);
    expect(read([judged('a', rating(2)), judged('b', thumb(true))])).toEqual([]);
    expect(read([judged('a', rating(2)), judged('b', rating(5), ['b'], { prompt: 'q' })])).toEqual([]);
    expect(read([judged('a', rating(2), ['a'], { rater: you }), judged('b', rating(5), ['b'], { rater: me })])).toEqual([]);
    expect(read([judged('a', rating(2), ['a'], { rater: you }), judged('b', rating(5), ['b'], { rater: { ...you } })])).toEqual(['b > a']);
  });
});

it('the texts that a judgement speaks of are those it names, the better of a rewrite first', () => {
  const responses = ['a', 'b', 'c'];
  expect(judgedResponses(judged('c', { kind: 'rewrite', response: 2, text: 'C' }, responses))).toEqual(['C', 'c']);
  expect(judgedResponses(judged('c', { kind: 'thumb', response: 1, up: true }, responses))).toEqual(['b']);
  expect(judgedResponses(judged('c', rating(3), responses))).toEqual(['a']);
  expect(judgedResponses(judged('c', { kind: 'ranking', groups: [[2], [0]] }, responses))).toEqual(responses);
});
