import { words } from '../../feedback/rules/words';
import { distinct2, repeatedNgrams } from '../diversity';

/*
 * What a rule may be written with, each word with its meaning: the parser, the
 * evaluator and the form read it here. Everything is a number; a comparison is 1
 * where it holds and else 0, and any number but 0 counts as true. All of it takes
 * time that grows with the text's length and no faster.
 */

const letters = (text: string) => words(text).reduce((sum, word) => sum + word.replaceAll("'", '').length, 0);
const occurrences = (text: string, part: string) => text.split(part).length - 1;

/** Numbers of a text, by their name in a rule. */
export const FEATURES = {
  words: { about: 'how many words it has', of: (text) => words(text).length },
  chars: { about: 'how many characters it has, spaces among them', of: (text) => [...text.trim()].length },
  sentences: { about: 'how many sentences it has, an unfinished last one among them', of: (text) => text.split(/[.!?…]/).filter((part) => words(part).length > 0).length },
  wordlength: { about: 'how many letters a word has on average', of: (text) => letters(text) / Math.max(1, words(text).length) },
  questions: { about: 'how many question marks it has', of: (text) => occurrences(text, '?') },
  exclamations: { about: 'how many exclamation marks it has', of: (text) => occurrences(text, '!') },
  repeats: { about: 'the share of pairs of neighbouring words that were there before: 0, none; near 1, it repeats itself', of: (text) => repeatedNgrams([text], 2) ?? 0 },
  distinct: { about: 'the share of such pairs that are different: 1 less repeats', of: (text) => distinct2([text]) ?? 1 },
} as const satisfies Record<string, { about: string; of: (text: string) => number }>;

/** Questions about a text that take some text in quotation marks. Neither side's capitals matter, nor space around the whole text. */
export const TEXT_FUNCTIONS = {
  count: { about: 'how often it stands there, also inside longer words', of: occurrences },
  has: { about: '1 if it stands there, else 0', of: (text, part) => Number(text.includes(part)) },
  starts: { about: '1 if the text begins with it, else 0', of: (text, part) => Number(text.startsWith(part)) },
  ends: { about: '1 if the text ends with it, else 0', of: (text, part) => Number(text.endsWith(part)) },
} as const satisfies Record<string, { about: string; of: (text: string, part: string) => number }>;

/** Functions of numbers. `arguments`: how many, at least and at most. `if` is not here: it computes one of its branches only. */
export const FUNCTIONS = {
  min: { about: 'the least of several numbers', arguments: [2, 20], of: Math.min },
  max: { about: 'the greatest of several numbers', arguments: [2, 20], of: Math.max },
  clamp: { about: 'a number, kept between a lowest and a highest: clamp(words, 5, 20)', arguments: [3, 3], of: (x, low, high) => Math.min(high, Math.max(low, x)) },
  abs: { about: 'a number without its sign', arguments: [1, 1], of: Math.abs },
  sqrt: { about: 'the square root', arguments: [1, 1], of: Math.sqrt },
  log: { about: 'the natural logarithm', arguments: [1, 1], of: Math.log },
  exp: { about: 'e to the power of a number', arguments: [1, 1], of: Math.exp },
} as const satisfies Record<string, { about: string; arguments: readonly [number, number]; of: (...values: number[]) => number }>;

/** What stands between two numbers: how tightly it binds, and what it comes to. `and` and `or` are here for how they bind: they compute their right side only where it matters. */
export const INFIX = {
  or: { binds: 1, of: (a, b) => Number(a !== 0 || b !== 0) },
  and: { binds: 2, of: (a, b) => Number(a !== 0 && b !== 0) },
  '=': { binds: 3, of: (a, b) => Number(a === b) },
  '!=': { binds: 3, of: (a, b) => Number(a !== b) },
  '<': { binds: 3, of: (a, b) => Number(a < b) },
  '<=': { binds: 3, of: (a, b) => Number(a <= b) },
  '>': { binds: 3, of: (a, b) => Number(a > b) },
  '>=': { binds: 3, of: (a, b) => Number(a >= b) },
  '+': { binds: 4, of: (a, b) => a + b },
  '-': { binds: 4, of: (a, b) => a - b },
  '*': { binds: 5, of: (a, b) => a * b },
  '/': { binds: 5, of: (a, b) => a / b },
  '^': { binds: 6, of: (a, b) => a ** b },
} as const satisfies Record<string, { binds: number; of: (a: number, b: number) => number }>;

export const [COMPARISON, POWER] = [INFIX['='].binds, INFIX['^'].binds];

export type FeatureName = keyof typeof FEATURES;
export type TextFunctionName = keyof typeof TEXT_FUNCTIONS;
export type FunctionName = keyof typeof FUNCTIONS;
export type InfixName = keyof typeof INFIX;
