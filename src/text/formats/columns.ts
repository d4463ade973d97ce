import type { PairVerdict, RankingVerdict } from '../../feedback/judgement';
import { FileError } from '../fileError';
import type { FileRecord } from './record';
import { preferring, responseNames } from './responseFields';

/*
 * What the columns of a table, or the fields of a plain record, are, by their
 * names: those who make a table by hand call them as they like.
 */

export interface Columns {
  /** Those that together are the prompt. */
  prompt: string[];
  /** Those of the responses, in their order. */
  responses: string[];
  /** The one that says which response is better. */
  preference?: string;
  /** Those that are none of these. */
  others: string[];
}

const PROMPT = /^(question|query|instruction|request|input|context)s?$/i;
export const PREFERENCE = /^(preference|preferred|better|best|winner|choice|choose|chosen|verdict)(_(response|answer|output|completion))?$/i;
/** What says which record it is, and nothing about it. */
const COUNTER = /^(#|id|nr|no|number|index|row|.*[\s_-](id|index))?$/i;

/**
 * What each column is; null where none of them is a prompt or a response. Of
 * "chosen" and "rejected" the order says which is better. Where no column is
 * called like a prompt, the first that stands before the responses is it.
 */
export function columnsOf(names: readonly string[]): Columns | null {
  const pair = ['chosen', 'rejected'].every((name) => names.includes(name));
  const preference = pair ? undefined : names.find((name) => PREFERENCE.test(name));
  const texts = names.filter((name) => name !== preference && !COUNTER.test(name));
  const called = texts.includes('prompt') ? ['prompt'] : texts.filter((name) => PROMPT.test(name));
  const responses = pair ? ['chosen', 'rejected'] : responseNames(texts.filter((name) => !called.includes(name)), false);
  if (responses.length === 0 && called.length === 0) return null;
  const [before] = texts.slice(0, Math.min(...responses.map((name) => texts.indexOf(name))));
  const prompt = called.length > 0 || before === undefined ? called : [before];
  return { prompt, responses, ...(preference !== undefined && { preference }), others: texts.filter((name) => !prompt.includes(name) && !responses.includes(name)) };
}

export const unusedColumn = (name: string): string => `the column “${name}”, which is neither a prompt nor a response`;

/** The place of a letter, or of a number, with or without “response” before it; −1 of anything else. */
function placeOf(name: string, first: number): number {
  const [, end] = /^\s*(?:response[\s_-]*)?([a-f]|\d)\s*$/.exec(name) ?? [];
  return end === undefined ? -1 : /\d/.test(end) ? Number(end) - first : end.charCodeAt(0) - 97;
}

/** Whether a preference can only be one that counts the responses from 0. */
export const countsFromZero = (preference: string): boolean => /^\s*0(\.0+)?\s*$/.test(preference);

/** The number of the first response: that of its column where they are numbered, and else 1, unless the file counts from 0. */
function firstNumber(names: readonly string[], fromZero: boolean): number {
  return fromZero || names.some((name) => /(^|\D)0$/.test(name)) ? 0 : 1;
}

/** The words of a table for a verdict on a pair. */
export const PAIR_WORDS: Record<PairVerdict, string> = { first: 'a', second: 'b', tie: 'tie', 'both-bad': 'both bad' };

/**
 * What a preference in words says of the responses, which stand in the columns
 * of these names: a letter or a number, the name of a column, “tie”, “both bad”,
 * or an order such as “b > a = c”. Null where it says nothing.
 * @param fromZero whether other records of the file count the responses from 0
 */
export function preferenceOf(record: FileRecord, column: string, preference: string, names: readonly string[], fromZero: boolean): PairVerdict | RankingVerdict | null {
  // What was a column of numbers with gaps comes as 1.0 and 2.0.
  const words = preference.trim().toLowerCase().replace(/^(\d)\.0+$/, '$1');
  const first = firstNumber(names, fromZero);
  if (words === '') return null;
  const pair = (Object.keys(PAIR_WORDS) as PairVerdict[]).find((verdict) => PAIR_WORDS[verdict] === words.replace(/[\s_-]+/g, ' '));
  if (pair && names.length === 2) return pair;
  const groups = words.split('>').map((group) => group.split('=').map((name) => placeOf(name, first)));
  const places = groups.flat();
  if (places.some((place) => place < 0 || place >= names.length)) {
    const named = preferring(column, words, names);
    if (named) return named;
    throw new FileError(record, column, `it names no order of the ${names.length} responses; “b > a” is one, and “tie” and “both bad” are words for a pair`);
  }
  if (new Set(places).size < places.length) throw new FileError(record, column, 'it names a response twice');
  if (places.length > 1) return { kind: 'ranking', groups };
  if (names.length < 2) throw new FileError(record, column, 'there is only one response');
  const [best] = places;
  if (names.length === 2) return best === 0 ? 'first' : 'second';
  // The best of more is before all others, between which nothing was said.
  return { kind: 'ranking', groups: [[best], names.map((_name, place) => place).filter((place) => place !== best)] };
}
