import { expect, test } from 'vitest';
import { bytes, count, duration, millions, moment, percentWithin } from '../../../src/app/controls/wording';

test('one and many', () => {
  expect([count(0, 'pair'), count(1, 'pair'), count(1204, 'pair'), count(2, 'entry', 'entries')]).toEqual(['0 pairs', '1 pair', '1,204 pairs', '2 entries']);
});

test('an interval is its value and half its width, in whole per cent', () => {
  expect(percentWithin({ value: 0.743, low: 0.68, high: 0.8 })).toBe('74 % ± 6');
});

test('times are as coarse as estimates are', () => {
  expect([0.2, 20, 89, 90, 240, 3540, 3600, 4200].map(duration)).toEqual(['1 s', '20 s', '89 s', '2 min', '4 min', '59 min', '1 h', '1 h 10 min']);
});

test('a moment says its day and its time, and one that no date can hold that it is unknown', () => {
  expect(moment(new Date(2026, 10, 24, 9, 5).getTime())).toMatch(/24.*05/);
  expect([1e20, -1e20, NaN, Infinity].map(moment)).toEqual(Array.from({ length: 4 }, () => 'at an unknown time'));
});

test('sizes in decimal units', () => {
  expect([0, 999, 1000, 436_024, 4_340_000, 2.5e9].map(bytes)).toEqual(['0 bytes', '999 bytes', '1.0 kB', '436 kB', '4.3 MB', '2.5 GB']);
  expect(bytes(999_999)).toBe('1.0 MB');
  expect([216_512, 2_164_416].map(millions)).toEqual(['0.22 million', '2.2 million']);
});
