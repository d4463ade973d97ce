import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countKinds, minibatches, shares, stepsOf, type KindCount } from '../../../src/reward/minibatches';
import type { Kind, Preference } from '../../../src/reward/preference';
import { RandomStream } from '../../../src/tensor/random';

const KINDS: Kind[] = ['pair', 'ranking', 'rating', 'thumb'];
const counts = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 4 });
const countsOf = (numbers: readonly number[]) => new Map(numbers.map((judgements, i): [Kind, KindCount] => [KINDS[i], { judgements, texts: i + 1 }]));

describe('the minibatches of an epoch', () => {
  it('have one shape, hold every judgement once, and are no more than without mixing', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 1000 }), (numbers, size, seed) => {
        const kinds = countsOf(numbers);
        const examples = [...kinds].flatMap(([kind, { judgements }]) => Array.from({ length: judgements }, (_, i) => ({ kind, name: `${kind} ${i}` })));
        const steps = minibatches(examples, kinds, new RandomStream(seed).permutation(examples.length), size);
        const shapes = steps.map((parts) => parts.map(({ kind, texts, filled }) => `${kind} ${texts} × ${filled.length}`).join());
        expect(new Set(shapes).size).toBe(1);
        const seen = steps.flatMap((parts) => parts.flatMap(({ filled, counted }) => filled.slice(0, counted).map(({ name }) => name)));
        expect(seen.sort()).toEqual(examples.map(({ name }) => name).sort());
        for (const { kind, filled } of steps.flat()) expect(filled.every((example) => example.kind === kind)).toBe(true);
        expect(steps).toHaveLength(stepsOf([...kinds.values()], size));
        expect(steps.length).toBeLessThanOrEqual(Math.ceil(examples.length / Math.min(size, examples.length)));
        // No step without a judgement, whose mean would be 0/0.
        expect(steps.every((parts) => parts.some(({ counted }) => counted > 0))).toBe(true);
        expect(shares([...kinds.values()], size).reduce((a, b) => a + b)).toBeLessThan(Math.min(size, examples.length) + kinds.size);
      }),
      { seed: 1 },
    );
  });

  it('of one kind are slices of the order', () => {
    const examples = [...'abcdefg'].map((name) => ({ kind: 'pair' as const, name }));
    const steps = minibatches(examples, countsOf([7]), Int32Array.of(6, 5, 4, 3, 2, 1, 0), 3);
    expect(steps.map(([{ filled, counted }]) => [filled.map(({ name }) => name).join(''), counted])).toEqual([['gfe', 3], ['dcb', 3], ['aaa', 1]]);
  });
});

it('counts judgements by what they teach, and the most texts that one speaks of', () => {
  const judged = (verdict: Preference['verdict'], responses: string[]): Preference => ({ comparisonId: 'c', prompt: 'p', responses, swapped: false, verdict });
  const texts = ['a', 'b', 'c', 'd'];
  expect(
    countKinds([
      judged('tie', ['a', 'b']),
      judged({ kind: 'rewrite', response: 0, text: 'A' }, ['a']),
      judged({ kind: 'ranking', groups: [[0], [1]] }, texts),
      judged({ kind: 'ranking', groups: [[0], [1]] }, ['a', 'b']),
      judged({ kind: 'thumb', response: 3, up: true }, texts),
    ]),
  ).toEqual(
    new Map([
      ['pair', { judgements: 2, texts: 2 }],
      ['ranking', { judgements: 2, texts: 4 }],
      ['thumb', { judgements: 1, texts: 1 }],
    ]),
  );
});
