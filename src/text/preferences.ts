import type { Comparison, ComparisonState } from '../feedback/judgement';
import { lessonsOf } from '../feedback/lessons';
import { orderedPairs } from '../feedback/orderedPairs';
import type { ImportedItem } from './importedItem';
import { JsonlError, readJsonl, writeJsonl, type JsonlLimits, type JsonLine } from './jsonl';

/*
 * Preference data in TRL's standard format: one {"prompt", "chosen",
 * "rejected"} a line (huggingface.co/docs/trl, "Dataset formats", preference
 * with explicit prompt).
 */

export interface Preference {
  prompt: string;
  chosen: string;
  rejected: string;
}

/**
 * Read a preference file, one by one. A conversational line is read where prompt,
 * chosen and rejected are one message each; longer conversations have no single
 * prompt text and are refused, as are lines that leave the prompt implicit.
 * Other fields are ignored.
 * @param identical takes the lines whose two responses are the same text: they prefer nothing, and are left out
 * @throws JsonlError that names line and field; then nothing of the file is to be used
 */
export async function* readPreferences(file: Blob, identical: number[], limits?: JsonlLimits): AsyncGenerator<ImportedItem> {
  for await (const jsonLine of readJsonl(file, limits)) {
    const { line } = jsonLine;
    const prompt = textField(jsonLine, 'prompt', 'user');
    const responses = [textField(jsonLine, 'chosen', 'assistant'), textField(jsonLine, 'rejected', 'assistant')];
    if (responses[0] === responses[1]) identical.push(line);
    else yield { line, prompt, responses, judged: [{ verdict: 'first' }] };
  }
}

function textField({ line, value }: JsonLine, field: keyof Preference, role: 'user' | 'assistant'): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new JsonlError(line, '', 'it is not an object');
  const content = own(value, field);
  if (content === undefined)
    throw new JsonlError(line, field, field === 'prompt' ? 'it is missing; a prompt that is only implied by both responses is not read' : 'it is missing');
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw new JsonlError(line, field, 'it is neither text nor a list of messages');
  if (content.length !== 1) throw new JsonlError(line, field, `it is a conversation of ${content.length} messages; only one is read`);
  const message: unknown = content[0];
  if (typeof message !== 'object' || message === null) throw new JsonlError(line, `${field}.0`, 'it is not a message');
  if (own(message, 'role') !== role) throw new JsonlError(line, `${field}.0.role`, `it is not "${role}"`);
  const text = own(message, 'content');
  if (typeof text !== 'string') throw new JsonlError(line, `${field}.0.content`, 'it is not text');
  return text;
}

// A name like "__proto__" or "constructor" must never be found on the prototype.
function own(record: object, field: string): unknown {
  return Object.hasOwn(record, field) ? (record as Record<string, unknown>)[field] : undefined;
}

export interface WrittenPreferences {
  text: string;
  /** Preferences in the file. */
  written: number;
  /** Judgements that the format has no word for. */
  leftOut: { ties: number; bothBad: number; single: number };
  /** What the conversion lost, for the person. */
  loss: string;
}

/** A dataset's decided comparisons in TRL's format, a ranking as the pairs that it orders, with what that loses. */
export function writePreferences(comparisons: Iterable<Comparison>, states: ReadonlyMap<string, ComparisonState>): WrittenPreferences {
  const preferences: Preference[] = [];
  const leftOut = { ties: 0, bothBad: 0, single: 0 };
  for (const comparison of comparisons) {
    const state = states.get(comparison.id);
    if (state?.status !== 'judged') continue;
    const lessons = lessonsOf(state);
    const pairs = lessons.flatMap(({ verdict }) => orderedPairs(comparison, verdict));
    for (const { responses: [first, second], verdict } of pairs) {
      const [chosen, rejected] = verdict === 'first' ? [first, second] : [second, first];
      preferences.push({ prompt: comparison.prompt, chosen, rejected });
    }
    if (pairs.length > 0) continue;
    if (lessons.some(({ verdict }) => verdict === 'both-bad')) leftOut.bothBad++;
    else if (lessons.some(({ verdict }) => verdict === 'tie' || (typeof verdict === 'object' && verdict.kind === 'ranking'))) leftOut.ties++;
    else leftOut.single++;
  }
  const loss =
    `Left out: ${count(leftOut.ties, 'tie')} and ${count(leftOut.bothBad, 'pair')} judged “both bad”, for which the format has no word. ` +
    (leftOut.single > 0 ? `It has none for ${count(leftOut.single, 'judgement')} of a single text either. ` : '') +
    'Who judged, when, and on which side each response stood are not in it either; the lab’s own format keeps all of that.';
  return { text: writeJsonl(preferences), written: preferences.length, leftOut, loss };
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
