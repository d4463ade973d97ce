import type { Rule } from './rule';
import { words } from './words';

export const shortSentences: Rule = {
  id: 'short-sentences',
  title: 'Short sentences',
  sentence: 'Likes short sentences: the fewer words from one full stop to the next, the better, by proportion.',
  /** −ln of the mean words a sentence; an unfinished last sentence counts as one. A text without words is one of a single long sentence. */
  gold(response) {
    const sentences = response.split(/[.!?…]+/).map((sentence) => words(sentence).length).filter((count) => count > 0);
    if (sentences.length === 0) return -Math.log(EMPTY_WORDS);
    return -Math.log(sentences.reduce((sum, count) => sum + count, 0) / sentences.length);
  },
};

// As bad as a sentence that never ends within a response.
const EMPTY_WORDS = 32;
