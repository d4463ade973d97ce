import { describe, expect, it } from 'vitest';
import { ruleById } from '../../../../src/feedback/rules';
import { evaluateRule } from '../../../../src/text/rule/evaluate';
import { parseRule } from '../../../../src/text/rule/parser';
import { RuleValueError } from '../../../../src/text/rule/ruleError';

const score = (source: string, text = '') => evaluateRule(parseRule(source), text);

// Counted by hand below.
const TEXT = ' She saw a big dog. "Is it your dog?" Tom asked! The dog';

describe('what a rule gives a text', () => {
  it.each<[string, number]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 - 2 - 1', 4],
    ['12 / 3 / 2', 2],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', -4],
    ['2 ^ -1', 0.5],
    ['2 * -3', -6],
    ['--2', 2],
    ['1.5e2', 150],
    ['1 < 2', 1],
    ['2 <= 1', 0],
    ['2 >= 2 and 1 != 1', 0],
    ['1 = 1 or 1 / 0', 1],
    ['0 and log(0)', 0],
    ['not 0', 1],
    ['not 1 + 1', 0],
    ['not 1 = 2', 1],
    // and binds more tightly than or.
    ['1 or 0 and 0', 1],
    ['if(2 > 1, 10, 1 / 0)', 10],
    ['if(0, log(-1), 4)', 4],
    ['min(3, 1, 2)', 1],
    ['max(3, 1, 2) + abs(-2)', 5],
    ['clamp(7, 0, 5) + clamp(-7, 0, 5) + clamp(2, 0, 5)', 7],
    ['log(exp(2)) + sqrt(9)', 5],
    ['MIN(1, 2)', 1],
  ])('%s = %f', (source, expected) => expect(score(source)).toBeCloseTo(expected, 12));

  it.each<[string, number]>([
    // She saw a big dog / Is it your dog / Tom asked / The dog.
    ['words', 13],
    ['chars', 55],
    ['sentences', 4],
    // 3+3+1+3+3, 2+2+4+3, 3+5, 3+3 = 13 + 11 + 8 + 6 letters.
    ['wordlength', 38 / 13],
    ['questions', 1],
    ['exclamations', 1],
    ['count("dog")', 3],
    ['count("DOG.")', 1],
    ['has("the dog")', 1],
    ['has("cat")', 0],
    ['starts("she")', 1],
    ['starts("saw")', 0],
    ['ends("the dog")', 1],
    ['has("\\"Is")', 1],
    ['count(“dog”)', 3],
  ])('of a text, %s = %f', (source, expected) => expect(score(source, TEXT)).toBeCloseTo(expected, 12));

  it('counts pairs of neighbouring words that were there before', () => {
    // Pairs: a b, b a, a b, b a, a b → 2 different of 5.
    expect(score('repeats', 'a b a b a b')).toBeCloseTo(3 / 5, 12);
    expect(score('distinct', 'a b a b a b')).toBeCloseTo(2 / 5, 12);
    expect([score('repeats', 'a'), score('distinct', '')]).toEqual([0, 1]);
  });

  it('has no features of its own where the lab’s rules have the same', () => {
    for (const text of [TEXT, '', 'don’t stop', '“It’s élan!”']) expect(score('wordlength', text)).toBeCloseTo(ruleById('long-words').gold(text), 12);
  });

  it.each(['1 / 0', '0 / 0', 'log(-1)', 'sqrt(-1)', 'exp(1000)', 'min(1, log(0))', '1 / 0 > 2', 'words / sentences', '10 ^ 13', '-10 ^ 13'])('is none of “%s” where a step has no finite value, and the place is named', (source) => {
    expect(() => score(source, '')).toThrow(RuleValueError);
    expect(() => score(`${source} `, '')).toThrow(/no value for “”: at character \d+/);
  });

  it('names the step at fault', () => {
    expect(() => score('1 + log(words - 99)', TEXT)).toThrow(expect.objectContaining({ column: 5 }));
  });

  it('takes time in proportion to the text’s length', () => {
    const rule = parseRule('wordlength + sentences + repeats + count("aaaaaaaaab") + questions');
    const text = 'aaaaaaaaaa? '.repeat(20_000);
    const begin = performance.now();
    evaluateRule(rule, text);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});
