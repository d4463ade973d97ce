import { NO_VARIETY, NOBODY_TWICE, Tally, type Agreement, type RatingTable } from './agreement';
import { agreeing } from './percent';
import { eachOf } from '../steps';

/**
 * Fleiss' κ (1971) of several raters, not always the same ones: (P − P_e)/(1 −
 * P_e), where P is the share of pairs of raters that agree, and P_e the sum of the
 * squared shares of the answers. Rows that nobody judged are left out; the others
 * must have been judged by as many.
 */
export function* fleissKappa(table: RatingTable): Generator<void, Agreement> {
  const lengths = new Set<number>();
  const counts = new Tally<string | number>();
  let rows = 0;
  let agreed = 0;
  yield* eachOf(table, (row) => {
    const given = row.filter((value) => value !== null);
    if (given.length === 0) return;
    rows++;
    lengths.add(given.length);
    agreed += agreeing(given);
    for (const value of given) counts.add(value);
  });
  if (Math.max(...lengths) < 2) return NOBODY_TWICE;
  const [raters, other] = lengths;
  if (other !== undefined)
    return { defined: false, because: `The number of judgements differs: some have ${raters} and others ${other}, and Fleiss’ κ needs as many for each. Krippendorff’s α does not.` };
  const observed = agreed / rows;
  const expected = [...counts.values()].reduce((sum, count) => sum + (count / (rows * raters)) ** 2, 0);
  return expected === 1 ? NO_VARIETY : { defined: true, value: (observed - expected) / (1 - expected), rows };
}
