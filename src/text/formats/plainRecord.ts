import type { Turn } from '../../feedback/judgement';
import { newId } from '../../feedback/identity';
import { FileError } from '../fileError';
import { columnsOf, numberIn, PREFERENCE, preferenceOf, unusedColumn, type Columns } from './columns';
import type { Format } from './format';
import { item, placeOf, type ImportedItem, type LeftOut } from './item';
import { contentOf } from './messages';
import { isObject, objectOf, own, type FileRecord } from './record';
import type { Survey } from './survey';

/*
 * What people write who have texts and no tool: {"prompt", "responses": […]};
 * fields such as {"question", "answer_a", "answer_b", "preferred"}; or a whole
 * conversation, as {"messages": [{"role", "content"}]} or
 * {"conversations": [{"from", "value"}]}, of which each answer is judged.
 */

export const plainRecord: Format = {
  id: 'plain-record',
  title: 'Plain records (JSON)',
  about: 'A prompt with its responses, or a conversation, judged or not',
  extensions: ['.jsonl', '.json'],
  container: 'json',
  recognises: (first) => first.some((value) => isObject(value) && (listIn(value, CONVERSATIONS) !== undefined || listIn(value, RESPONSES) !== undefined || (columnsOf(textFields(value))?.responses.length ?? 0) > 0)),
  hear(record, survey) {
    const fields = objectOf(record);
    const preference = columnsOf([...textFields(fields), ...(listIn(fields, RESPONSES) === undefined ? [] : LISTED)])?.preference;
    const number = preference === undefined ? null : numberIn(wordsIn(fields, preference));
    if (number !== null) survey.hearNumber(number);
  },
  read(record, survey) {
    const fields = objectOf(record);
    const list = listIn(fields, RESPONSES);
    const conversation = listIn(fields, CONVERSATIONS);
    if (conversation !== undefined && list === undefined && !isAnswered(record, conversation)) return momentsOf(record, conversation);
    return list === undefined ? fieldsOf(record, survey) : listedOf(record, list, survey);
  },
};

const CONVERSATIONS = ['messages', 'conversations', 'conversation', 'turns', 'dialog', 'dialogue'];
const RESPONSES = ['responses', 'answers', 'completions', 'outputs', 'candidates', 'generations', 'continuations', 'replies'];

/** Responses of a list, as columns would be called. */
const LISTED = ['response_a', 'response_b'];

/** The field of these that holds a list. */
const listIn = (fields: object, names: readonly string[]): string | undefined => names.find((name) => Array.isArray(own(fields, name)));

/** Fields that hold a text; and one that says which is better, for which a number is enough. */
const textFields = (fields: Record<string, unknown>): string[] => Object.keys(fields).filter((name) => typeof own(fields, name) === 'string' || (PREFERENCE.test(name) && typeof own(fields, name) === 'number'));

const SPEAKERS: Record<string, Turn['role']> = { system: 'system', user: 'user', human: 'user', prompter: 'user', assistant: 'assistant', gpt: 'assistant', model: 'assistant', bot: 'assistant', chatgpt: 'assistant' };

function turnsIn(record: FileRecord, field: string): Turn[] {
  return (own(record.value, field) as unknown[]).map((message, i): Turn => {
    const said = own(message, 'role') ?? own(message, 'from') ?? own(message, 'speaker');
    const role = typeof said === 'string' && Object.hasOwn(SPEAKERS, said.toLowerCase()) ? SPEAKERS[said.toLowerCase()] : undefined;
    if (!role) throw new FileError(record, `${field}.${i}.role`, 'it says neither “system” nor “user” nor “assistant”');
    const text = textOf(message);
    if (text === undefined) throw new FileError(record, `${field}.${i}.content`, 'it is not text');
    return { role, text };
  });
}

