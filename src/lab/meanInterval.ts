import type { MeanInterval } from './protocol';

/** 97.5 % quantile of the standard normal. */
const Z = 1.959964;

/**
 * Mean and sample standard deviation of at least two values, with a normal 95 %
 * interval that answers for new clusters, not only for new values in these: its
 * standard error is √(G/(G − 1)·Σ_g(Σ_{i∈g}(x_i − mean))²)/n, of a mean over
 * whole clusters of unequal sizes (Cochran 1977, Sampling Techniques, ch. 9A;
 * Miller 2024, "Adding Error Bars to Evals"). Too narrow for a few clusters.
 * @param clusters which cluster each value is of, at least two different ones; without it each is its own
 */
export function meanInterval(values: readonly number[], clusters: readonly unknown[] = values.map((_, i) => i)): MeanInterval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const excess = new Map<unknown, number>();
  values.forEach((value, i) => excess.set(clusters[i], (excess.get(clusters[i]) ?? 0) + value - mean));
  const G = excess.size;
  const margin = (Z / n) * Math.sqrt([...excess.values()].reduce((sum, one) => sum + one ** 2, 0) * (G / (G - 1)));
  return { mean, std, low: mean - margin, high: mean + margin, n };
}
