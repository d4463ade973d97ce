/**
 * Exact two-sided binomial test: the probability, if each of n trials succeeds
 * with probability p, of a count that is no likelier than the one seen (the
 * method of small p-values, as R's `binom.test` has it). The probabilities are
 * built up from the likeliest count by the ratio of neighbours,
 * P(k + 1)/P(k) = (n − k)/(k + 1) · p/(1 − p), and divided by their sum, so that
 * nothing overflows at any n. 1 where nothing was tried.
 * @param p from (0, 1)
 * @throws RangeError where `successes` is no count out of n, or p no such probability
 */
export function binomialTest(successes: number, n: number, p = 0.5): number {
  if (!Number.isInteger(n) || !Number.isInteger(successes) || successes < 0 || successes > n) throw new RangeError(`${successes} of ${n} is no count of successes: give whole numbers, and no more successes than trials.`);
  if (!(p > 0 && p < 1)) throw new RangeError(`A chance of ${p} cannot be tested: it lies between 0 and 1.`);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const odds = p / (1 - p);
  const likelihood = new Float64Array(n + 1);
  likelihood[mode] = 1;
  for (let k = mode; k < n; k++) likelihood[k + 1] = likelihood[k] * ((n - k) / (k + 1)) * odds;
  for (let k = mode; k > 0; k--) likelihood[k - 1] = (likelihood[k] * (k / (n - k + 1))) / odds;
  // Counts that are equally likely differ by rounding.
  const seen = likelihood[successes] * (1 + 1e-7);
  let all = 0;
  let asRare = 0;
  for (const each of likelihood) {
    all += each;
    if (each <= seen) asRare += each;
  }
  return asRare / all;
}
