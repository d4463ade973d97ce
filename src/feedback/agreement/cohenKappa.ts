import { comparable, NO_VARIETY, NOBODY_TWICE, Tally, type Agreement } from './agreement';
import { eachOf } from '../steps';

/**
 * Cohen's κ (1960) of two raters: (p_o − p_e)/(1 − p_e), where p_o is how often
 * they agree on what both judged, and p_e how often they would if each drew
 * answers as often as given, but blindly.
 */
export function* cohenKappa(table: readonly (readonly [string | number | null, string | number | null])[]): Generator<void, Agreement> {
  const rows = yield* comparable(table);
  const n = rows.length;
  if (n === 0) return NOBODY_TWICE;
  let same = 0;
  const [ours, theirs] = [new Tally<string | number>(), new Tally<string | number>()];
  yield* eachOf(rows, ([one, other]) => {
    if (one === other) same++;
    ours.add(one);
    theirs.add(other);
  });
  const observed = same / n;
  const expected = [...ours].reduce((sum, [value, count]) => sum + (count / n) * ((theirs.get(value) ?? 0) / n), 0);
  return expected === 1 ? NO_VARIETY : { defined: true, value: (observed - expected) / (1 - expected), rows: n };
}
