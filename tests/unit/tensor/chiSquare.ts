/** Pearson's statistic of counts against expected counts; its mean is their number less one. */
export function chiSquare(counts: ArrayLike<number>, expected: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += (counts[i] - expected[i]) ** 2 / expected[i];
  return sum;
}

/** The value that χ² with so many degrees of freedom exceeds with the probability of a normal above z (Wilson & Hilferty 1931). */
export function chiSquareLimit(degrees: number, z: number): number {
  const a = 2 / (9 * degrees);
  return degrees * (1 - a + z * Math.sqrt(a)) ** 3;
}
