import { lessonsOf, type Lesson } from '../../feedback/lessons';
import { FileError } from '../fileError';
import type { Format } from './format';
import { item, placeOf, type ImportedItem, type LeftOut } from './item';
import { contentOf, contentWriter } from './messages';
import { has, objectOf, own, type FileRecord } from './record';
import { losses, speechless, unwritten, writeRows } from './writing';

/*
 * TRL's unpaired preferences (huggingface.co/docs/trl, "Dataset formats"):
 * {"prompt", "completion", "label"}, where true is a thumb up. Without a label
 * it is a response that waits for one.
 */

export const trlUnpaired: Format = {
  id: 'trl-unpaired',
  title: 'TRL single answers',
  about: 'A prompt with one answer and a thumb up or down, for KTO',
  extensions: ['.jsonl', '.json'],
  container: 'json',
  recognises: (first) => first.some((value) => has(value, 'prompt', 'completion')),
  read,
  write(dataset, { pairsToo = false } = {}) {
    const content = contentWriter(dataset);
    const labels = (lesson: Lesson) => labelsOf(lesson, pairsToo);
    return writeRows(dataset, {
      judged(comparison, state) {
        const labelled = lessonsOf(state)
          .flatMap(labels)
          .map(([response, label]) => ({ text: comparison.responses[response], label }));
        if (labelled.length === 0) return { leftOut: speechless(state) };
        const rows = labelled.map(({ text, label }) => ({ prompt: content.prompt(comparison), completion: content.answer(text), label }));
        const lost = losses(state, (lesson) => labels(lesson).length > 0);
        return { rows, lost: [...lost, ...unwritten(comparison, labelled.map(({ text }) => text)), ...content.lost(comparison)] };
      },
      line: (row) => `${JSON.stringify(row)}\n`,
    });
  },
};

/** Which responses a lesson calls good or not. */
function labelsOf({ verdict }: Lesson, pairsToo: boolean): [response: number, good: boolean][] {
  if (typeof verdict === 'object') return verdict.kind === 'thumb' ? [[verdict.response, verdict.up]] : [];
  if (!pairsToo || verdict === 'tie') return [];
  return [
    [0, verdict === 'first'],
    [1, verdict === 'second'],
  ];
}

function read(record: FileRecord): ImportedItem | LeftOut {
  const prompt = contentOf(record, 'prompt');
  const completion = contentOf(record, 'completion');
  const label = own(objectOf(record), 'label');
  if (label !== undefined && typeof label !== 'boolean') throw new FileError(record, 'label', 'it is neither true nor false');
  if ((typeof prompt === 'string') !== (typeof completion === 'string')) throw new FileError(record, '', 'text stands beside lists of messages');
  if (typeof completion !== 'string' && (completion.length !== 1 || completion[0].role !== 'assistant')) return { ...placeOf(record), leftOut: 'the completion is not one answer' };
  const response = typeof completion === 'string' ? completion : completion[0].text;
  return item(record, prompt, [response], { judged: label === undefined ? [] : [{ verdict: { kind: 'thumb', response: 0, up: label } }] });
}