/** A text, or what holds one under a usual name. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const text = own(value, 'content') ?? own(value, 'text') ?? own(value, 'value') ?? own(value, 'response');
  return typeof text === 'string' ? text : undefined;
}

/** Whether the answers to a conversation stand in fields of their own: two or more of them, or one where somebody still waits for it. */
function isAnswered(record: FileRecord, field: string): boolean {
  const { length } = columnsOf(textFields(objectOf(record)))?.responses ?? [];
  return length > 1 || (length === 1 && turnsIn(record, field).at(-1)?.role !== 'assistant');
}

/** In UTF-16 code units: what is kept of a conversation grows with the square of it, for each of its answers has all that was said before. */
const LONGEST_MOMENTS = 4e6;

/** Each answer of a conversation, after all that was said before it. One without an answer waits for it. */
function momentsOf(record: FileRecord, field: string): readonly ImportedItem[] | LeftOut {
  const turns = turnsIn(record, field);
  if (turns.length === 0) return { ...placeOf(record), leftOut: 'the conversation is empty' };
  const answers = turns.flatMap(({ role }, i) => (role === 'assistant' ? [i] : []));
  let before = 0;
  let kept = 0;
  for (const { role, text } of turns) {
    if (role === 'assistant') kept += before + text.length;
    before += text.length;
  }
  if (kept > LONGEST_MOMENTS) throw new FileError(record, field, `its ${answers.length} answers, each with all that was said before it, are too much text; cut the conversation into several`);
  const conversationId = answers.length > 1 ? { conversationId: newId() } : {};
  const moments = answers.length > 0 ? answers.map((at) => item(record, turns.slice(0, at), [turns[at].text], conversationId)) : [item(record, turns, [])];
  return moments.flatMap((moment) => ('leftOut' in moment ? [] : [moment]));
}

/** A prompt, as a text or a list of messages, and its responses in a list. */
function listedOf(record: FileRecord, field: string, survey: Survey): ImportedItem | LeftOut {
  const fields = objectOf(record);
  const responses = (own(fields, field) as unknown[]).map((response, i) => {
    const text = textOf(response);
    if (text === undefined) throw new FileError(record, `${field}.${i}`, 'it is not text');
    return text;
  });
  const columns = columnsOf([...textFields(fields), ...LISTED])!;
  return item(record, askedIn(record, columns), responses, saidOf(record, columns, responses.map((_text, i) => `response_${String.fromCharCode(97 + i)}`), survey));
}

function fieldsOf(record: FileRecord, survey: Survey): ImportedItem | LeftOut {
  const fields = objectOf(record);
  const columns = columnsOf(textFields(fields));
  if (!columns) throw new FileError(record, 'prompt', 'it is missing, and so are responses');
  return item(record, askedIn(record, columns), columns.responses.map((name) => wordsIn(fields, name)), saidOf(record, columns, columns.responses, survey));
}

const wordsIn = (fields: object, name: string): string => String(own(fields, name) ?? '');

/** What the responses of a record answer: a conversation, or a text. */
function askedIn(record: FileRecord, columns: Columns): string | Turn[] {
  const fields = objectOf(record);
  const conversation = listIn(fields, CONVERSATIONS);
  if (conversation !== undefined) return turnsIn(record, conversation);
  return Array.isArray(own(fields, 'prompt')) ? contentOf(record, 'prompt') : promptOf(fields, columns);
}

const promptOf = (fields: object, { prompt }: Columns): string => prompt.map((name) => wordsIn(fields, name)).filter(Boolean).join('\n\n');

function saidOf(record: FileRecord, { preference, others }: Columns, names: readonly string[], survey: Survey): Pick<ImportedItem, 'judged'> & { lost?: string[] } {
  const fields = objectOf(record);
  const verdict = preference === undefined ? null : preferenceOf(record, preference, wordsIn(fields, preference), names, survey.numbering);
  const lost = others.filter((name) => wordsIn(fields, name)).map(unusedColumn);
  return { judged: verdict ? [{ verdict }] : [], ...(lost.length > 0 && { lost }) };
}
