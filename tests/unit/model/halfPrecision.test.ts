import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/model/halfPrecision';

it.each([
  [0x0000, 0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x0001, 2 ** -24],
  [0x03ff, 2 ** -14 - 2 ** -24],
  [0x0400, 2 ** -14],
  [0x7bff, 65_504],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
])('half %i is %d', (bits, value) => {
  expect(fromHalf(bits)).toBe(value);
  expect(toHalf(value)).toBe(bits);
});

it('keeps every half through a float', () => {
  for (let bits = 0; bits < 0x1_0000; bits++) {
    const value = fromHalf(bits);
    if (!Number.isNaN(value)) expect(toHalf(value)).toBe(bits);
  }
  expect(fromHalf(toHalf(NaN))).toBeNaN();
});

it('rounds to the nearest half, ties to the even one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7bfe }), fc.double({ min: 0, max: 1, noNaN: true }), (bits, place) => {
      const [low, high] = [fromHalf(bits), fromHalf(bits + 1)];
      const value = low + place * (high - low);
      const nearest = value - low === high - value ? bits + (bits & 1) : value - low < high - value ? bits : bits + 1;
      expect(toHalf(value)).toBe(nearest);
      expect(toHalf(-value)).toBe(nearest | 0x8000);
    }),
    { seed: 1, numRuns: 2000, examples: [[0, 0.5], [1, 0.5], [0x3c00, 0.5], [0x3c01, 0.5], [0x7bfe, 1]] },
  );
});
