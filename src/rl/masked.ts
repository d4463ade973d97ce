/*
 * Statistics over the valid tokens of a batch. Per-token quantities of B
 * responses of T tokens are flat, row by row, [B · T]; a mask of the same
 * layout is 1 for every token up to and including the end-of-sequence.
 */

export interface Moments {
  mean: number;
  /** Biased: divided by the count. */
  variance: number;
  count: number;
}

/** Mean and biased variance over the valid tokens; zeros where there are none. */
export function maskedMoments(values: Float32Array, mask: Float32Array): Moments {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (mask[i] === 0) continue;
    count++;
    sum += values[i];
  }
  if (count === 0) return { mean: 0, variance: 0, count };
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) if (mask[i] !== 0) squares += (values[i] - mean) ** 2;
  return { mean, variance: squares / count, count };
}

/** Number of valid tokens of one row; they come first. */
export function validTokens(mask: Float32Array, row: number, T: number): number {
  let count = 0;
  while (count < T && mask[row * T + count] !== 0) count++;
  return count;
}

/** (x − mean)·rsqrt(variance + 1e-8) over the valid tokens, 0 elsewhere; `keepMean` scales without shifting. */
export function whiten(values: Float32Array, mask: Float32Array, keepMean = false): Float32Array {
  const { mean, variance } = maskedMoments(values, mask);
  const scale = 1 / Math.sqrt(variance + 1e-8);
  const shift = keepMean ? mean : 0;
  return values.map((value, i) => (mask[i] === 0 ? 0 : (value - mean) * scale + shift));
}

/** Chosen rows of a flat array of rows of `width`, in the order given. */
export function gatherRows<A extends Float32Array | Int32Array>(values: A, rows: Int32Array, width: number): A {
  const chosen = new (values.constructor as new (length: number) => A)(rows.length * width);
  rows.forEach((row, i) => chosen.set(values.subarray(row * width, (row + 1) * width), i * width));
  return chosen;
}
