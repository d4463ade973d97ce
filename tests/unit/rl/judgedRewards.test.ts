import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/feedback/judgement';
import type { Preference } from '../../../src/reward/preference';
import { judgedRewards } from '../../../src/rl/judgedRewards';

const judged = (verdict: Verdict, responses = ['a', 'b']): Preference => ({ comparisonId: 'c', prompt: 'p', responses, swapped: false, verdict });

describe('a judgement as a reward', () => {
  it.each<[Verdict, number[]]>([
    ['first', [1, -1]],
    ['second', [-1, 1]],
    ['tie', [0, 0]],
    ['both-bad', [-1, -1]],
  ])('of a pair, %s, falls to both of its texts', (verdict, rewards) => {
    expect(judgedRewards(judged(verdict))).toEqual([{ prompt: 'p', responses: ['a', 'b'], rewards }]);
  });

  it('of a ranking is on average the share of the others that a text beats, less the share that beats it', () => {
    const received = new Map<string, number[]>();
    for (const { responses, rewards } of judgedRewards(judged({ kind: 'ranking', groups: [[2], [0, 3], [1]] }, ['a', 'b', 'c', 'd'])))
      responses.forEach((response, i) => received.set(response, [...(received.get(response) ?? []), rewards[i]]));
    // c beats all three, b loses to all, a and d beat one and lose to one; tied with each other they make no pair.
    expect(Object.fromEntries(received)).toEqual({ a: [-1, 1], b: [-1, -1, -1], c: [1, 1, 1], d: [-1, 1] });
  });

  it('of a rewrite prefers the edited text', () => {
    expect(judgedRewards(judged({ kind: 'rewrite', response: 1, text: 'better' }))).toEqual([{ prompt: 'p', responses: ['better', 'b'], rewards: [1, -1] }]);
  });

  it('of a thumb or a rating is of one text, from −1 at the lower end of the scale to 1 at the upper', () => {
    expect(judgedRewards(judged({ kind: 'thumb', response: 1, up: false }))).toEqual([{ prompt: 'p', responses: ['b'], rewards: [-1] }]);
    expect(judgedRewards(judged({ kind: 'thumb', response: 0, up: true }))[0].rewards).toEqual([1]);
    const rated = (scale: '1 to 5' | '0 to 100', value: number) => judgedRewards(judged({ kind: 'rating', response: 0, criterion: 'kind', scale, value }, ['a']))[0].rewards;
    expect([1, 2, 3, 5].map((value) => rated('1 to 5', value))).toEqual([[-1], [-0.5], [0], [1]]);
    expect([0, 75, 100].map((value) => rated('0 to 100', value))).toEqual([[-1], [0.5], [1]]);
  });
});
