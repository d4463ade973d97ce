/** Length of the longest stretch of equal values. */
export function longestRun(values: readonly unknown[]): number {
  let longest = 0;
  let run = 0;
  values.forEach((value, i) => {
    run = i > 0 && value === values[i - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
}

/**
 * Probability that n tosses of a fair coin hold a run of `length` or more equal
 * ones, of either side. Toss i > 1 repeats the one before it or does not, as fairly
 * as a coin falls, so it is the probability of k = length − 1 heads in a row in
 * m = n − 1 tosses. Its complement (Feller 1968, XIII.7): f(m) = 1 for m < k,
 * f(k) = 1 − 2⁻ᵏ, and f(m) = f(m − 1) − 2⁻⁽ᵏ⁺¹⁾ · f(m − k − 1).
 */
export function runProbability(length: number, n: number): number {
  if (length <= 1) return n > 0 ? 1 : 0;
  const k = length - 1;
  const without = new Float64Array(Math.max(n, 1));
  for (let m = 0; m < without.length; m++) without[m] = m < k ? 1 : m === k ? 1 - 2 ** -k : without[m - 1] - 2 ** -(k + 1) * without[m - k - 1];
  return 1 - without[without.length - 1];
}
