/** A proportion with its 95 % interval. */
export interface Proportion {
  value: number;
  low: number;
  high: number;
  n: number;
}

/** Two-sided 95 % point of the standard normal. */
const Z = 1.959963984540054;

/**
 * `successes` of `n` with the score interval of Wilson (1927), which stays
 * within [0, 1] and is honest at small n. Null where nothing was counted.
 */
export function proportion(successes: number, n: number): Proportion | null {
  if (n === 0) return null;
  const value = successes / n;
  const scale = 1 / (1 + Z ** 2 / n);
  const centre = (value + Z ** 2 / (2 * n)) * scale;
  const half = Z * Math.sqrt((value * (1 - value)) / n + Z ** 2 / (4 * n ** 2)) * scale;
  // Rounding alone could carry the ends past the value at 0 and 1.
  return { value, low: Math.min(value, centre - half), high: Math.max(value, centre + half), n };
}
