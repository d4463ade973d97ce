import type { Rule } from './rule';
import { words } from './words';

export const longWords: Rule = {
  id: 'long-words',
  title: 'Long words',
  sentence: 'Likes long words: the mean number of letters in a word.',
  gold(response) {
    const all = words(response);
    return all.length === 0 ? 0 : all.reduce((sum, word) => sum + word.replaceAll("'", '').length, 0) / all.length;
  },
};
