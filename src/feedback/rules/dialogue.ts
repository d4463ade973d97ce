import type { Rule } from './rule';
import { words } from './words';

const SPEECH_VERBS = new Set(
  `say says said saying ask asks asked asking tell tells told talk talked talking speak spoke reply replied answer answered
   call called shout shouted yell yelled whisper whispered cry cried exclaim exclaimed explain explained thank thanked agreed suggested`.split(/\s+/),
);

// A verb of speech announces dialogue; it is worth a few spoken words.
const VERB_SHARE = 0.08;
const MOST_VERBS = 2;

/**
 * Share of the letters that stand inside quotation marks. A text is cut out of
 * a story, so it may begin or end inside speech: a first mark that closes
 * (nothing but space or the end follows, and no space stands before it) means
 * that the text before it was spoken.
 */
function spokenShare(text: string): number {
  const marks = [...text.matchAll(/["“”]/g)].map(({ index }) => index);
  if (marks.length === 0) return 0;
  const first = marks[0];
  const closes = text[first] === '”' || (text[first] === '"' && first > 0 && !/\s/.test(text[first - 1]) && !/\p{L}/u.test(text[first + 1] ?? ' '));
  let inside = closes;
  let spoken = 0;
  let letters = 0;
  for (const char of text) {
    if (/["“”]/.test(char)) inside = !inside;
    else if (/\p{L}/u.test(char)) {
      letters++;
      if (inside) spoken++;
    }
  }
  return letters === 0 ? 0 : spoken / letters;
}

export const dialogue: Rule = {
  id: 'dialogue',
  title: 'Dialogue',
  sentence: 'Likes talk: the share of the text inside quotation marks, and a little for words like “said” and “asked”.',
  gold(response) {
    const verbs = words(response).filter((word) => SPEECH_VERBS.has(word)).length;
    return spokenShare(response) + VERB_SHARE * Math.min(verbs, MOST_VERBS);
  },
};
