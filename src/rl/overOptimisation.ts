/*
 * How the gold score rises and falls as a policy is optimised against a proxy
 * (Gao et al. 2022, "Scaling Laws for Reward Model Overoptimization", §3.1), with
 * d = √KL(π‖π_ref): best-of-n d(α − βd), reinforcement learning d(α − β log d).
 * Gold is counted from the reference policy's, so that it is 0 at d = 0.
 */

export type OptimisedBy = 'best-of-n' | 'rl';

/** A policy on its way. */
export interface OptimisedPoint {
  /** Nats a response, at least 0. */
  kl: number;
  /** Gold score less that of the reference. */
  gold: number;
}

export interface OverOptimisationFit {
  by: OptimisedBy;
  /** Gold units for each √nat: how fast it rises at first. */
  alpha: number;
  /** How fast that wears off. */
  beta: number;
  /** Standard errors, by the points' scatter about the curve. */
  alphaError: number;
  betaError: number;
  /** Where the fitted gold score is highest; null where it never turns. */
  peak: OptimisedPoint | null;
}

/** What α and −β are multiplied by. Both forms are 0 at d = 0, where log d has no value. */
const TERMS: Record<OptimisedBy, (d: number) => [number, number]> = {
  'best-of-n': (d) => [d, -d * d],
  rl: (d) => [d, d === 0 ? 0 : -d * Math.log(d)],
};

/** The fitted gold score at a KL of `kl` nats. */
export function goldAt({ by, alpha, beta }: Pick<OverOptimisationFit, 'by' | 'alpha' | 'beta'>, kl: number): number {
  const [rise, wear] = TERMS[by](Math.sqrt(kl));
  return alpha * rise + beta * wear;
}

/**
 * Ordinary least squares for α and β; standard errors are √(s²·(XᵀX)⁻¹) with s²
 * = residual sum of squares / (points − 2). Throws RangeError for a KL that is
 * negative or anything not finite, and for fewer than three points or points
 * that do not lie at two different distances beyond 0.
 */
export function fitOverOptimisation(points: readonly OptimisedPoint[], by: OptimisedBy): OverOptimisationFit {
  if (points.some(({ kl, gold }) => !(kl >= 0) || !Number.isFinite(kl) || !Number.isFinite(gold))) throw new RangeError('A KL below 0, or a number that is not finite, cannot be fitted. Leave out that point.');
  if (points.length < 3) throw new RangeError(`There are ${points.length} points, and at least 3 are needed for two coefficients and their errors.`);
  const rows = points.map(({ kl, gold }) => ({ x: TERMS[by](Math.sqrt(kl)), gold }));
  const sumOf = (f: (row: (typeof rows)[0]) => number) => rows.reduce((sum, row) => sum + f(row), 0);
  const [a, b, c] = [sumOf(({ x }) => x[0] * x[0]), sumOf(({ x }) => x[0] * x[1]), sumOf(({ x }) => x[1] * x[1])];
  const [u, v] = [sumOf(({ x, gold }) => x[0] * gold), sumOf(({ x, gold }) => x[1] * gold)];
  const determinant = a * c - b * b;
  // By Cauchy and Schwarz it is 0 exactly where both terms are proportional; what rounding leaves of that is as useless.
  if (!(determinant > 1e-12 * a * c)) throw new RangeError('All points lie at the same distance, so nothing says how the gold score changes with it. Add points at other KLs.');
  const alpha = (c * u - b * v) / determinant;
  const beta = (a * v - b * u) / determinant;
  const residuals = sumOf(({ x, gold }) => (gold - alpha * x[0] - beta * x[1]) ** 2);
  const variance = residuals / (points.length - 2);
  const [alphaError, betaError] = [Math.sqrt((variance * c) / determinant), Math.sqrt((variance * a) / determinant)];
  return { by, alpha, beta, alphaError, betaError, peak: peakOf(by, alpha, beta) };
}

/** d(α − βd) turns at α/2β; d(α − β log d) at exp(α/β − 1). */
function peakOf(by: OptimisedBy, alpha: number, beta: number): OptimisedPoint | null {
  if (beta <= 0 || (by === 'best-of-n' && alpha <= 0)) return null;
  const d = by === 'best-of-n' ? alpha / (2 * beta) : Math.exp(alpha / beta - 1);
  const kl = d * d;
  return Number.isFinite(kl) ? { kl, gold: goldAt({ by, alpha, beta }, kl) } : null;
}
