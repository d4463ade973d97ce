import { comparable, NO_VARIETY, NOBODY_TWICE, tally, type Agreement, type RatingTable } from './agreement';
import { agreeing } from './percent';

/**
 * Fleiss' κ (1971) of several raters, not always the same ones: (P − P_e)/(1 −
 * P_e), where P is the share of pairs of raters that agree, and P_e the sum of the
 * squared shares of the answers. Rows that nobody judged are left out; the others
 * must have been judged by as many.
 */
export function fleissKappa(table: RatingTable): Agreement {
  const rows = table.map((row) => row.filter((value) => value !== null)).filter(({ length }) => length > 0);
  if (comparable(rows).length === 0) return NOBODY_TWICE;
  const [raters, other] = new Set(rows.map(({ length }) => length));
  if (other !== undefined)
    return { defined: false, because: `The number of judgements differs: some have ${raters} and others ${other}, and Fleiss’ κ needs as many for each. Krippendorff’s α does not.` };
  const observed = rows.reduce((sum, row) => sum + agreeing(row), 0) / rows.length;
  const expected = [...tally(rows.flat()).values()].reduce((sum, count) => sum + (count / (rows.length * raters)) ** 2, 0);
  return expected === 1 ? NO_VARIETY : { defined: true, value: (observed - expected) / (1 - expected), rows: rows.length };
}
