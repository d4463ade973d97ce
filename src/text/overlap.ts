import { sentenceBleu } from './bleu';
import { ngrams } from './ngrams';
import { rougeL, rougeN } from './rouge';

/** How many words and runs of words a text shares with references. */
export interface Overlap {
  /** 0–100; see bleu.ts. */
  bleu: number;
  /** F1, 0–1; see rouge.ts. Of several references, with the one where it is highest, as rouge-score's `score_multi` does. */
  rouge1: number;
  rouge2: number;
  rougeL: number;
}

/** Throws BleuError without a reference, and RougeLengthError for texts that are too long. */
export function overlapOf(text: string, references: readonly string[]): Overlap {
  const { score } = sentenceBleu(text, references);
  const best = (f1Against: (reference: string) => number) => Math.max(...references.map(f1Against));
  return {
    bleu: score,
    rouge1: best((reference) => rougeN(reference, text, 1).f1),
    rouge2: best((reference) => rougeN(reference, text, 2).f1),
    rougeL: best((reference) => rougeL(reference, text).f1),
  };
}

/** A word, or what stands between two. */
export interface Piece {
  text: string;
  /** Length of the longest run of words around it that a reference has too, at most {@link LONGEST_RUN}; 0: no reference has the word, or it is none. */
  run: number;
}

/** BLEU looks at runs of up to four words. */
export const LONGEST_RUN = 4;

/** A text in pieces, each with how long a run of it is shared: what the numbers count, to be seen. Words are ROUGE's: letters a–z and digits, in lower case. */
export function sharedRuns(text: string, references: readonly string[]): Piece[] {
  const places = placesOf(text);
  const words = lowerCase(places);
  const runs = words.map(() => 0);
  for (let n = 1; n <= LONGEST_RUN; n++) {
    const known = new Set(references.flatMap((reference) => ngrams(lowerCase(placesOf(reference)), n)));
    ngrams(words, n).forEach((run, start) => {
      if (known.has(run)) runs.fill(n, start, start + n);
    });
  }
  const pieces: Piece[] = [];
  let at = 0;
  places.forEach(({ 0: word, index }, i) => {
    if (index > at) pieces.push({ text: text.slice(at, index), run: 0 });
    pieces.push({ text: word, run: runs[i] });
    at = index + word.length;
  });
  if (at < text.length) pieces.push({ text: text.slice(at), run: 0 });
  return pieces;
}

const placesOf = (text: string) => [...text.matchAll(/[a-z0-9]+/gi)];
const lowerCase = (places: readonly RegExpExecArray[]) => places.map(([word]) => word.toLowerCase());
