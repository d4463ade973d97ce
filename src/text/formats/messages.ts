import type { Comparison, Turn } from '../../feedback/judgement';
import { FileError } from '../fileError';
import type { JudgedDataset } from '../../store/judgements';
import { isObject, objectOf, own, type FileRecord } from './record';

/*
 * Texts and conversations as TRL writes both (huggingface.co/docs/trl, "Dataset
 * formats"): a text is a string, a conversation a list of {"role", "content"}.
 */

/** What stands in a field: a text, or a conversation of one message at least. */
export function contentOf(record: FileRecord, field: string): string | Turn[] {
  const content = own(objectOf(record), field);
  if (content === undefined) throw new FileError(record, field, 'it is missing');
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw new FileError(record, field, 'it is neither text nor a list of messages');
  if (content.length === 0) throw new FileError(record, field, 'it is a conversation without a message');
  return turnsOfMessages(record, content, field);
}

const ROLES: readonly unknown[] = ['system', 'user', 'assistant'] satisfies Turn['role'][];

export function turnsOfMessages(record: FileRecord, messages: readonly unknown[], field: string): Turn[] {
  return messages.map((message, i): Turn => {
    const at = `${field}.${i}`;
    if (!isObject(message)) throw new FileError(record, at, 'it is not a message');
    const role = own(message, 'role');
    if (!ROLES.includes(role)) throw new FileError(record, `${at}.role`, 'it is neither "system" nor "user" nor "assistant"');
    const text = own(message, 'content');
    if (typeof text !== 'string') throw new FileError(record, `${at}.content`, 'it is not text');
    return { role: role as Turn['role'], text };
  });
}

/** How a dataset's texts are written: all as conversations where one of them is, since the columns of a file are of one type. */
export function contentWriter({ comparisons }: Pick<JudgedDataset, 'comparisons'>) {
  const conversational = comparisons.some(({ turns }) => turns);
  const messages = (turns: readonly Turn[]) => turns.map(({ role, text }) => ({ role, content: text }));
  return {
    prompt: ({ prompt, turns }: Comparison) => (conversational ? messages(turns ?? [{ role: 'user', text: prompt }]) : prompt),
    answer: (text: string) => (conversational ? messages([{ role: 'assistant', text }]) : text),
    /** What a plain prompt loses: that it was no message. */
    lost: ({ turns }: Comparison): 'messaged'[] => (conversational && !turns ? ['messaged'] : []),
  };
}
