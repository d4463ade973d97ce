import { describe, expect, it } from 'vitest';
import { BleuError, corpusBleu, sentenceBleu, tokenize13a } from '../../../src/text/bleu';

// The example of sacrebleu's README and of its test/test_bleu.py (mjpost/sacrebleu), two references a text.
const HYPOTHESES = ['The dog bit the man.', "It wasn't surprising.", 'The man had just bitten him.'];
const REFERENCES = [
  ['The dog bit the man.', 'It was not unexpected.', 'The man bit him first.'],
  ['The dog had bit the man.', 'No one was surprised.', 'The man had bitten the dog.'],
];
const corpus = (hypotheses: readonly string[]) => hypotheses.map((hypothesis, i) => ({ hypothesis, references: REFERENCES.map((texts) => texts[i]) }));

describe('BLEU of a corpus', () => {
  it('is that of sacrebleu, with its parts', () => {
    const bleu = corpusBleu(corpus(HYPOTHESES));
    // test_corpus_bleu_cases of test/test_bleu.py: 48.530827. The parts by hand: of 17
    // tokens 14 match, of 14 bigrams 7, of 11 trigrams 5, of 8 four-grams 3.
    expect(bleu.score).toBeCloseTo(48.530827, 6);
    [14 / 17, 7 / 14, 5 / 11, 3 / 8].forEach((precision, i) => expect(bleu.precisions[i]).toBeCloseTo(100 * precision, 12));
    expect([bleu.length, bleu.referenceLength]).toEqual([17, 18]);
    expect(bleu.brevityPenalty).toBeCloseTo(Math.exp(1 - 18 / 17), 12);
  });

  it('keeps empty texts, which score nothing', () => {
    // test_corpus_bleu_cases of test/test_bleu.py.
    expect(corpusBleu(corpus(['', '', ''])).score).toBe(0);
    const one = corpusBleu(corpus([HYPOTHESES[0], '', '']));
    expect(one.precisions).toEqual([100, 100, 100, 100]);
    expect(one.score).toBeCloseTo(100 * Math.exp(1 - one.referenceLength / 6), 9);
    expect(one.referenceLength).toBe(6 + 5 + 6);
  });

  it('sums counts over the texts before it divides', () => {
    const bleu = corpusBleu([
      { hypothesis: 'a b c d', references: ['a b c d'] },
      { hypothesis: 'x x x x', references: ['a b c d'] },
    ]);
    expect(bleu.score).toBeCloseTo(50, 9);
    expect(bleu.precisions).toEqual([50, 50, 50, 50]);
  });

  it('is 0 where no text has four tokens', () => {
    expect(corpusBleu([{ hypothesis: 'a test', references: ['a test'] }]).score).toBe(0);
  });

  it('refuses what has no reference, and no text at all', () => {
    expect(() => corpusBleu([])).toThrow(BleuError);
    expect(() => corpusBleu([{ hypothesis: 'He ran.', references: [] }])).toThrow(/“He ran\.” has no reference/);
  });
});

describe('BLEU of a sentence', () => {
  it('is that of sacrebleu with effective order', () => {
    // Issue 98 in test/test_sentence_bleu.py: exponential smoothing, 13a, 8.493 ± 0.001.
    const bleu = sentenceBleu('Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;', ['producţia de zahăr brut se exprimă în zahăr alb;']);
    expect(Math.abs(bleu.score - 8.493)).toBeLessThan(1e-3);
    // Issue 141, ibid.: no token in common.
    expect(sentenceBleu('this is a cat', ['okay thanks']).score).toBe(0);
  });

  it('asks no more orders of a text than it has', () => {
    // test_case_effective_order of test/test_bleu.py.
    expect(sentenceBleu('test', ['a test']).score).toBeCloseTo(36.78794411714425, 9);
    expect(sentenceBleu('a test', ['a test']).score).toBeCloseTo(100, 9);
    expect(sentenceBleu('this is a test', ['this is a test']).score).toBeCloseTo(100, 9);
  });

  it('halves what an order without a match counts for, again and again', () => {
    // 3/4, 1/3, then ½ of a match in 2 and ¼ of a match in 1.
    const { precisions, score } = sentenceBleu('a b x d', ['a b c d']);
    expect(precisions).toEqual([75, 100 / 3, 25, 25]);
    expect(score).toBeCloseTo(100 * (0.75 * (1 / 3) * 0.25 * 0.25) ** 0.25, 9);
  });

  it('clips a repeated word at the most that one reference has, and takes the closest length, the shorter of two', () => {
    // Example 2 of Papineni et al. 2002: “the” seven times, two of them in a reference.
    const the = sentenceBleu('the the the the the the the', ['the cat is on the mat', 'there is a cat on the mat']);
    expect(the.precisions[0]).toBeCloseTo((100 * 2) / 7, 12);
    expect(the.referenceLength).toBe(7);
    expect(sentenceBleu('a b c d', ['a b c d e', 'a b c']).referenceLength).toBe(3);
    expect(sentenceBleu('', ['a b']).brevityPenalty).toBe(0);
  });
});

describe('the 13a tokenizer', () => {
  // Each as `Tokenizer13a` of sacrebleu 2.6.0 splits it.
  it.each([
    ['He said, "No."', 'He said , " No . "'],
    ["It wasn't surprising.", "It wasn't surprising ."],
    ['1,000.5 km at 3.', '1,000.5 km at 3 .'],
    ['a.b, c.,d', 'a . b , c . , d'],
    ['1-2 a-b -3', '1 - 2 a-b -3'],
    ['&quot;x&quot; &amp; &lt;y&gt;', '" x " & < y >'],
    ['&amp;lt;', '<'],
    ['broken-\nword and-\n', 'brokenword and-'],
    ['<skipped>(a/b) [c] {d} $5 50% é.è', '( a / b ) [ c ] { d } $ 5 50 % é . è'],
    ['tab\tand\u00a0no\u3000break', 'tab and no break'],
    ['\ufeffmark 😀. 😀,', '\ufeffmark 😀 . 😀 ,'],
    [' \n ', ''],
  ])('splits %j', (text, tokens) => {
    expect(tokenize13a(text).join(' ')).toBe(tokens);
  });
});
