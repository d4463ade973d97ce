import { comparable, NOBODY_TWICE, type Agreement, type RatingTable } from './agreement';

/** Share of the pairs of raters of a row that gave the same answer, as a mean over the rows that two or more judged. */
export function percentAgreement(table: RatingTable): Agreement {
  const rows = comparable(table);
  if (rows.length === 0) return NOBODY_TWICE;
  return { defined: true, value: rows.reduce((sum, row) => sum + agreeing(row), 0) / rows.length, rows: rows.length };
}

/** Of the pairs of these ratings, the share that are equal; at least two ratings. */
export function agreeing(ratings: readonly (string | number)[]): number {
  const n = ratings.length;
  let equal = 0;
  for (let a = 0; a < n; a++) for (let b = a + 1; b < n; b++) if (ratings[a] === ratings[b]) equal++;
  return equal / ((n * (n - 1)) / 2);
}
