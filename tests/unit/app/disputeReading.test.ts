import { describe, expect, it } from 'vitest';
import { DISPUTE_TERMS, disputesReading, orderSentence, pullSentence, pullsReading, type JudgedOrder } from '../../../src/app/reward/disputeReading';
import { explainedParts } from '../../../src/app/controls/explainedParts';

const order = (better: number | null, worse: number, chance = 0.12, other = 'c'): JudgedOrder => ({ better: { comparisonId: 'c', response: better }, worse: { comparisonId: other, response: worse }, chance });
const you = { kind: 'person', name: 'you' } as const;
const pair = { responses: ['a', 'b'], swapped: false };

describe('a disputed judgement', () => {
  it('is told by the sides as the screen showed them', () => {
    expect(orderSentence(order(0, 1), pair, you)).toBe('You said that the first is better; it gives that 12 %.');
    expect(orderSentence(order(1, 0), pair, you)).toBe('You said that the second is better; it gives that 12 %.');
    expect(orderSentence(order(0, 1), { ...pair, swapped: true }, you)).toBe('You said that the second is better; it gives that 12 %.');
  });

  it('is told by what kind of judgement it was, and whose', () => {
    expect(orderSentence(order(2, 0), { responses: ['a', 'b', 'c'], swapped: false }, { kind: 'person', name: 'Ann' })).toBe('Ann put one text above another; it gives that 12 %.');
    expect(orderSentence(order(null, 1), pair, { kind: 'imported', file: 'x.jsonl' })).toBe('The file wrote it better; it gives that 12 %.');
    expect(orderSentence(order(0, 0, 0.3, 'd'), { responses: ['a'], swapped: false }, { kind: 'simulated', rule: 'animals', temperature: 1 })).toBe('The simulated labeler rated one text above another; it gives that 30 %.');
    expect(orderSentence(order(0, 1), pair, null)).toMatch(/^The judgement said /);
  });

  it('is never given nothing at all', () => {
    expect(orderSentence(order(0, 1, 0.004), pair, you)).toContain('it gives that less than 1 %.');
    expect(orderSentence(order(0, 1, 0.006), pair, you)).toContain('it gives that 1 %.');
  });
});

describe('the lists', () => {
  it('begin with how many there are, of both kinds where there are both', () => {
    expect(disputesReading({ learned: { ordered: 1200, against: 37 }, heldOut: { ordered: 100, against: 25 }, worst: [] })).toMatch(/^Of 1,200 judgements that it learned from it still contradicts 37; of 100 that were held out, 25\./);
    expect(disputesReading({ learned: { ordered: 1, against: 0 }, heldOut: { ordered: 0, against: 0 }, worst: [] })).toBe('Of 1 judgement that it learned from it still contradicts 0.');
    expect(disputesReading({ learned: { ordered: 0, against: 0 }, heldOut: { ordered: 0, against: 0 }, worst: [] })).toContain('nothing that it could contradict');
  });

  it('say what a pull is, or why there is none', () => {
    const pulls = [{ comparisonId: 'c', pull: 2.4, order: null }];
    expect(pullsReading(pulls, 'end-to-end')).toMatch(/^These pulled hardest/);
    expect(pullsReading([], 'end-to-end')).toMatch(/agreed with everything/);
    expect(pullsReading(undefined, 'modular')).toMatch(/ranking of all judgements/);
    expect(pullSentence(2.4, true)).toBe('This judgement pulled hardest: 2.4 times as hard as the average.');
    expect(pullSentence(1.9, false)).toBe('It pulled 1.9 times as hard as the average.');
  });

  it('explain their words', () => {
    const sentences = [disputesReading({ learned: { ordered: 9, against: 1 }, heldOut: { ordered: 3, against: 1 }, worst: [] }), pullsReading([{ comparisonId: 'c', pull: 2, order: null }], 'end-to-end')];
    expect(new Set(sentences.flatMap((sentence) => explainedParts(sentence, DISPUTE_TERMS).flatMap(({ of }) => of ?? [])))).toEqual(new Set(Object.values(DISPUTE_TERMS)));
  });
});
