/** What repetitions of one measurement say. */
export interface Spread {
  median: number;
  /** First and third quartile; of two or three repetitions the smallest and the largest. */
  low: number;
  high: number;
  n: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const few = sorted.length < 4;
  return { median: quantile(sorted, 0.5), low: quantile(sorted, few ? 0 : 0.25), high: quantile(sorted, few ? 1 : 0.75), n: sorted.length };
}

/** Of sorted values, by linear interpolation; NaN of nothing. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}
