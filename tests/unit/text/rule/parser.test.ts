import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateRule } from '../../../../src/text/rule/evaluate';
import { parseRule } from '../../../../src/text/rule/parser';
import { RuleError, RuleValueError } from '../../../../src/text/rule/ruleError';
import { MOST_CHARACTERS } from '../../../../src/text/rule/tokens';

function errorOf(source: string): RuleError {
  try {
    parseRule(source);
  } catch (error) {
    expect(error).toBeInstanceOf(RuleError);
    return error as RuleError;
  }
  throw new Error(`“${source}” was read.`);
}

describe('a rule that cannot be read', () => {
  it.each<[string, number, RegExp]>([
    ['', 1, /empty/],
    ['  ', 1, /empty/],
    ['words +', 8, /the rule ends, where a number, a feature/],
    ['words words', 7, /there is “words”, where an operator/],
    ['dragons > 2', 1, /“dragons” is not known.*words, chars.*quotation marks/],
    ['words > 2 < 5', 11, /one comparison cannot follow another/],
    ['(words', 7, /a closing bracket, a comma or an operator/],
    ['min(words)', 1, /min takes 2 to 20 values.* has 1/],
    ['sqrt(1, 2)', 1, /sqrt takes 1 value, and has 2/],
    ['if(1, 2)', 1, /if takes 3 values/],
    ['has(words)', 5, /there is “words”, where the text to look for/],
    ['has("")', 5, /nothing between the quotation marks/],
    ['has("dog)', 5, /no partner/],
    ['words; 1', 6, /“;” has no meaning here/],
    ['1 + 🦊', 5, /“🦊” has no meaning/],
    ['and 1', 1, /stands between two values/],
    ['1e999', 1, /too large/],
    ['constructor', 1, /not known/],
    ['__proto__(1)', 1, /not known/],
    ['words.length', 6, /“\.” has no meaning/],
    ['count', 6, /the rule ends, where “\(”/],
  ])('such as “%s” is refused at its place with what is wrong and what is allowed', (source, column, reason) => {
    const error = errorOf(source);
    expect(error.column).toBe(column);
    expect(error.message).toMatch(reason);
    expect(error.message).toContain(`At character ${column}:`);
  });

  it('is one that is too long, too deep or too large', () => {
    expect(errorOf(' '.repeat(MOST_CHARACTERS) + '1').message).toMatch(/2000 are allowed/);
    for (const [open, close] of [['(', ')'], ['-', ''], ['not ', ''], ['abs(', ')'], ['2^', '']]) {
      const deep = (depth: number) => open.repeat(depth) + '1' + close.repeat(depth);
      expect(parseRule(deep(50))).toBeDefined();
      expect(errorOf(deep(51)).message).toMatch(/within each other/);
    }
    const long = (terms: number) => Array(terms).fill('1').join('+');
    expect(evaluateRule(parseRule(long(250)), '')).toBe(250);
    expect(errorOf(long(251)).message).toMatch(/more than 500 steps/);
  });
});

const PIECES = ['words', 'chars', 'if', 'and', 'or', 'not', 'min', 'log', 'count', 'has', '(', ')', ',', '"dog"', '“', '"', '\\', '+', '-', '*', '/', '^', '<', '<=', '=', '!', '1', '0', '2.5', '1e3', '.', ' ', '\n', 'é', '🦊', '\ud83e', '\0', 'constructor', '`', '${', '=>'];

describe('any string', () => {
  it('is a rule or a RuleError, and a rule has a finite value or none that it says, in no time', () => {
    let read = 0;
    const begin = performance.now();
    const rules = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join('')), grammatical());
    fc.assert(
      fc.property(rules, fc.string({ maxLength: 100 }), (source, text) => {
        let rule;
        try {
          rule = parseRule(source);
        } catch (error) {
          expect(error).toBeInstanceOf(RuleError);
          expect((error as RuleError).column).toBeGreaterThanOrEqual(1);
          expect((error as RuleError).column).toBeLessThanOrEqual(source.length + 1);
          return;
        }
        read++;
        try {
          const value = evaluateRule(rule, text);
          expect(Number.isFinite(value)).toBe(true);
          expect(evaluateRule(parseRule(source), text)).toBe(value);
        } catch (error) {
          expect(error).toBeInstanceOf(RuleValueError);
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(read).toBeGreaterThan(500);
    // 3,000 rules of at most a few dozen steps: milliseconds of work, and a wide margin for a busy machine.
    expect(performance.now() - begin).toBeLessThan(20_000);
  });
});

/** Sources that follow the grammar. */
function grammatical(): fc.Arbitrary<string> {
  return fc.letrec<{ rule: string }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom('words', 'sentences', 'repeats', '3', '0.5', 'has("a")', 'count("b")'),
      fc.tuple(tie('rule'), fc.constantFrom('+', '-', '*', '/', '^', ' and ', ' or '), tie('rule')).map((parts) => parts.join('')),
      fc.tuple(tie('rule'), tie('rule'), tie('rule')).map((parts) => `if(${parts.join(', ')})`),
      tie('rule').map((inner) => `(${inner})`),
      tie('rule').map((inner) => `log(${inner})`),
    ),
  })).rule;
}
