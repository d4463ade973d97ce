import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BleuError } from '../../../src/text/bleu';
import { overlapOf, sharedRuns } from '../../../src/text/overlap';
import { anyText } from './anyText';

const REFERENCE = 'The weather is nice today, perfect for a walk.';
const SCRAMBLED = 'Today walk weather is nice, perfect for a.';

describe('the overlap of a text with references', () => {
  it('is whole with itself and none with strangers', () => {
    expect(overlapOf(REFERENCE, [REFERENCE])).toEqual({ bleu: expect.closeTo(100, 9), rouge1: 1, rouge2: 1, rougeL: 1 });
    expect(overlapOf('xyzzy', [REFERENCE])).toEqual({ bleu: 0, rouge1: 0, rouge2: 0, rougeL: 0 });
  });

  it('is high for the same words without sense', () => {
    // By hand: 8 of its 8 words are among the reference's 9; of its 7 pairs, “weather is”, “is nice”, “perfect for” and “for a” are among 8;
    // the longest common sequence is “weather is nice perfect for a”.
    const { bleu, rouge1, rouge2, rougeL } = overlapOf(SCRAMBLED, [REFERENCE]);
    expect(rouge1).toBeCloseTo((2 * 8) / (8 + 9), 12);
    expect(rouge2).toBeCloseTo((2 * 4) / (7 + 8), 12);
    expect(rougeL).toBeCloseTo((2 * 6) / (8 + 9), 12);
    // Tokens of 13a, marks among them and case kept: 10 against 11. “Today” alone has no match: 9 of 10; 4 of 9 pairs (“weather is”, “is nice”, “perfect for”, “for a”)
    // and “, perfect” is a fifth; triples: “weather is nice”, “perfect for a”, “, perfect for”; runs of four: “, perfect for a” of 7.
    expect(bleu).toBeCloseTo(100 * Math.exp(1 - 11 / 10) * ((9 / 10) * (5 / 9) * (3 / 8) * (1 / 7)) ** (1 / 4), 9);
  });

  it('is with each measure’s best reference', () => {
    const two = overlapOf('a b c', ['a b x', 'c a b c']);
    // Against the first: 2 of 3 words; against the second: 3 words of 3 and 4.
    expect(two.rouge1).toBeCloseTo((2 * 3) / (3 + 4), 12);
    expect(two).toEqual(overlapOf('a b c', ['c a b c', 'a b x']));
  });

  it('needs a reference', () => expect(() => overlapOf('a', [])).toThrow(BleuError));
});

describe('shared runs', () => {
  it('mark each word by the longest run that a reference has too', () => {
    expect(sharedRuns('“Walk, the DOG ran home now fast!”', ['see: the dog ran home, now', 'walk fast'])).toEqual([
      { text: '“', run: 0 },
      { text: 'Walk', run: 1 },
      { text: ', ', run: 0 },
      { text: 'the', run: 4 },
      { text: ' ', run: 0 },
      { text: 'DOG', run: 4 },
      { text: ' ', run: 0 },
      { text: 'ran', run: 4 },
      { text: ' ', run: 0 },
      { text: 'home', run: 4 },
      { text: ' ', run: 0 },
      { text: 'now', run: 4 },
      { text: ' ', run: 0 },
      { text: 'fast', run: 1 },
      { text: '!”', run: 0 },
    ]);
  });

  it('never lose a character', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, reference) => {
        expect(sharedRuns(text, [reference]).map((piece) => piece.text).join('')).toBe(text);
      }),
    );
  });
});
