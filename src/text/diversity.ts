import { ngrams } from './ngrams';

/*
 * How much texts repeat themselves: the plainest signs that a policy has
 * collapsed. Words and single punctuation marks count alike, without case.
 */

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu;

/** Different bigrams ÷ all bigrams over all texts (Li et al. 2016); undefined where there is no bigram. */
export function distinct2(texts: readonly string[]): number | undefined {
  const seen = new Set<string>();
  let count = 0;
  for (const text of texts)
    for (const bigram of ngrams(words(text), 2)) {
      seen.add(bigram);
      count++;
    }
  return count === 0 ? undefined : seen.size / count;
}

/**
 * Share of n-grams that already stood earlier in the same text, over all texts
 * (seq-rep-n of Welleck et al. 2020, pooled); undefined where no text has n words.
 */
export function repeatedNgrams(texts: readonly string[], n = 3): number | undefined {
  let repeated = 0;
  let count = 0;
  for (const text of texts) {
    const all = ngrams(words(text), n);
    repeated += all.length - new Set(all).size;
    count += all.length;
  }
  return count === 0 ? undefined : repeated / count;
}

function words(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}
