import { expect, it } from 'vitest';
import { inTens, toGo } from '../../../src/app/collect/progressWords';

it('says how many are to go so that hardly an answer changes it', () => {
  expect([0, 1, 9, 10, 14, 15, 96].map(toGo)).toEqual(['0 to go', 'fewer than 10 to go', 'fewer than 10 to go', 'about 10 to go', 'about 10 to go', 'about 20 to go', 'about 100 to go']);
  // Of a thousand items that are judged one after the other, one in ten changes it.
  const said = Array.from({ length: 1000 }, (_, open) => toGo(open));
  expect(new Set(said).size).toBeLessThanOrEqual(102);
  expect([0, 4, 5, 96].map(inTens)).toEqual([0, 0, 10, 100]);
});
