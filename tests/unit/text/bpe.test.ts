import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BpeTokenizer, END_OF_TEXT, PADDING, TokenizerFormatError } from '../../../src/text/bpe';
import { trainBpe } from '../../../src/text/bpeTraining';
import { BYTE_TO_CHAR, charToByte, PRE_TOKEN, spell } from '../../../src/text/byteLevel';

const SPECIAL = 2;
const BYTES = 256;

describe('the byte-level alphabet', () => {
  it('spells each byte with a character of its own, GPT-2’s for the ones that are known', () => {
    expect(new Set(BYTE_TO_CHAR).size).toBe(BYTES);
    BYTE_TO_CHAR.forEach((char, byte) => expect(charToByte(char)).toBe(byte));
    expect(spell(' a\né').join('')).toBe('ĠaĊÃ©');
    expect(charToByte('☃')).toBeUndefined();
  });
});

describe('pre-tokens', () => {
  it('are GPT-2’s', () => {
    // The classes of openai/gpt-2's pattern, worked out by hand.
    expect("Tom's dog didn't eat 12 pies, did he?!  No.\n\nYes".match(PRE_TOKEN)).toEqual([
      'Tom', "'s", ' dog', ' didn', "'t", ' eat', ' 12', ' pies', ',', ' did', ' he', '?!', ' ', ' No', '.', '\n', '\n', 'Yes',
    ]);
  });
});

describe('trainBpe', () => {
  it('merges the most frequent pair first, and the pair of lower ids where counts tie', () => {
    // "abab" twice and "cab" once: ab occurs five times, then abab twice, then nothing twice.
    const tokenizer = trainBpe(['abab', 'abab', 'cab'], 300);
    const { merges } = (tokenizer.toJson() as { model: { merges: string[][] } }).model;
    expect(merges).toEqual([['a', 'b'], ['ab', 'ab']]);
    expect(tokenizer.vocabularySize).toBe(SPECIAL + BYTES + 2);
    expect(tokenizer.encode('abab')).toEqual([SPECIAL + BYTES + 1]);
    const tied = trainBpe(['xy', 'xy', 'ab', 'ab'], 259).toJson() as { model: { merges: string[][] } };
    expect(tied.model.merges).toEqual([['a', 'b']]);
  });

  it('never merges across words', () => {
    const { merges } = (trainBpe(['a b a b a b'], 300).toJson() as { model: { merges: string[][] } }).model;
    expect(merges.flat().every((side) => !/.Ġ/.test(side))).toBe(true);
  });

  it('needs room for the bytes', () => {
    expect(() => trainBpe(['a'], 100)).toThrow(/at least 258 tokens/);
  });
});

