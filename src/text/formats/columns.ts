import type { PairVerdict, RankingVerdict } from '../../feedback/judgement';
import { FileError } from '../fileError';
import type { FileRecord } from './record';
import { callsResponse, endOf, LONGEST_NAME, preferringNeither, responseNames } from './responseFields';
import type { Numbering } from './survey';

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
/** What says which record it is, or where it is from, and nothing of what it says. */
const COUNTER = /^(#|id|nr|no|number|index|row|.*[\s_-](id|index))?$/i;
const ORIGIN = /^(source|origin|model|author|annotator|date|time|timestamp|created(_at)?|split|subset|category|topic|tags?|language|lang|url)$/i;

/**
 * What each column is; null where none of them is a prompt or a response. Of
 * "chosen" and "rejected" the order says which is better. Where no column is
 * called like a prompt, the first that stands before the responses is it.
 */
export function columnsOf(names: readonly string[]): Columns | null {
  const pair = ['chosen', 'rejected'].every((name) => names.includes(name));
  const preference = pair ? undefined : names.find((name) => PREFERENCE.test(name));
  const texts = names.filter((name) => name !== preference && name.length <= LONGEST_NAME && !COUNTER.test(name));
  const called = texts.includes('prompt') ? ['prompt'] : texts.filter((name) => PROMPT.test(name));
  const responses = pair ? ['chosen', 'rejected'] : responseNames(texts.filter((name) => !called.includes(name)), false);
  if (responses.length === 0 && called.length === 0) return null;
  const [before] = texts.slice(0, Math.min(...responses.map((name) => texts.indexOf(name)))).filter((name) => !ORIGIN.test(name));
  const prompt = called.length > 0 || before === undefined ? called : [before];
  return { prompt, responses, ...(preference !== undefined && { preference }), others: texts.filter((name) => !prompt.includes(name) && !responses.includes(name)) };
}

export const unusedColumn = (name: string): string => `the column “${name}”, which is neither a prompt nor a response`;

/** The words of a table for a verdict on a pair. */
export const PAIR_WORDS: Record<PairVerdict, string> = { first: 'a', second: 'b', tie: 'tie', 'both-bad': 'both bad' };

/** A preference as it stands in a file, in the words of {@link preferenceOf}; of a number with decimals, which spreadsheets make of a column with gaps, the number. */
const wordsOf = (preference: string): string => preference.trim().toLowerCase().replace(/^(-?\d{1,3})\.0{1,9}$/, '$1');

/** The number that a preference is; null where it is something else. */
export function numberIn(preference: string): number | null {
  const words = wordsOf(preference);
  return /^-?\d{1,3}(\.\d{1,9})?$/.test(words) ? Number(words) : null;
}

/**
 * What a preference in words says of the responses, which stand in the columns
 * of these names: a letter or a number, the name of a column, “tie”, “both bad”,
 * or an order such as “b > a = c”. Null where it says nothing. Whatever else it
 * says is refused: a verdict that is guessed is worse than none.
 * @param numbering what numbers the whole file has for a preference
 */
export function preferenceOf(record: FileRecord, column: string, preference: string, names: readonly string[], numbering: Numbering): PairVerdict | RankingVerdict | null {
  const words = wordsOf(preference);
  if (words === '') return null;
  if (words.length > LONGEST_NAME) throw new FileError(record, column, 'it is longer than any preference');
  if (names.length < 2) throw new FileError(record, column, 'there is only one response');
  const neither = names.length === 2 ? preferringNeither(words) : null;
  if (neither) return neither;
  const groups = words.split(/>+|≻/).map((group) => group.split('=').map((name) => placeOf(name.trim(), names, numbering, { record, column })));
  const places = groups.flat();
  if (places.some((place) => place === null)) throw new FileError(record, column, `it names no order of the ${names.length} responses; “b > a” is one, and “tie” and “both bad” are words for a pair`);
  if (new Set(places).size < places.length) throw new FileError(record, column, 'it names a response twice');
  if (places.length > 1) return { kind: 'ranking', groups: groups as number[][] };
  const [best] = places as number[];
  if (names.length === 2) return best === 0 ? 'first' : 'second';
  // The best of more is before all others, between which nothing was said.
  return { kind: 'ranking', groups: [[best], names.map((_name, place) => place).filter((place) => place !== best)] };
}

/**
 * The place of the response that a word means: the name of its column; or the
 * letter or number at the end of that, alone or after a word for a response;
 * or, where the columns have no such ends, the first for “a” and so on. Null
 * where it means none.
 */
function placeOf(word: string, names: readonly string[], numbering: Numbering, { record, column }: { record: FileRecord; column: string }): number | null {
  const exact = names.findIndex((name) => name.toLowerCase() === word);
  if (exact >= 0) return exact;
  const named = endOf(word);
  if (!named || !callsResponse(word, names)) return null;
  const ends = names.map((name) => endOf(name)?.end);
  const isNumber = /\d/.test(named.end);
  // Where the columns are told apart by letters, “b” is the one that ends in it, wherever it stands.
  const alike = ends.some((end) => end !== undefined && /\d/.test(end) === isNumber);
  if (alike) {
    if (isNumber && !ends.includes('0') && numbering.low < 1) throw new FileError(record, column, UNCLEAR);
    const place = ends.indexOf(named.end);
    return place < 0 ? null : place;
  }
  if (isNumber && (numbering.low < 0 || !numbering.whole || (numbering.low === 0 && numbering.high >= names.length))) throw new FileError(record, column, UNCLEAR);
  const place = isNumber ? Number(named.end) - Math.min(1, numbering.low) : named.end.charCodeAt(0) - 97;
  return place >= 0 && place < names.length ? place : null;
}

const UNCLEAR = 'the numbers in this column do not say whether they begin at 0 or at 1, or whether 0 is a tie; write “a”, “b”, “tie” or the names of the columns in their place';
