import { RuleError } from './ruleError';
import { tokenize, type Token } from './tokens';
import { COMPARISON, FEATURES, FUNCTIONS, INFIX, POWER, TEXT_FUNCTIONS, type FeatureName, type FunctionName, type InfixName, type TextFunctionName } from './vocabulary';

/** A rule that was read. `column` is where the step stands in its source. */
export type Expression = { column: number } & (
  | { kind: 'number'; value: number }
  | { kind: 'feature'; name: FeatureName }
  | { kind: 'text'; name: TextFunctionName; text: string }
  | { kind: 'function'; name: FunctionName | 'if' | 'not' | 'negative'; values: Expression[] }
  | { kind: 'infix'; name: InfixName; left: Expression; right: Expression }
);

/** Brackets, functions, signs and powers within each other. */
const MOST_DEPTH = 50;
/** Numbers, names and operators in all. */
const MOST_STEPS = 500;

const has = <T extends object>(table: T, name: string): name is keyof T & string => Object.hasOwn(table, name);

/**
 * Read a rule:
 *
 *     rule    = part { operator part }      or, and, comparison, + -, * /, ^: the later, the tighter
 *     part    = number | feature | "-" rule | "not" rule | "(" rule ")"
 *             | function "(" rule { "," rule } ")" | textFunction "(" text ")"
 *
 * `^` takes its right side first and binds more tightly than a sign before it, as
 * in mathematics: -2^2 is -4. Recursive descent by how tightly operators bind
 * (Richards 1979, "operator precedence"); length, depth and size are bounded.
 * Throws {@link RuleError}.
 */
export function parseRule(source: string): Expression {
  return new Parser(tokenize(source)).whole();
}

class Parser {
  private place = 0;
  private depth = 0;
  private steps = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    if (this.ended()) throw new RuleError(1, 'the rule is empty. Write what a text shall score, such as wordlength.');
    const rule = this.rule(0);
    if (!this.ended()) throw this.unexpected(`an operator (${Object.keys(INFIX).join(' ')}) or the end of the rule`);
    return rule;
  }

  /** As much as operators hold together that bind at least this tightly. */
  private rule(least: number): Expression {
    let left = this.part();
    for (;;) {
      const { column } = this.next;
      const name = this.word();
      if (!has(INFIX, name)) return left;
      const { binds } = INFIX[name];
      if (binds < least) return left;
      this.place++;
      const right = this.within(() => this.rule(binds === POWER ? binds : binds + 1));
      left = this.step({ kind: 'infix', name, left, right, column });
      const following = this.word();
      if (binds === COMPARISON && has(INFIX, following) && INFIX[following].binds === COMPARISON)
        throw new RuleError(this.next.column, 'one comparison cannot follow another. Join two by “and”: 5 < words and words < 20.');
    }
  }

  private part(): Expression {
    const token = this.next;
    const { column } = token;
    this.place++;
    if (token.kind === 'number') return this.step({ kind: 'number', value: token.value, column });
    if (token.kind === 'symbol' && token.symbol === '-') return this.step({ kind: 'function', name: 'negative', values: [this.within(() => this.rule(POWER))], column });
    if (token.kind === 'symbol' && token.symbol === '(') {
      const inside = this.within(() => this.rule(0));
      this.expect(')');
      return inside;
    }
    if (token.kind === 'name') return this.named(token.name, column);
    this.place--;
    throw this.unexpected('a number, a feature of the text, a function or an opening bracket');
  }

  private named(name: string, column: number): Expression {
    if (name === 'not') return this.step({ kind: 'function', name, values: [this.within(() => this.rule(COMPARISON))], column });
    if (has(FEATURES, name)) return this.step({ kind: 'feature', name, column });
    if (has(TEXT_FUNCTIONS, name)) return this.step({ kind: 'text', name, text: this.quoted(name), column });
    if (name === 'if' || has(FUNCTIONS, name)) return this.step({ kind: 'function', name, values: this.values(name, column), column });
    if (has(INFIX, name)) throw new RuleError(column, `“${name}” stands between two values, and there is none before it.`);
    const known = [FEATURES, TEXT_FUNCTIONS, FUNCTIONS].flatMap((table) => Object.keys(table));
    throw new RuleError(column, `“${name.slice(0, 30)}” is not known. There are: ${known.join(', ')}, if, and, or, not. Words to look for stand in quotation marks: has("dog").`);
  }

  private quoted(name: string): string {
    this.expect('(');
    const { next } = this;
    if (next.kind !== 'text') throw this.unexpected(`the text to look for, in quotation marks: ${name}("dog")`);
    if (next.text.trim() === '') throw new RuleError(next.column, `there is nothing between the quotation marks. Write what to look for: ${name}("dog").`);
    this.place++;
    this.expect(')');
    return next.text;
  }

  private values(name: FunctionName | 'if', column: number): Expression[] {
    this.expect('(');
    const values: Expression[] = [];
    do values.push(this.within(() => this.rule(0)));
    while (this.accept(','));
    this.expect(')');
    const [least, most] = name === 'if' ? [3, 3] : FUNCTIONS[name].arguments;
    if (values.length < least || values.length > most)
      throw new RuleError(column, `${name} takes ${least === most ? least : `${least} to ${most}`} ${most === 1 ? 'value' : 'values, with commas between them'}, and has ${values.length}.`);
    return values;
  }

  private step<E extends Expression>(step: E): E {
    if (++this.steps > MOST_STEPS) throw new RuleError(step.column, `the rule has more than ${MOST_STEPS} steps. Make it simpler.`);
    return step;
  }

  private within(read: () => Expression): Expression {
    if (++this.depth > MOST_DEPTH) throw new RuleError(this.next.column, `more than ${MOST_DEPTH} things stand within each other. Make it simpler.`);
    const inside = read();
    this.depth--;
    return inside;
  }

  private get next(): Token {
    return this.tokens[this.place];
  }

  private ended(): boolean {
    return this.next.kind === 'end';
  }

  /** The next operator's spelling; '' where there is none. */
  private word(): string {
    const { next } = this;
    return next.kind === 'symbol' ? next.symbol : next.kind === 'name' ? next.name : '';
  }

  private accept(symbol: string): boolean {
    const found = this.next.kind === 'symbol' && this.next.symbol === symbol;
    if (found) this.place++;
    return found;
  }

  private expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.unexpected(symbol === ')' ? 'a closing bracket, a comma or an operator' : `“${symbol}”`);
  }

  private unexpected(wanted: string): RuleError {
    const { next } = this;
    const found = next.kind === 'end' ? 'the rule ends' : next.kind === 'number' ? `there is ${next.value}` : next.kind === 'text' ? 'there is text in quotation marks' : `there is “${this.word().slice(0, 30)}”`;
    return new RuleError(next.column, `${found}, where ${wanted} should be.`);
  }
}
