import type { MeanInterval } from './protocol';

/** 97.5 % quantile of the standard normal. */
const Z = 1.959964;

/** Mean, sample standard deviation and normal 95 % interval of at least two values. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const margin = (Z * std) / Math.sqrt(n);
  return { mean, std, low: mean - margin, high: mean + margin, n };
}