describe('BpeTokenizer', () => {
  const tokenizer = trainBpe(['the cat sat on the mat', 'the dog, the cat and the bird sat', 'Ünïcödé ünd 漢字'], 300);

  it('gives every text back, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
      { seed: 1, numRuns: 500, examples: [['the cat'], [' \n\t  '], ['漢字🙂'], [END_OF_TEXT], ['']] },
    );
  });

  it('never makes a special token out of text, and leaves special tokens out of text', () => {
    const ids = tokenizer.encode(`a${END_OF_TEXT}${PADDING}`);
    expect(ids).not.toContain(tokenizer.endOfText);
    expect(ids).not.toContain(tokenizer.padding);
    expect(tokenizer.decode([tokenizer.endOfText, ...tokenizer.encode('cat'), tokenizer.padding])).toBe('cat');
  });

  it('merges as the plain algorithm does: the lowest rank first, the leftmost of equal ones', () => {
    const plain = (parts: string[], merges: [string, string][]): string[] => {
      for (;;) {
        const ranks = parts.slice(1).map((right, i) => merges.findIndex((pair) => pair[0] === parts[i] && pair[1] === right));
        const possible = ranks.filter((rank) => rank >= 0);
        if (possible.length === 0) return parts;
        const at = ranks.indexOf(Math.min(...possible));
        parts = [...parts.slice(0, at), parts[at] + parts[at + 1], ...parts.slice(at + 2)];
      }
    };
    const side = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    // In any order, also one in which no training would find them: longer pairs before those that they are made of.
    const anyMerges = fc.uniqueArray(fc.tuple(side, side), { selector: (pair) => pair.join(' '), maxLength: 20 });
    fc.assert(
      fc.property(anyMerges, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 30 }), (merges, word) => {
        const tokens = [...new Set([PADDING, END_OF_TEXT, 'a', 'b', ...merges.map((pair) => pair.join(''))])];
        const ids = new BpeTokenizer({ tokens, merges, special: [PADDING, END_OF_TEXT] }).encode(word);
        expect(ids.map((id) => tokens[id])).toEqual(plain([...word], merges));
      }),
      { seed: 1, numRuns: 500, examples: [[[['a', 'a']], 'aaaaa'], [[['ab', 'a'], ['a', 'b']], 'ababab']] },
    );
  });

  it('reads a long line without a space in about the time of one with spaces', { timeout: 10_000 }, () => {
    const line = 'thecatsat'.repeat(7000);
    expect(tokenizer.encode(line).length).toBeLessThan(line.length);
  });

  it('shortens what it has seen often', () => {
    expect(tokenizer.encode(' the').length).toBe(1);
    expect(tokenizer.encode(' qzx').length).toBe(4);
  });

  it('says which id is outside the vocabulary', () => {
    expect(() => tokenizer.decode([999])).toThrow(`999 is outside the vocabulary of ${tokenizer.vocabularySize}`);
  });

  it('is the same after a trip through tokenizer.json, also with merges as single strings', () => {
    const json = JSON.parse(JSON.stringify(tokenizer.toJson()));
    const text = 'the cat and the dög';
    expect(BpeTokenizer.fromJson(json).encode(text)).toEqual(tokenizer.encode(text));
    json.model.merges = json.model.merges.map((pair: string[]) => pair.join(' '));
    expect(BpeTokenizer.fromJson(json).encode(text)).toEqual(tokenizer.encode(text));
  });

  it('reads a pre-tokenizer that leaves `use_regex` to its default', () => {
    const json = JSON.parse(JSON.stringify(tokenizer.toJson()));
    delete json.pre_tokenizer.use_regex;
    expect(BpeTokenizer.fromJson(json).encode('the cat')).toEqual(tokenizer.encode('the cat'));
  });

  type Json = { model: Record<string, unknown> & { vocab: Record<string, unknown>; merges: unknown[] }; decoder: unknown; added_tokens: unknown; normalizer: unknown; pre_tokenizer: unknown };
  it.each<[string, (json: Json) => void, string, RegExp]>([
    ['no model', (j) => delete (j as Partial<Json>).model, 'model', /is not an object/],
    ['another kind of model', (j) => (j.model.type = 'Unigram'), 'model.type', /is not "BPE"/],
    ['another decoder', (j) => (j.decoder = { type: 'WordPiece' }), 'decoder.type', /ByteLevel/],
    ['a normalizer', (j) => (j.normalizer = { type: 'Lowercase' }), 'normalizer', /is not null/],
    ['no pre-tokenizer', (j) => (j.pre_tokenizer = null), 'pre_tokenizer', /is not an object/],
    ['another pre-tokenizer', (j) => (j.pre_tokenizer = { type: 'Sequence', pretokenizers: [{ type: 'Split' }, j.pre_tokenizer] }), 'pre_tokenizer.type', /ByteLevel/],
    ['a space before every text', (j) => Object.assign(j.pre_tokenizer as object, { add_prefix_space: true }), 'pre_tokenizer.add_prefix_space', /is not false/],
    ['words that are not split', (j) => Object.assign(j.pre_tokenizer as object, { use_regex: false }), 'pre_tokenizer.use_regex', /is not true/],
    ['whole words before merges', (j) => (j.model.ignore_merges = true), 'model.ignore_merges', /is set/],
    ['merges left out by chance', (j) => (j.model.dropout = 0.1), 'model.dropout', /is set/],
    ['a mark at the end of words', (j) => (j.model.end_of_word_suffix = '</w>'), 'model.end_of_word_suffix', /is set/],
    ['an added token that is no special one', (j) => ((j.added_tokens as { special: boolean }[])[1].special = false), 'added_tokens[1].special', /is not true/],
    ['added tokens without end', (j) => (j.added_tokens = Array.from({ length: 65_537 }, () => ({}))), 'added_tokens', /has 65537 tokens/],
    ['a gap in the ids', (j) => (j.model.vocab['a'] = 5000), 'model.vocab', /ids must run from 0 without gaps/],
    ['one id twice', (j) => (j.model.vocab['a'] = 70), 'model.vocab', /without gaps/],
    ['an id that is text', (j) => (j.model.vocab['a'] = '67'), 'model.vocab', /without gaps/],
    ['a token outside the alphabet', (j) => { delete j.model.vocab['Ġthe']; j.model.vocab['☃'] = tokenizer.encode(' the')[0]; }, 'model.vocab', /not byte-level/],
    ['a token without end', (j) => { j.model.vocab['a'.repeat(1000)] = 300; }, 'model.vocab', /1000 characters/],
    ['a merge of one', (j) => (j.model.merges[0] = ['a']), 'model.merges[0]', /not a pair/],
    ['a merge into nothing known', (j) => (j.model.merges[0] = ['q', 'z']), 'model.merges[0]', /not in the vocabulary/],
    ['merges that are no list', (j) => (j.model.merges = {} as never), 'model.merges', /not a list/],
    ['no end-of-text', (j) => { j.added_tokens = []; delete j.model.vocab[END_OF_TEXT]; j.model.vocab['zz'] = 1; }, 'added_tokens', /lacks <\|endoftext\|>/],
  ])('refuses %s and names the field', (_, damage, field, message) => {
    const json = JSON.parse(JSON.stringify(tokenizer.toJson())) as Json;
    damage(json);
    const read = () => BpeTokenizer.fromJson(json);
    expect(read).toThrow(message);
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(TokenizerFormatError);
      expect((error as TokenizerFormatError).field).toBe(field);
    }
  });
});
