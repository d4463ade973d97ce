import { RuleError } from './ruleError';

/** A piece of a rule. `column` counts characters from 1. */
export type Token = { column: number } & (
  | { kind: 'number'; value: number }
  | { kind: 'text'; text: string }
  /** In lower case. */
  | { kind: 'name'; name: string }
  | { kind: 'symbol'; symbol: string }
  | { kind: 'end' }
);

/** Longest rule, in characters. */
export const MOST_CHARACTERS = 2000;

const SPACE = /\s+/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_]\w*/y;
const SYMBOL = /<=|>=|!=|==?|[-+*/^<>(),]/y;
// A backslash takes the next character as it is.
const TEXT = /["“](?<inside>(?:[^"“”\\]|\\.)*)["”]/suy;

/** Throws {@link RuleError}. The last token is the end. */
export function tokenize(source: string): Token[] {
  if (source.length > MOST_CHARACTERS) throw new RuleError(MOST_CHARACTERS + 1, `the rule is ${source.length} characters long, and ${MOST_CHARACTERS} are allowed. Shorten it.`);
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    take(SPACE);
    const column = at + 1;
    if (at === source.length) return [...tokens, { kind: 'end', column }];
    let found: RegExpExecArray | null;
    if ((found = take(NUMBER))) {
      const value = Number(found[0]);
      if (!Number.isFinite(value)) throw new RuleError(column, `${found[0].slice(0, 30)} is too large for a number here.`);
      tokens.push({ kind: 'number', value, column });
    } else if ((found = take(NAME))) tokens.push({ kind: 'name', name: found[0].toLowerCase(), column });
    else if ((found = take(TEXT))) tokens.push({ kind: 'text', text: found.groups!.inside.replace(/\\(.)/gsu, '$1'), column });
    else if ((found = take(SYMBOL))) tokens.push({ kind: 'symbol', symbol: found[0] === '==' ? '=' : found[0], column });
    else if (/["“”]/.test(source[at])) throw new RuleError(column, 'this quotation mark has no partner. Put text between two of them: has("dog").');
    else throw new RuleError(column, `“${String.fromCodePoint(source.codePointAt(at)!)}” has no meaning here. A rule is made of numbers, names, text in "quotation marks", brackets, commas, and + - * / ^ = != < <= > >=.`);
  }
}
