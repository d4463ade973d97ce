import { BpeTokenizer, END_OF_TEXT, PADDING } from './bpe';
import { BYTE_TO_CHAR, PRE_TOKEN, spell } from './byteLevel';

interface Word {
  ids: number[];
  count: number;
}

// Two token ids in one number; ids stay below 2^16.
const pairKey = (left: number, right: number) => left * 65_536 + right;

/**
 * Learn a byte-level BPE vocabulary from documents (Sennrich et al. 2016,
 * algorithm 1): merge the most frequent adjacent pair until `vocabularySize`
 * tokens exist. Equal counts merge the pair of lower ids first, so the same
 * text always gives the same tokenizer.
 */
export function trainBpe(documents: Iterable<string>, vocabularySize: number): BpeTokenizer {
  const special = [PADDING, END_OF_TEXT];
  const tokens = [...special, ...BYTE_TO_CHAR];
  if (vocabularySize < tokens.length)
    throw new RangeError(`A byte-level vocabulary needs at least ${tokens.length} tokens, not ${vocabularySize}.`);
  const byteId = new Map(BYTE_TO_CHAR.map((char, byte) => [char, byte + special.length]));

  const words: Word[] = [...countWords(documents)].map(([word, count]) => ({
    ids: spell(word).map((char) => byteId.get(char)!),
    count,
  }));
  const pairCount = new Map<number, number>();
  const wordsWith = new Map<number, Set<Word>>();
  const note = (word: Word, sign: 1 | -1) => {
    for (let i = 0; i + 1 < word.ids.length; i++) {
      const key = pairKey(word.ids[i], word.ids[i + 1]);
      pairCount.set(key, (pairCount.get(key) ?? 0) + sign * word.count);
      if (sign > 0) {
        let holders = wordsWith.get(key);
        if (!holders) wordsWith.set(key, (holders = new Set()));
        holders.add(word);
      }
    }
  };
  for (const word of words) note(word, 1);

  const merges: [string, string][] = [];
  while (tokens.length < vocabularySize) {
    let best = -1;
    let bestCount = 0;
    for (const [key, count] of pairCount) {
      if (count > bestCount || (count === bestCount && count > 0 && key < best)) {
        best = key;
        bestCount = count;
      }
    }
    if (bestCount < 2) break;
    const left = Math.floor(best / 65_536);
    const right = best % 65_536;
    const merged = tokens.length;
    tokens.push(tokens[left] + tokens[right]);
    merges.push([tokens[left], tokens[right]]);
    for (const word of wordsWith.get(best)!) {
      note(word, -1);
      word.ids = mergePair(word.ids, left, right, merged);
      note(word, 1);
    }
    pairCount.delete(best);
    wordsWith.delete(best);
  }
  return new BpeTokenizer({ tokens, merges, special });
}

function countWords(documents: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of documents)
    for (const [word] of text.matchAll(PRE_TOKEN)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function mergePair(ids: number[], left: number, right: number, merged: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (i + 1 < ids.length && ids[i] === left && ids[i + 1] === right) {
      out.push(merged);
      i++;
    } else out.push(ids[i]);
  }
  return out;
}
