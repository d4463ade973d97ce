/** Every run of n tokens in their order, joined by spaces; so no token may hold one. */
export function ngrams(tokens: readonly string[], n: number): string[] {
  return Array.from({ length: Math.max(0, tokens.length - n + 1) }, (_, i) => tokens.slice(i, i + n).join(' '));
}

/** How often each n-gram occurs. */
export function ngramCounts(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const ngram of ngrams(tokens, n)) counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  return counts;
}

/** How many of `counts` are also in `others`, each n-gram at most as often as it stands there: Σ min(a, b). */
export function matches(counts: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const [ngram, count] of counts) total += Math.min(count, others.get(ngram) ?? 0);
  return total;
}
