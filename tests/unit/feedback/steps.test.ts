import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachOf, finished, mapOf, sortOf } from '../../../src/feedback/steps';

/** How often it paused. */
function pauses(work: Generator<void, unknown>): number {
  let pauses = 0;
  while (!work.next().done) pauses++;
  return pauses;
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('work in steps', () => {
  it('takes every value once, in turn', () => {
    const seen: number[] = [];
    finished(eachOf(numbers(1000), (value) => void seen.push(value)));
    expect(seen).toEqual(numbers(1000));
    expect(finished(mapOf(numbers(1000), (value) => 2 * value))).toEqual(numbers(1000).map((value) => 2 * value));
  });

  it('pauses more often, the more there is', () => {
    for (const work of [(n: number) => eachOf(numbers(n), () => undefined), (n: number) => sortOf(numbers(n), (a, b) => b - a)]) {
      expect(pauses(work(10))).toBe(0);
      expect(pauses(work(10_000))).toBeGreaterThan(100);
    }
  });

  it('sorts as an array does, equals as they came', () => {
    const order = (a: [number, number], b: [number, number]) => a[0] - b[0];
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 700 }), (values) => {
        const given = values.map((value, place): [number, number] => [value, place]);
        expect(finished(sortOf(given, order))).toEqual(given.toSorted(order));
      }),
    );
  });
});
