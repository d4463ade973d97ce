import { shuffled } from './chance';

/*
 * Which items are judged together, where there are only items and no prompt
 * that groups them. All functions name items by their places, 0 … n − 1, and
 * repeat exactly with the same draws.
 */

/** Two items in as many ways as there are. */
export const mostPairs = (n: number): number => (n * (n - 1)) / 2;

/**
 * A balanced design of pairs: no pair twice, never an item with itself; each item
 * is in about 2 · pairs / n of them, for after any number of pairs how often two
 * items have been shown differs by two at most, up to the first n by one; and
 * from n − 1 pairs on, a chain of comparisons leads from each item to each other,
 * without which they could not be put on one scale (Ford 1957).
 *
 * The items stand in a ring in random order, and a round pairs each with the one
 * k places on. Distance 1 comes first: its first n − 1 pairs join all. The others
 * follow in random order, for a graph of few distances has long detours. This
 * is the cyclic design of David (1963, “The Method of Paired Comparisons”).
 *
 * @param pairs from 0 to {@link mostPairs}
 * @param uniform draws from [0, 1)
 * @throws RangeError
 */
export function balancedPairs(n: number, pairs: number, uniform: () => number): [number, number][] {
  if (!Number.isInteger(pairs) || pairs < 0 || pairs > mostPairs(n)) throw new RangeError(`Of ${n} items there are from 0 to ${mostPairs(n)} pairs, not ${pairs}.`);
  const ring = shuffled(n, uniform);
  const distances = [1, ...shuffled(Math.max(0, Math.floor(n / 2) - 1), uniform).map((i) => i + 2)];
  const drawn: [number, number][] = [];
  for (const distance of distances) {
    if (drawn.length >= pairs) break;
    drawn.push(...roundOf(n, distance).map(([a, b]): [number, number] => [ring[a], ring[b]]));
  }
  return drawn.slice(0, pairs);
}

/**
 * Every place of a ring with the one `distance` on, each pair once. Those steps
 * walk gcd(n, distance) cycles; every other pair of each comes first, so that
 * half a round has shown all items already.
 */
function roundOf(n: number, distance: number): [number, number][] {
  // Halfway round, both steps of a pair are the same.
  if (2 * distance === n) return Array.from({ length: distance }, (_, i) => [i, i + distance]);
  const halves: [[number, number][], [number, number][]] = [[], []];
  const cycles = gcd(n, distance);
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (let step = 0; step < n / cycles; step++) {
      const at = (cycle + step * distance) % n;
      halves[step % 2].push([at, (at + distance) % n]);
    }
  }
  return halves.flat();
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * Groups of `size` different items. They are dealt like cards from one shuffled
 * pack after another, so that after any number of groups, how often two items
 * have been shown differs by one at most.
 * @param size from 1 to n
 * @param uniform draws from [0, 1)
 * @throws RangeError
 */
export function balancedGroups(n: number, size: number, groups: number, uniform: () => number): number[][] {
  if (!Number.isInteger(size) || size < 1 || size > n) throw new RangeError(`A group of ${n} items has from 1 to ${n} of them, not ${size}.`);
  let pack: number[] = [];
  return Array.from({ length: groups }, () => {
    const group = pack.splice(0, size);
    if (group.length < size) {
      pack = shuffled(n, uniform);
      while (group.length < size) group.push(...pack.splice(pack.findIndex((item) => !group.includes(item)), 1));
    }
    return group;
  });
}
