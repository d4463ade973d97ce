import type { PairVerdict, RankingVerdict, Turn } from '../../feedback/judgement';

/*
 * Which of a record's fields are responses: the tools for annotation let
 * everybody name them as they like, and say it nowhere in what they export.
 */

export interface SplitFields {
  /** The fields that are no response, below each other, or the conversation among them. */
  prompt: string | Turn[];
  /** Names of the responses' fields, in their order. */
  names: string[];
  responses: string[];
}

/** Nobody calls a field, or a response, by a longer name. */
export const LONGEST_NAME = 200;

/** The number or the letter at the end of a name, and what stands before it, in lower case; null where there is none. */
export function endOf(name: string): { stem: string; end: string; apart: boolean } | null {
  if (name.length > LONGEST_NAME) return null;
  const [end] = /(\d{1,2}|[a-f])$/i.exec(name) ?? [];
  if (end === undefined) return null;
  const before = name.slice(0, -end.length);
  const stem = before.replace(/[\s_-]+$/, '').toLowerCase();
  // As “-1”, which is a number of its own.
  if (stem === '' && before !== '') return null;
  // The last letter of a word is no letter of a list.
  return { stem, end: end.toLowerCase(), apart: stem === '' || stem.length < before.length || /\d/.test(end) || /[a-z][A-F]$/.test(name) };
}

const RESPONSE = /^(response|reply|answer|completion|generation|generated|output|summary|candidate|continuation|model_?output|text)s?$/i;

/**
 * Two or more fields whose names differ in a number or a letter at their ends
 * ("response-1", "response_2"; "answer_a", "answer_b"); or "chosen" and
 * "rejected"; or one that is called like a response; or the only field.
 * Everything else is the prompt. Null where none of that fits.
 */
export function splitFields(fields: ReadonlyMap<string, string | Turn[]>): SplitFields | null {
  const texts = [...fields].flatMap(([name, content]) => (typeof content === 'string' ? [name] : []));
  const names = responseNames(texts);
  if (names.length === 0) return null;
  const others = [...fields].filter(([name]) => !names.includes(name));
  const turns = others.flatMap(([, content]) => (typeof content === 'string' ? [] : [content]));
  const words = others.flatMap(([, content]) => (typeof content === 'string' ? [content] : []));
  const prompt = turns.length === 0 ? words.join('\n\n') : [...(words.length > 0 ? [{ role: 'system' as const, text: words.join('\n\n') }] : []), ...turns.flat()];
  return { prompt, names, responses: names.map((name) => fields.get(name) as string) };
}

/**
 * The fields that are responses, in their order.
 * @param only whether the only field, whatever it is called, is one
 */
export function responseNames(names: readonly string[], only = true): string[] {
  const families = new Map<string, { name: string; place: number }[]>();
  for (const name of names) {
    const ending = endOf(name);
    if (!ending || ending.stem === '' || !(ending.apart || RESPONSE.test(ending.stem))) continue;
    families.set(ending.stem, [...(families.get(ending.stem) ?? []), { name, place: placeOf(ending.end) }]);
  }
  // “response_a” and “response_b” are it, however many columns count something else.
  const named = ([stem]: [string, unknown]) => Number(RESPONSE.test(stem));
  const [, family] = [...families].filter(([, { length }]) => length > 1).sort((a, b) => named(b) - named(a) || b[1].length - a[1].length)[0] ?? [];
  if (family) return family.sort((a, b) => a.place - b.place).map(({ name }) => name);
  const pair = ['chosen', 'rejected'].flatMap((wanted) => names.find((name) => name.toLowerCase() === wanted) ?? []);
  if (pair.length === 2) return pair;
  const single = names.findLast((name) => RESPONSE.test(name) && !/^texts?$/i.test(name)) ?? names.findLast((name) => RESPONSE.test(name));
  return single !== undefined ? [single] : only && names.length === 1 ? [names[0]] : [];
}

const placeOf = (end: string) => (/\d/.test(end) ? Number(end) : end.charCodeAt(0));

/** The place of the response that something is called after: its field's name, or the number or letter at the end of that. Null where it names none. */
export function namedResponse(name: string, names: readonly string[]): number | null {
  const exact = names.findIndex((other) => other.toLowerCase() === name.trim().toLowerCase());
  if (exact >= 0) return exact;
  const end = endOf(name.trim())?.end;
  if (end === undefined) return null;
  const ends = names.map((other) => endOf(other)?.end);
  const same = ends.indexOf(end);
  if (same >= 0) return same;
  // A tool may count what the fields letter, or the reverse.
  const place = /\d/.test(end) ? Number(end) - 1 : end.charCodeAt(0) - 97;
  const otherwise = ends.every((other) => other === undefined || /\d/.test(other) !== /\d/.test(end));
  return otherwise && place >= 0 && place < names.length ? place : null;
}

/** A question's name without the response that it is about, so that "quality-1" and "quality-2" are one question. */
export function withoutResponse(name: string, names: readonly string[]): string {
  const stem = endOf(name) && name.slice(0, -endOf(name)!.end.length).replace(/[\s_-]+$/, '');
  return stem && names.length > 1 && namedResponse(name, names) !== null ? stem : name;
}

/** What stands before the letter or the number of a response: “option b”, “model 2”. */
const CALLED = /^(response|answer|output|completion|generation|candidate|continuation|reply|option|choice|model|text|assistant|summary)$/;

/** Whether a word can mean a response: the name of its field; or a letter or a number, alone or after a word for a response. “Vicuna” is none, though it ends in a letter. */
export function callsResponse(word: string, names: readonly string[]): boolean {
  if (names.some((name) => name.toLowerCase() === word.trim().toLowerCase())) return true;
  const ending = endOf(word.trim());
  return ending !== null && (ending.stem === '' || (ending.apart && CALLED.test(ending.stem)) || names.some((name) => endOf(name)?.stem === ending.stem));
}

const PREFERRING = /prefer|better|best|winner|choice|choose|chosen|rank/i;

/** Whether a word is the name of a response, rather than an option that looks like one: it is the name itself, or answers which is better. */
export function meansResponse(question: string, word: string, names: readonly string[]): boolean {
  return names.length > 1 && (names.includes(word) || (PREFERRING.test(question) && callsResponse(word, names) && namedResponse(word, names) !== null));
}

const TIE = /^(tie|tied|equal|same|draw|both|both (good|fine|ok|equal))$/i;
const BOTH_BAD = /^(both bad|bothbad|neither|none)$/i;

/** What a word says of two responses that prefers neither; null where it says something else. */
export function preferringNeither(word: string): 'tie' | 'both-bad' | null {
  const plain = word.trim().replace(/[\s_-]+/g, ' ');
  return TIE.test(plain) ? 'tie' : BOTH_BAD.test(plain) ? 'both-bad' : null;
}

/** What a word says that names the better response, or says that neither is; null where it does neither. */
export function preferring(question: string, word: string, names: readonly string[]): PairVerdict | RankingVerdict | null {
  if (names.length === 2 && PREFERRING.test(question)) {
    const neither = preferringNeither(word);
    if (neither) return neither;
  }
  if (!meansResponse(question, word, names)) return null;
  const place = namedResponse(word, names)!;
  if (names.length === 2) return place === 0 ? 'first' : 'second';
  return { kind: 'ranking', groups: [[place], names.map((_name, other) => other).filter((other) => other !== place)] };
}
