import { quantile } from './quantile';

/** A 95 % interval. */
export interface Interval {
  low: number;
  high: number;
}

/**
 * Percentile bootstrap (Efron 1979): what the statistics would have been on other
 * units of the same kind, found by drawing as many of these with replacement and
 * keeping the middle 95 %. Null where fewer than two units are given, or half of
 * the draws leave the statistics undefined. It pauses after each draw.
 * @param units what was drawn independently: texts with all their judgements, say, not single judgements
 * @param statistics of one draw, always as many, or null where they are undefined
 * @param uniform draws from [0, 1), once for every unit of every draw
 * @param size units of each draw; fewer than there are spread wider, by the root of the ratio
 */
export function* bootstrapIntervals<Unit>(
  units: readonly Unit[],
  statistics: (sample: Unit[]) => ArrayLike<number> | null,
  uniform: () => number,
  draws = 1000,
  size = units.length,
): Generator<void, Interval[] | null> {
  if (units.length < 2) return null;
  const found: ArrayLike<number>[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const sample = Array.from({ length: size }, () => units[Math.floor(uniform() * units.length)]);
    const values = statistics(sample);
    if (values) found.push(values);
    yield;
  }
  if (found.length <= draws / 2) return null;
  return Array.from(found[0], (_, i) => {
    const sorted = Float64Array.from(found, (values) => values[i]).sort();
    return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  });
}
