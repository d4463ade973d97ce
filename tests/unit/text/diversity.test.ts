import { describe, expect, it } from 'vitest';
import { distinct2, repeatedNgrams } from '../../../src/text/diversity';
import { endsSentence } from '../../../src/text/sentence';

describe('distinct-2', () => {
  it('is the share of bigrams that are new, over all texts', () => {
    expect(distinct2(['the cat sat', 'the cat ran'])).toBe(3 / 4);
    expect(distinct2(['yes yes yes yes'])).toBe(1 / 3);
    expect(distinct2(['The cat', 'the CAT'])).toBe(1 / 2);
  });

  it('counts punctuation, since collapse often lives there', () => {
    expect(distinct2(['"!" "!"'])).toBe(3 / 5);
  });

  it('is undefined where there is no bigram', () => {
    expect(distinct2([])).toBeUndefined();
    expect(distinct2(['one', ''])).toBeUndefined();
  });
});

describe('repeated n-grams', () => {
  it('are those that stood earlier in the same text', () => {
    expect(repeatedNgrams(['a b c a b c', 'x y z'])).toBe(1 / 5);
    expect(repeatedNgrams(['a b c', 'a b c'])).toBe(0);
    expect(repeatedNgrams(['a a a a a'])).toBe(2 / 3);
    expect(repeatedNgrams(['a b'])).toBeUndefined();
  });
});

describe('the end of a sentence', () => {
  it('is a final mark, with the quotation marks that close with it', () => {
    for (const text of ['He ran.', 'Stop!', 'Why?"', '(Yes.) ', 'Oh…']) expect(endsSentence(text)).toBe(true);
    for (const text of ['He ran', 'He ran,', '"', '', 'a.b']) expect(endsSentence(text)).toBe(false);
  });

  it('waits for a quotation mark that follows at once', () => {
    expect(endsSentence('"Stop!', '" she')).toBe(false);
    expect(endsSentence('"Stop!"', ' she')).toBe(true);
    expect(endsSentence('He ran.', ' "Stop')).toBe(true);
  });
});
