import type { Format } from './format';
import { item } from './item';
import { contentOf, contentWriter } from './messages';
import { has, type FileRecord } from './record';
import { writeRows, type Loss } from './writing';

/*
 * Prompts alone, as TRL takes them for PPO and GRPO (huggingface.co/docs/trl,
 * "Dataset formats", prompt-only). Nothing can be judged before a model has
 * answered them.
 */

export const promptOnly: Format = {
  id: 'prompt-only',
  title: 'Prompts',
  about: 'Prompts alone, to be answered',
  extensions: ['.jsonl', '.json'],
  container: 'json',
  recognises: (first) => first.some((value) => has(value, 'prompt')),
  read: (record: FileRecord) => item(record, contentOf(record, 'prompt'), []),
  write(dataset) {
    const content = contentWriter(dataset);
    return writeRows(dataset, {
      judged: (comparison) => ({ rows: [content.prompt(comparison)], lost: ['judgement', ...comparison.responses.map((): Loss => 'response'), ...content.lost(comparison)] }),
      open: (comparison) => ({ rows: [content.prompt(comparison)], lost: [...comparison.responses.map((): Loss => 'response'), ...content.lost(comparison)] }),
      line: (prompt) => `${JSON.stringify({ prompt })}\n`,
    });
  },
};
