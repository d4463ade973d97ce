/** Where a noisy series is going; 'unclear' while there are fewer than four points. */
export type Trend = 'rising' | 'falling' | 'steady' | 'unclear';

/** Points that a trend looks back on. */
export const TREND_WINDOW = 12;

/** A slope counts when it is this many standard errors from zero: about 1 false alarm in 50 on pure noise. */
const STANDARD_ERRORS = 2.5;

/**
 * The trend of the last `window` values: an ordinary least-squares line whose
 * slope is compared with its own standard error.
 */
export function trendOf(values: readonly number[], window = TREND_WINDOW): Trend {
  const recent = values.filter(Number.isFinite).slice(-window);
  const n = recent.length;
  if (n < 4) return 'unclear';
  const middle = (n - 1) / 2;
  const mean = recent.reduce((sum, y) => sum + y, 0) / n;
  let spread = 0;
  let covariance = 0;
  recent.forEach((y, x) => {
    spread += (x - middle) ** 2;
    covariance += (x - middle) * (y - mean);
  });
  const slope = covariance / spread;
  const residual = recent.reduce((sum, y, x) => sum + (y - mean - slope * (x - middle)) ** 2, 0);
  const error = Math.sqrt(residual / (n - 2) / spread);
  // A constant series leaves only rounding in its slope.
  const rounding = 1e-9 * (1 + Math.abs(mean));
  if (Math.abs(slope) * n <= rounding || Math.abs(slope) <= STANDARD_ERRORS * error) return 'steady';
  return slope > 0 ? 'rising' : 'falling';
}
