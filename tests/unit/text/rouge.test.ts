import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rougeL, RougeLengthError, rougeN, type Rouge } from '../../../src/text/rouge';

// The two lines of rouge/testdata/target.txt and prediction.txt of google-research/google-research,
// whose scores in rouge/rouge_scorer_test.py come from runs of ROUGE-1.5.5.
const TARGETS = [
  "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing Ht-LM EKBDXkME,yz'RBr q'wtion wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L",
  "KsJdPByEtAor fE-Qg Dpdbring cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMtion psing sbKao Q m qiing LMmer HqqLFXe,XPY,J XsurkMer ,ed nB'wH'bWVHjWFEing tQ.saefZwJtKrTlixYpMMsJing UCAPwNHeYVjDing c T BUySKtion gMPfJpwGw p'NvxAoping eu pBwMBKV'I DNxqelhu,PHPxDEq,mtion SN",
];
const PREDICTIONS = [
  "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi",
  "n cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMer pstion sbKao Q m qier LMmed HqqLFXe,XPY,J XsurkMeo ,ed nB'wH'bWVHjWFEer tQ.saefZwJtKrTlixYpMMNJtion UCAPwNHeYVjD",
];

function expectScores(rouge: Rouge, precision: number, recall: number, f1: number): void {
  expect(rouge.precision).toBeCloseTo(precision, 5);
  expect(rouge.recall).toBeCloseTo(recall, 5);
  expect(rouge.f1).toBeCloseTo(f1, 5);
}

describe('ROUGE', () => {
  it('is that of ROUGE-1.5.5 on the texts of the reference', () => {
    expectScores(rougeN(TARGETS[0], PREDICTIONS[0], 1), 0.6875, 0.40741, 0.51163);
    expectScores(rougeN(TARGETS[1], PREDICTIONS[1], 1), 0.65385, 0.40476, 0.5);
    expectScores(rougeN(TARGETS[0], PREDICTIONS[0], 2), 0.53333, 0.30769, 0.39024);
    expectScores(rougeN(TARGETS[1], PREDICTIONS[1], 2), 0.48, 0.29268, 0.36364);
    expectScores(rougeL(TARGETS[0], PREDICTIONS[0]), 0.6875, 0.40741, 0.51163);
    expectScores(rougeL(TARGETS[1], PREDICTIONS[1]), 0.65385, 0.40476, 0.5);
  });

  it('is that of rouge_scorer_test.py on its short texts', () => {
    expectScores(rougeN('testing one two', 'testing', 1), 1, 1 / 3, 1 / 2);
    expectScores(rougeN('testing one two', 'testing one', 2), 1, 1 / 2, 2 / 3);
    expectScores(rougeL('testing one two', 'testing one'), 1, 2 / 3, 4 / 5);
    expectScores(rougeL('testing one two', 'testing two'), 1, 2 / 3, 4 / 5);
  });

  it('is 0 where a text has no word or no n-gram', () => {
    for (const [reference, candidate] of [['testing one two', ''], ['', 'w1'], ['w1 w2', '/'], ['', '']])
      for (const rouge of [rougeN(reference, candidate, 1), rougeN(reference, candidate, 2), rougeL(reference, candidate)])
        expect(rouge).toEqual({ precision: 0, recall: 0, f1: 0 });
    expect(rougeN('one', 'one', 2)).toEqual({ precision: 0, recall: 0, f1: 0 });
  });

  it('knows no case and no mark, and counts a word only as often as both have it', () => {
    expectScores(rougeN('The CAT, the cat.', 'the/cat', 1), 1, 1 / 2, 2 / 3);
    expectScores(rougeN('a b', 'a a a a', 1), 1 / 4, 1 / 2, 1 / 3);
    expectScores(rougeN("don't", 'don t', 2), 1, 1, 1);
  });

  it('finds the longest common subsequence, as an enumeration of all of them does', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 9 }), fc.array(word, { minLength: 1, maxLength: 9 }), (of, found) => {
        const longest = longestByEnumeration(of, found);
        expect(rougeL(of.join(' '), found.join(' ')).recall).toBeCloseTo(longest / of.length, 12);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('copes with twenty thousand words, and refuses more instead of hanging', () => {
    const long = Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 'yes' : `w${i}`)).join(' ');
    expect(rougeL(long, long).f1).toBe(1);
    expect(rougeN(long, long, 2).f1).toBe(1);
    expect(() => rougeL(`${long} more`, long)).toThrow(RougeLengthError);
    expect(rougeL(`${long} more`, 'yes').precision).toBe(1);
  });
});

/** Every subsequence of `a`, the longest one of them that is also one of `b`. */
function longestByEnumeration(a: readonly string[], b: readonly string[]): number {
  let longest = 0;
  for (let chosen = 0; chosen < 1 << a.length; chosen++) {
    const part = a.filter((_, i) => chosen & (1 << i));
    let next = 0;
    for (const word of b) if (word === part[next]) next++;
    if (next === part.length) longest = Math.max(longest, part.length);
  }
  return longest;
}
