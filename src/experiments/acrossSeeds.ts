/** A number over several seeds. */
export interface AcrossSeeds {
  mean: number;
  /** 95 % confidence limits of the mean; both are the mean itself where there is one seed only. */
  low: number;
  high: number;
  n: number;
}

/** 97.5 % quantiles of Student's t with 1, 2, … degrees of freedom. Few seeds have wide intervals. */
const T_QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145];

/** Mean of a number that was measured once for each seed, with Student's interval, mean ± t·s/√n. Throws RangeError for no number. */
export function acrossSeeds(values: readonly number[]): AcrossSeeds {
  const n = values.length;
  if (n === 0) throw new RangeError('There is no seed to take a mean over.');
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, low: mean, high: mean, n };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = (T_QUANTILES[n - 2] ?? 1.96) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half, n };
}
