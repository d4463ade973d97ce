import type { RewardReport } from './settings';

/** A stated probability and what came of it. */
export interface Forecast {
  probability: number;
  happened: boolean;
}

const BINS = 10;

/**
 * Forecasts in ten equal-width bins, the empty ones left out, and the expected
 * calibration error Σ n_b/n·|observed_b − predicted_b| (Naeini et al. 2015).
 */
export function calibrationOf(forecasts: readonly Forecast[]): { bins: RewardReport['calibration']; error: number } {
  const bins: RewardReport['calibration'] = [];
  let error = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const members = forecasts.filter(({ probability }) => Math.min(BINS - 1, Math.floor(probability * BINS)) === bin);
    const n = members.length;
    if (n === 0) continue;
    const predicted = members.reduce((sum, { probability }) => sum + probability, 0) / n;
    const observed = members.filter(({ happened }) => happened).length / n;
    bins.push({ low: bin / BINS, high: (bin + 1) / BINS, predicted, observed, n });
    error += (n / forecasts.length) * Math.abs(observed - predicted);
  }
  return { bins, error };
}
