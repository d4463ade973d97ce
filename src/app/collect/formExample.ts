import { fits, textsToWrite, type Form } from '../../feedback/form';
import type { Comparison } from '../../feedback/judgement';
import { EXAMPLES } from '../welcome/examples';

/** Something to try a form on: the first of these items that it can be asked about, else texts that a small model wrote. */
export function exampleFor(form: Form, own: readonly Comparison[]): Comparison {
  const texts = textsToWrite(form);
  return own.find((comparison) => fits(form, comparison) && comparison.responses.length === texts) ?? shippedExample(texts);
}

function shippedExample(texts: number): Comparison {
  const [{ prompt, responses }] = EXAMPLES;
  const item = { id: `example-${texts}`, datasetId: '', order: 0, swapped: false, source: { kind: 'imported' as const, file: '' }, created: 0 };
  if (texts <= responses.length) return { ...item, prompt, responses: responses.slice(0, texts) };
  // More than were written to one beginning: whole little stories, then.
  const stories = EXAMPLES.flatMap((example) => example.responses.map((response) => `${example.prompt} ${response}`));
  return { ...item, prompt: '', responses: stories.slice(0, texts) };
}
