import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawsFrom } from '../../../src/feedback/chance';
import { balancedGroups, balancedPairs, mostPairs } from '../../../src/feedback/pairing';

/** How often each of n items is in these. */
function appearances(n: number, sets: readonly (readonly number[])[]): number[] {
  return Array.from({ length: n }, (_, item) => sets.filter((set) => set.includes(item)).length);
}

const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

/** How many items can be reached from the first, going from pair to pair. */
function reached(pairs: readonly (readonly [number, number])[]): number {
  const seen = new Set([pairs[0][0]]);
  for (let before = -1; before !== seen.size; ) {
    before = seen.size;
    for (const [a, b] of pairs) if (seen.has(a) || seen.has(b)) seen.add(a).add(b);
  }
  return seen.size;
}

const designs = fc.integer({ min: 2, max: 40 }).chain((n) => fc.record({ n: fc.constant(n), pairs: fc.integer({ min: 1, max: mostPairs(n) }), seed: fc.nat() }));

describe('a design of pairs', () => {
  it('never pairs an item with itself, and no two twice', () => {
    fc.assert(
      fc.property(designs, ({ n, pairs, seed }) => {
        const drawn = balancedPairs(n, pairs, drawsFrom(seed));
        expect(drawn).toHaveLength(pairs);
        for (const pair of drawn) for (const item of pair) expect(item >= 0 && item < n && Number.isInteger(item)).toBe(true);
        expect(new Set(drawn.map(([a, b]) => `${Math.min(a, b)} ${Math.max(a, b)}`)).size).toBe(pairs);
        expect(drawn.every(([a, b]) => a !== b)).toBe(true);
      }),
    );
  });

  it('shows all items about equally often, whenever one stops', () => {
    fc.assert(
      fc.property(designs, ({ n, pairs, seed }) => {
        const counts = appearances(n, balancedPairs(n, pairs, drawsFrom(seed)));
        expect(spread(counts)).toBeLessThanOrEqual(pairs <= n ? 1 : 2);
      }),
    );
  });

  it('joins all items from the fewest pairs on that can', () => {
    fc.assert(
      fc.property(designs, ({ n, pairs, seed }) => {
        const drawn = balancedPairs(n, pairs, drawsFrom(seed));
        if (pairs >= n - 1) expect(reached(drawn)).toBe(n);
      }),
    );
  });

  it('of the most pairs is all of them, so each item is in n − 1', () => {
    for (const n of [2, 3, 4, 9, 12, 25]) expect(appearances(n, balancedPairs(n, mostPairs(n), drawsFrom(1)))).toEqual(Array(n).fill(n - 1));
  });

  it('repeats with its seed, and is another with another', () => {
    const draw = (seed: number) => balancedPairs(12, 20, drawsFrom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(8)).not.toEqual(draw(7));
  });

  it('pairs any two about as often as any other two, over many seeds', () => {
    // 4 pairs of 6 items: each of the 15 pairs with chance 4/15.
    const times = 6000;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < times; seed++) for (const pair of balancedPairs(6, 4, drawsFrom(seed))) counts.set([...pair].sort().join(), (counts.get([...pair].sort().join()) ?? 0) + 1);
    const chance = 4 / 15;
    // Five standard errors: 15 counts are looked at.
    for (const n of counts.values()) expect(Math.abs(n / times - chance)).toBeLessThan(5 * Math.sqrt((chance * (1 - chance)) / times));
    expect(counts.size).toBe(15);
  });

  it('refuses more pairs than there are, and parts of one', () => {
    expect(() => balancedPairs(3, 4, drawsFrom(1))).toThrow(RangeError);
    expect(() => balancedPairs(3, 1.5, drawsFrom(1))).toThrow(RangeError);
    expect(() => balancedPairs(1, 1, drawsFrom(1))).toThrow(RangeError);
    expect(balancedPairs(1, 0, drawsFrom(1))).toEqual([]);
  });
});

describe('a design of groups', () => {
  const groupings = fc.integer({ min: 2, max: 30 }).chain((n) => fc.record({ n: fc.constant(n), size: fc.integer({ min: 1, max: Math.min(6, n) }), groups: fc.integer({ min: 1, max: 60 }), seed: fc.nat() }));

  it('has no item twice in a group, and shows all equally often but for one', () => {
    fc.assert(
      fc.property(groupings, ({ n, size, groups, seed }) => {
        const drawn = balancedGroups(n, size, groups, drawsFrom(seed));
        expect(drawn).toHaveLength(groups);
        for (const group of drawn) expect(new Set(group).size).toBe(size);
        expect(spread(appearances(n, drawn))).toBeLessThanOrEqual(1);
        expect(Math.max(...drawn.flat())).toBeLessThan(n);
      }),
    );
  });

  it('refuses a group that is larger than all', () => {
    expect(() => balancedGroups(3, 4, 1, drawsFrom(1))).toThrow(RangeError);
  });
});
