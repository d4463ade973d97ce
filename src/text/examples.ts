import { splitStories } from './corpus';
import { JsonlError, readJsonl, type JsonlLimits } from './jsonl';

/*
 * Examples for supervised fine-tuning, in TRL's standard formats
 * (huggingface.co/docs/trl, "Dataset formats"): a line is {"prompt",
 * "completion"} or {"text"}. A plain text is one text, or several between
 * lines that hold only the end-of-text mark.
 */

/** A beginning and how it ought to go on. */
export interface Demonstration {
  prompt: string;
  completion: string;
}

/** What a model is shown: how beginnings go on, of which it learns the completions alone, or whole texts. */
export type Examples = { kind: 'demonstrations'; demonstrations: readonly Demonstration[] } | { kind: 'texts'; texts: readonly string[] };

/**
 * Read a JSONL file of examples, all of one kind. Other fields are ignored.
 * @throws JsonlError that names line and field; then nothing of the file is to be used
 */
export async function readExamples(file: Blob, limits?: JsonlLimits): Promise<Examples> {
  const demonstrations: Demonstration[] = [];
  const texts: string[] = [];
  for await (const { line, value } of readJsonl(file, limits)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new JsonlError(line, '', 'it is not an object');
    const field = (name: string) => {
      const content: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      if (content === undefined) throw new JsonlError(line, name, 'it is missing; a line has "prompt" and "completion", or "text"');
      if (typeof content !== 'string') throw new JsonlError(line, name, 'it is not text');
      if (content === '' && name !== 'prompt') throw new JsonlError(line, name, 'it is empty, so there is nothing to learn from it');
      return content;
    };
    if (Object.hasOwn(value, 'text')) texts.push(field('text'));
    else demonstrations.push({ prompt: field('prompt'), completion: field('completion') });
    if (texts.length > 0 && demonstrations.length > 0) throw new JsonlError(line, '', 'whole texts and beginnings with completions stand in one file; put them in two');
  }
  return texts.length > 0 ? { kind: 'texts', texts } : { kind: 'demonstrations', demonstrations };
}

/** Examples of a plain text. */
export function plainExamples(text: string): Examples {
  return { kind: 'texts', texts: splitStories(text) };
}

/** How many examples there are. */
export function countExamples(examples: Examples): number {
  return examples.kind === 'texts' ? examples.texts.length : examples.demonstrations.length;
}
