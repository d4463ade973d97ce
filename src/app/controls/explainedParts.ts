import type { Explained } from './definitions';

/** Words of a sentence with what explains them. */
export type Terms = Readonly<Record<string, Explained>>;

/**
 * A sentence in parts, those that name something with its explanation: the
 * first time that it is named. Phrases are found as whole words, in either case,
 * the longest first, so that “the reward model” is not “the reward”.
 */
export function explainedParts(sentence: string, terms: Terms): { text: string; of?: Explained }[] {
  const phrases = Object.keys(terms).sort((a, b) => b.length - a.length);
  if (phrases.length === 0) return [{ text: sentence }];
  const anyPhrase = new RegExp(`(?<!\\p{L})(?:${phrases.map(literally).join('|')})(?!\\p{L})`, 'giu');
  const named = new Set<Explained>();
  const parts: { text: string; of?: Explained }[] = [];
  let end = 0;
  for (const { 0: text, index } of sentence.matchAll(anyPhrase)) {
    const of = terms[text.toLowerCase()];
    if (named.has(of)) continue;
    named.add(of);
    if (index > end) parts.push({ text: sentence.slice(end, index) });
    parts.push({ text, of });
    end = index + text.length;
  }
  return end < sentence.length ? [...parts, { text: sentence.slice(end) }] : parts;
}

const literally = (phrase: string) => phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
