import { agreementInterval, type Agreement, type RatingTable } from '../agreement/agreement';
import { cohenKappa } from '../agreement/cohenKappa';
import { fleissKappa } from '../agreement/fleissKappa';
import { krippendorffAlpha } from '../agreement/krippendorffAlpha';
import { percentAgreement } from '../agreement/percent';
import type { Interval } from '../bootstrap';
import { drawsFrom } from '../chance';
import { proportion } from '../proportion';
import { eachOf } from '../steps';
import type { LabelerTables } from './labelers';
import type { Measure } from './statements';

/** Share of equal answers; Cohen's κ of two people, Fleiss' of more; Krippendorff's α. */
export const COEFFICIENTS = ['percent', 'kappa', 'alpha'] as const;
export type Coefficient = (typeof COEFFICIENTS)[number];

/** A coefficient of agreement with its 95 % interval, null where that cannot be told. */
export interface Estimate {
  agreement: Agreement;
  interval: Interval | null;
}

/** People whose answers of one measure are compared: two of them, or all where there are more. */
export interface Group {
  measure: Measure;
  /** Rater keys. */
  who: string[];
  /** Things that at least two of them judged. */
  rows: number;
  /** Takes a while: hundreds of draws. */
  estimate(coefficient: Coefficient): Generator<void, Estimate>;
}

/** Why κ is not given for ranks and ratings. */
export const KAPPA_OF_SCALES: Agreement = { defined: false, because: 'On a scale κ would count a near miss as a miss. Read α, which knows how far two answers lie apart.' };

/** Every two people and all together, for each measure in which two of them judged the same thing. */
export function* labelerGroups({ people, tables }: Pick<LabelerTables, 'people' | 'tables'>): Generator<void, Group[]> {
  const keys = [...people.keys()];
  const groups: Group[] = [];
  for (const [measure, table] of tables) {
    const present = keys.flatMap((_, column) => (table.some((row) => row[column] !== null) ? [column] : []));
    const pairs = present.flatMap((one, i) => present.slice(i + 1).map((other) => [one, other]));
    for (const columns of present.length > 2 ? [present, ...pairs] : pairs) {
      const rows: (string | number | null)[][] = [];
      yield* eachOf(table, (row) => {
        const theirs = columns.map((column) => row[column]);
        if (theirs.filter((value) => value !== null).length >= 2) rows.push(theirs);
      });
      const of = (coefficient: Coefficient) => estimate(rows, coefficient, COEFFICIENT[coefficient](measure, columns.length), columns.length);
      if (rows.length > 0) groups.push({ measure, who: columns.map((column) => keys[column]), rows: rows.length, estimate: of });
    }
  }
  return groups;
}

const isScale = (measure: Measure) => measure !== 'pair' && measure !== 'thumb';

// Of the kind of those that take a while.
function* kappaOfScales(): Generator<void, Agreement> {
  return KAPPA_OF_SCALES;
}

type Of = (table: RatingTable) => Generator<void, Agreement>;

const COEFFICIENT: Record<Coefficient, (measure: Measure, people: number) => Of> = {
  percent: () => percentAgreement,
  kappa: (measure, people) => (isScale(measure) ? kappaOfScales : people === 2 ? (table) => cohenKappa(table as Parameters<typeof cohenKappa>[0]) : fleissKappa),
  alpha: (measure) => (table) => (isScale(measure) ? krippendorffAlpha(table as RatingTable<number>, 'ordinal') : krippendorffAlpha(table, 'nominal')),
};

/** Of fewer rows a bootstrap is far too sure of itself. */
export const FEWEST_ROWS = 10;
// Any would do; a fixed one gives the same interval for the same log.
const SEED = 1;
// Each takes its time; with so many the ends are steady to a tenth of the interval.
const DRAWS = 500;

/** Of two people the share of equal answers is a proportion like any other; the rest is drawn again. Draws that are all alike say nothing of what else might have been. */
function* estimate(rows: RatingTable, coefficient: Coefficient, of: Of, people: number): Generator<void, Estimate> {
  const agreement = yield* of(rows);
  if (!agreement.defined) return { agreement, interval: null };
  if (coefficient === 'percent' && people === 2) return { agreement, interval: proportion(Math.round(agreement.value * rows.length), rows.length) };
  const interval = rows.length < FEWEST_ROWS ? null : yield* agreementInterval(rows, of, drawsFrom(SEED), DRAWS);
  return { agreement, interval: interval && interval.low < interval.high ? interval : null };
}
