import type { Span } from '../../feedback/judgement';

/** A word of a text, or what stands between two of them. */
export interface Word {
  text: string;
  /** UTF-16 code units of the text, the end not included. */
  from: number;
  to: number;
  /** White space, which cannot be marked alone. */
  gap: boolean;
}

/** A text cut into its words and the gaps between them; joined, they are the text. */
export function wordsOf(text: string): Word[] {
  return [...text.matchAll(/\s+|\S+/g)].map(({ 0: part, index }) => ({ text: part, from: index, to: index + part.length, gap: part.trim() === '' }));
}

/** The mark that a word lies in: of several, the last. */
export const markOf = ({ from, to }: Word, spans: readonly Span[]): Span | undefined => spans.findLast((span) => span.from < to && from < span.to);
