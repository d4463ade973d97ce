import { comparable, NOBODY_TWICE, type Agreement, type RatingTable } from './agreement';
import { eachOf } from '../steps';

/** Share of the pairs of raters of a row that gave the same answer, as a mean over the rows that two or more judged. */
export function* percentAgreement(table: RatingTable): Generator<void, Agreement> {
  const rows = yield* comparable(table);
  if (rows.length === 0) return NOBODY_TWICE;
  let sum = 0;
  yield* eachOf(rows, (row) => (sum += agreeing(row)));
  return { defined: true, value: sum / rows.length, rows: rows.length };
}

/** Of the pairs of these ratings, the share that are equal; at least two ratings. */
export function agreeing(ratings: readonly (string | number)[]): number {
  const n = ratings.length;
  let equal = 0;
  for (let a = 0; a < n; a++) for (let b = a + 1; b < n; b++) if (ratings[a] === ratings[b]) equal++;
  return equal / ((n * (n - 1)) / 2);
}
