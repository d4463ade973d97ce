import { describe, expect, it } from 'vitest';
import type { Rater, Verdict } from '../../../src/feedback/judgement';
import { deriveStates, undoable } from '../../../src/feedback/judgementState';
import { orderedPairs } from '../../../src/feedback/orderedPairs';
import { recordAction, type Action } from '../../../src/feedback/recording';
import { suits } from '../../../src/feedback/suits';

const FOUR = { responses: ['a', 'b', 'c', 'd'] };
const ranking = (...groups: number[][]): Verdict => ({ kind: 'ranking', groups });

describe('the pairs that a judgement puts in order', () => {
  /** As "better > worse". */
  const pairs = (verdict: Verdict, responses = FOUR.responses) =>
    orderedPairs({ responses }, verdict).map(({ responses: [first, second], verdict }) => (verdict === 'first' ? `${first} > ${second}` : `${second} > ${first}`));

  it('are all of a ranking but its ties', () => {
    expect(pairs(ranking([2], [0, 3], [1])).sort()).toEqual(['a > b', 'c > a', 'c > b', 'c > d', 'd > b']);
    expect(pairs(ranking([3], [1]))).toEqual(['d > b']);
    expect(pairs(ranking([0, 1, 2]))).toEqual([]);
  });

  it('stand in stored order, as the screen’s sides refer to it', () => {
    expect(orderedPairs(FOUR, ranking([3], [1]))).toEqual([{ responses: ['b', 'd'], verdict: 'second' }]);
  });

  it('are the edited text over the original', () => {
    expect(pairs({ kind: 'rewrite', response: 1, text: 'better' })).toEqual(['better > b']);
  });

  it('are the pair itself, or none where nothing is preferred', () => {
    const two = ['a', 'b'];
    expect([pairs('first', two), pairs('second', two), pairs('tie', two), pairs('both-bad', two)]).toEqual([['a > b'], ['b > a'], [], []]);
    expect(pairs({ kind: 'thumb', response: 0, up: true })).toEqual([]);
    expect(pairs({ kind: 'rating', response: 0, criterion: 'c', scale: '1 to 5', value: 5 })).toEqual([]);
  });
});

describe('a verdict suits a comparison', () => {
  it.each<[string, Verdict, number, boolean]>([
    ['a preference of two', 'second', 2, true],
    ['a preference of three', 'first', 3, false],
    ['a tie of one', 'tie', 1, false],
    ['a ranking of some', ranking([2], [0]), 3, true],
    ['a ranking of strangers', ranking([3], [0]), 3, false],
    ['a ranking of one', ranking([0]), 3, false],
    ['a ranking with an empty group', ranking([0], [], [1]), 3, false],
    ['a ranking of half a response', ranking([0.5], [1]), 3, false],
    ['the end of a scale', { kind: 'rating', response: 0, criterion: 'c', scale: '0 to 100', value: 100 }, 1, true],
    ['less than a scale has', { kind: 'rating', response: 0, criterion: 'c', scale: '1 to 10', value: 0 }, 1, false],
    ['a thumb for the last', { kind: 'thumb', response: 2, up: false }, 3, true],
    ['a thumb for nobody', { kind: 'thumb', response: -1, up: false }, 3, false],
    ['a rewrite of a text that is not there', { kind: 'rewrite', response: 1, text: '' }, 1, false],
  ])('%s', (_, verdict, responses, suited) => {
    expect(suits(verdict, { responses: Array<string>(responses).fill('word') })).toBe(suited);
  });
});

describe('every kind of verdict', () => {
  const me: Rater = { kind: 'person', name: 'me' };
  const comparison = { id: 'c', datasetId: 'd', order: 0, prompt: '', ...FOUR, swapped: false, source: { kind: 'imported' as const, file: 'f' }, created: 0 };
  const judged = (verdict: Verdict, more = {}): Action => ({ kind: 'judged', verdict, ...more });

  it('stands until it is taken back, strength and all, in whatever order logs are merged', () => {
    const acts: Action[] = [judged('first', { strength: 3 }), judged(ranking([1], [0])), judged({ kind: 'rewrite', response: 0, text: 'x' }), { kind: 'undone' }];
    const events = acts.map((action, i) => recordAction(comparison, me, action, 1000 + i));
    expect(deriveStates(events.slice(0, 1)).get('c')).toEqual({ status: 'judged', verdict: 'first', strength: 3, rater: me, at: 1000 });
    const end = { status: 'judged', verdict: ranking([1], [0]), rater: me, at: 1001 };
    expect(deriveStates(events).get('c')).toStrictEqual(end);
    expect(deriveStates([...events.toReversed(), ...events]).get('c')).toStrictEqual(end);
    expect(undoable(events, me)).toBe('c');
  });
});
