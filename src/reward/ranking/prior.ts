/**
 * Weight λ of the prior ½λ·Σ score², that is, scores are thought normal around 0
 * with variance 1/λ before anything is judged. Without one, a response that
 * never lost would score +∞, and two that no chain of judgements connects could
 * not be compared. At 0.01, 1 win of 1 puts two responses 3.9 apart: a chance of
 * 98 %.
 */
export const PRIOR = 0.01;

/** Throws RangeError where it would not keep scores finite. */
export function checkPrior(prior: number): void {
  if (!(prior > 0 && Number.isFinite(prior))) throw new RangeError(`A prior of ${prior} does not keep scores finite. Give a number above 0.`);
}
