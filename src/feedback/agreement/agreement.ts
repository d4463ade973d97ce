import { bootstrapIntervals, type Interval } from '../bootstrap';
import { eachOf, finished } from '../steps';

/** A row for each thing that was judged, a column for each rater; null where a rater did not judge it. */
export type RatingTable<Value extends string | number = string | number> = readonly (readonly (Value | null)[])[];

/** How far raters agree, or why that cannot be said, in a sentence. */
export type Agreement =
  | {
      defined: true;
      /** 1 where they always agree; of κ and α, 0 where they agree as often as chance alone would have them. */
      value: number;
      /** Rows that counted. */
      rows: number;
    }
  | { defined: false; because: string };

/** What the coefficients say where no row was judged twice. */
export const NOBODY_TWICE: Agreement = { defined: false, because: 'Nothing was judged by two people, so there is nothing to compare.' };

/** What they say where chance alone would make everybody agree: 0 of 0. */
export const NO_VARIETY: Agreement = { defined: false, because: 'Everybody always gave one and the same answer, so agreement cannot be told from chance.' };

/** The ratings of each row, of the rows that have two or more. */
export function* comparable<Value extends string | number>(table: RatingTable<Value>): Generator<void, Value[][]> {
  const rows: Value[][] = [];
  yield* eachOf(table, (row) => {
    const given = row.filter((value) => value !== null);
    if (given.length >= 2) rows.push(given);
  });
  return rows;
}

/** How often each value occurs. */
export class Tally<Value> extends Map<Value, number> {
  add(value: Value): void {
    this.set(value, (this.get(value) ?? 0) + 1);
  }
}

/** Rows of a draw: enough for a coefficient to be nearly normal, few enough to be drawn many times while somebody waits. */
const DRAWN_ROWS = 200;

/**
 * The 95 % bootstrap interval of an agreement, over rows; null where too few draws
 * have it defined. Of a long table each draw has only n₀ of the n rows, and the
 * distance of its ends from the value itself is multiplied by √(n₀/n) (the m out of
 * n bootstrap of Bickel, Götze and van Zwet 1997).
 * @param uniform draws from [0, 1), once for every row of every draw
 */
export function* agreementInterval<Row>(table: readonly Row[], of: (table: readonly Row[]) => Generator<void, Agreement>, uniform: () => number, draws?: number): Generator<void, Interval | null> {
  const statistics = (sample: Row[]) => {
    const agreement = finished(of(sample));
    return agreement.defined ? [agreement.value] : null;
  };
  const size = Math.min(table.length, DRAWN_ROWS);
  const interval = (yield* bootstrapIntervals(table, statistics, uniform, draws, size))?.[0] ?? null;
  const whole = interval && size < table.length ? yield* of(table) : null;
  if (!interval || !whole?.defined) return interval;
  const scaled = (end: number) => whole.value + (end - whole.value) * Math.sqrt(size / table.length);
  return { low: scaled(interval.low), high: scaled(interval.high) };
}
