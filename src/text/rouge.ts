import { matches, ngramCounts } from './ngrams';

/*
 * ROUGE (Lin 2004) as google-research's rouge-score computes it without its
 * stemmer: lower case, words of the letters a–z and the digits alone, so that
 * text in another script has none. Every score is 0 where a text has no word, or
 * no n-gram.
 */

/** All from 0 to 1. */
export interface Rouge {
  /** Share of the candidate that is in the reference. */
  precision: number;
  /** Share of the reference that is in the candidate. */
  recall: number;
  /** Their harmonic mean. */
  f1: number;
}

/** Two texts whose longest common subsequence would take too long to find. */
export class RougeLengthError extends Error {
  override readonly name = 'RougeLengthError';
}

/** Bits to look at: those of two texts of 20,000 words, which take a fraction of a second and at most 50 MB. */
const MOST_BITS = 20_000 ** 2;

/** ROUGE-n: n-grams in common, each as often as both texts have it. */
export function rougeN(reference: string, candidate: string, n: number): Rouge {
  const [of, found] = [words(reference), words(candidate)];
  return scores(matches(ngramCounts(found, n), ngramCounts(of, n)), of.length - n + 1, found.length - n + 1);
}

/** ROUGE-L: the longest common subsequence of words, over the whole texts. Throws {@link RougeLengthError}. */
export function rougeL(reference: string, candidate: string): Rouge {
  const [of, found] = [words(reference), words(candidate)];
  if (of.length * found.length > MOST_BITS)
    throw new RougeLengthError(`ROUGE-L of ${of.length} words against ${found.length} would take too long. Shorten the texts to at most ${Math.sqrt(MOST_BITS)} words each.`);
  return scores(commonSubsequence(of, found), of.length, found.length);
}

const words = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

function scores(common: number, ofReference: number, ofCandidate: number): Rouge {
  if (common === 0) return { precision: 0, recall: 0, f1: 0 };
  return { precision: common / ofCandidate, recall: common / ofReference, f1: (2 * common) / (ofReference + ofCandidate) };
}

/**
 * Length of the longest common subsequence, a whole row of the usual table at a
 * time: bit j is 0 where the row grows from column j to j + 1 (Hyyrö 2004,
 * "Bit-parallel LCS-length computation revisited").
 */
function commonSubsequence(a: readonly string[], b: readonly string[]): number {
  const places = new Map<string, bigint>();
  b.forEach((word, j) => places.set(word, (places.get(word) ?? 0n) | (1n << BigInt(j))));
  let row = (1n << BigInt(b.length)) - 1n;
  for (const word of a) {
    const matched = row & (places.get(word) ?? 0n);
    row = BigInt.asUintN(b.length, (row + matched) | (row - matched));
  }
  const unmatched = row.toString(2).replaceAll('0', '').length;
  return b.length - unmatched;
}
