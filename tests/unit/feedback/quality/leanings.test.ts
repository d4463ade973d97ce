import { describe, expect, it } from 'vitest';
import type { Comparison, Verdict } from '../../../../src/feedback/judgement';
import { raterKey, standingEvents } from '../../../../src/feedback/judgementState';
import { proportion } from '../../../../src/feedback/proportion';
import { leanings } from '../../../../src/feedback/quality/leanings';
import { ownVerdicts } from '../../../../src/feedback/quality/ownVerdicts';
import { finished } from '../../../../src/feedback/steps';
import { ann, bob, comparison, log, ranking, type Said } from './logs';

const lean = (comparisons: Comparison[], ...said: Said[]) => finished(leanings(finished(ownVerdicts(comparisons, standingEvents(log(...said)), raterKey(ann)))));
const numbered = (n: number, fields: Partial<Comparison> = {}) => Array.from({ length: n }, (_, i) => comparison(String(i), fields));

describe('what a rater leans to', () => {
  it('is the side, of pairs where one was preferred, by the last word', () => {
    const comparisons = [comparison('p'), comparison('q', { swapped: true }), comparison('r'), comparison('s'), comparison('t')];
    // Left: p (first, not swapped), q (second, swapped). Right: r. s is a tie; t is Bob’s.
    const { left, run } = lean(comparisons, ['p', ann, 'second'], ['p', ann, 'first'], ['q', ann, 'second'], ['r', ann, 'second'], ['s', ann, 'tie'], ['t', bob, 'first']);
    expect(left.share).toEqual(proportion(2, 3));
    // Two of three, or rarer: all of the 8 outcomes.
    expect(left.p).toBeCloseTo(1, 12);
    // l l r: of the eight series only lrl and rlr have no run of two.
    expect(run).toEqual({ longest: 2, of: 3, p: expect.closeTo(6 / 8, 12) });
  });

  it('is nothing where there is one text only, of which none is the longer', () => {
    const { left, longer } = lean([comparison('p', { responses: ['a'] }), comparison('q')], ['p', ann, { kind: 'thumb', response: 0, up: true }], ['q', ann, 'first']);
    expect(longer.share).toBeNull();
    expect(left.share).toEqual(proportion(1, 1));
  });

  it('is improbable where it always is the same side', () => {
    const comparisons = numbered(10);
    const { left, run } = lean(comparisons, ...comparisons.map(({ id }): Said => [id, ann, 'first']));
    expect(left.p).toBeCloseTo(2 / 1024, 14);
    expect(run).toEqual({ longest: 10, of: 10, p: expect.closeTo(2 / 1024, 14) });
  });

  it('is length, in words and then in characters, where the texts are not as long', () => {
    const of = (responses: [string, string], verdict: Verdict) => lean([comparison('p', { responses })], ['p', ann, verdict]).longer.share;
    expect(of(['a b c', 'unquestionably'], 'first')).toEqual(proportion(1, 1));
    expect(of(['a b c', 'unquestionably'], 'second')).toEqual(proportion(0, 1));
    expect(of(['a bc', 'a b'], 'first')).toEqual(proportion(1, 1));
    expect(of(['a b', 'c d'], 'first')).toBeNull();
    expect(of(['a b c', 'a'], 'tie')).toBeNull();
  });

  it('is the top of the list, where what was shown first and last are not tied', () => {
    const responses = ['x', 'y', 'z'];
    const comparisons = [comparison('p', { responses }), comparison('q', { responses, swapped: true }), comparison('r', { responses }), comparison('s', { responses })];
    // p: 0 shown first, above 2. q: 2 shown first, below 0. r: tied. s: the last was not ranked.
    const { firstListed, left } = lean(comparisons, ['p', ann, ranking([1], [0], [2])], ['q', ann, ranking([0], [1], [2])], ['r', ann, ranking([0, 2], [1])], ['s', ann, ranking([0], [1])]);
    expect(firstListed.share).toEqual(proportion(1, 2));
    expect(left).toEqual({ share: null, p: 1 });
  });

  it('is in the order of time, whatever that of the queue', () => {
    const comparisons = numbered(4);
    // Time: 3 left, 0 right, 1 left, 2 left.
    expect(lean(comparisons, ['3', ann, 'first'], ['0', ann, 'second'], ['1', ann, 'first'], ['2', ann, 'first']).run?.longest).toBe(2);
    expect(lean(comparisons).run).toBeNull();
  });
});
