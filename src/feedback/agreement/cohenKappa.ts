import { comparable, NO_VARIETY, NOBODY_TWICE, tally, type Agreement } from './agreement';

/**
 * Cohen's κ (1960) of two raters: (p_o − p_e)/(1 − p_e), where p_o is how often
 * they agree on what both judged, and p_e how often they would if each drew
 * answers as often as given, but blindly.
 */
export function cohenKappa(table: readonly (readonly [string | number | null, string | number | null])[]): Agreement {
  const rows = comparable(table);
  const n = rows.length;
  if (n === 0) return NOBODY_TWICE;
  const observed = rows.filter(([one, other]) => one === other).length / n;
  const theirs = tally(rows.map(([, other]) => other));
  const expected = [...tally(rows.map(([one]) => one))].reduce((sum, [value, count]) => sum + (count / n) * ((theirs.get(value) ?? 0) / n), 0);
  return expected === 1 ? NO_VARIETY : { defined: true, value: (observed - expected) / (1 - expected), rows: n };
}
