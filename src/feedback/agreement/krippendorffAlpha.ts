import { comparable, NO_VARIETY, NOBODY_TWICE, Tally, type Agreement, type RatingTable } from './agreement';
import { eachOf } from '../steps';

/** What may be said of two answers: that they differ; which is more; by how much. */
export type Level = 'nominal' | 'ordinal' | 'interval';

/**
 * Krippendorff's α (2011, "Computing Krippendorff's Alpha-Reliability"): 1 −
 * D_o/D_e, the mean difference between two answers about one row over that between
 * any two. Any number of raters; rows that fewer than two judged say nothing. Of
 * ordinal answers the difference is the number of answers from one to the other,
 * half of each end, squared; of others it is 0 or 1, or the squared distance.
 */
export function krippendorffAlpha(table: RatingTable, level: 'nominal'): Generator<void, Agreement>;
export function krippendorffAlpha(table: RatingTable<number>, level: Level): Generator<void, Agreement>;
export function* krippendorffAlpha(table: RatingTable, level: Level): Generator<void, Agreement> {
  const rows = yield* comparable(table);
  if (rows.length === 0) return NOBODY_TWICE;
  const tally = new Tally<string | number>();
  yield* eachOf(rows, (row) => row.forEach((value) => tally.add(value)));
  const counts = [...tally].sort(([a], [b]) => Number(a) - Number(b));
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (counts.length === 1) return NO_VARIETY;
  const places = placesOf(counts, level);
  const difference = (a: string | number, b: string | number) => (level === 'nominal' ? Number(a !== b) : (places.get(a)! - places.get(b)!) ** 2);
  // Each row counts as often as it was judged.
  let sum = 0;
  yield* eachOf(rows, (row) => (sum += within(row, difference) / (row.length - 1)));
  const observed = sum / total;
  const expected = pairwise(counts, difference) / (total * (total - 1));
  return { defined: true, value: 1 - observed / expected, rows: rows.length };
}

/** Where each value stands on a line on which the difference of two is their distance, squared. */
function placesOf(sorted: readonly (readonly [string | number, number])[], level: Level): Map<string | number, number> {
  let below = 0;
  return new Map(
    sorted.map(([value, count]) => {
      below += count;
      return [value, level === 'ordinal' ? below - count / 2 : Number(value)];
    }),
  );
}

/** Sum of the differences over all ordered pairs of a row. */
function within<Value>(row: readonly Value[], difference: (a: Value, b: Value) => number): number {
  let sum = 0;
  for (let a = 0; a < row.length; a++) for (let b = a + 1; b < row.length; b++) sum += difference(row[a], row[b]);
  return 2 * sum;
}

/** The same over many values, of which each comes so often. */
function pairwise<Value>(counts: readonly (readonly [Value, number])[], difference: (a: Value, b: Value) => number): number {
  return counts.reduce((sum, [a, n]) => sum + counts.reduce((inner, [b, m]) => inner + n * m * difference(a, b), 0), 0);
}
