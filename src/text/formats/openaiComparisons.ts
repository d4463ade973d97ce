import type { Strength } from '../../feedback/judgement';
import { FileError } from '../fileError';
import type { Format } from './format';
import { item, type ImportedItem, type LeftOut } from './item';
import { has, isObject, objectOf, own, type FileRecord } from './record';

/*
 * The comparisons of "Learning to summarize from human feedback" (Stiennon et
 * al. 2020, github.com/openai/summarize-from-feedback): {"info", "summaries",
 * "choice", "worker", "extra"}, one comparison a line.
 */

export const openaiComparisons: Format = {
  id: 'openai-comparisons',
  title: 'OpenAI summary comparisons',
  about: 'Two summaries of a post or an article, and which one a labeler chose',
  extensions: ['.json', '.jsonl'],
  container: 'json',
  recognises: (first) => first.some((value) => has(value, 'info', 'summaries', 'choice')),
  read,
};

function read(record: FileRecord): ImportedItem | LeftOut {
  const fields = objectOf(record);
  const summaries = own(fields, 'summaries');
  if (!Array.isArray(summaries) || summaries.length !== 2) throw new FileError(record, 'summaries', 'it is not a list of two');
  const responses = summaries.map((summary: unknown, i) => {
    const text = own(summary, 'text');
    if (typeof text !== 'string') throw new FileError(record, `summaries.${i}.text`, 'it is not text');
    return text;
  });
  const choice = own(fields, 'choice');
  if (choice !== 0 && choice !== 1) throw new FileError(record, 'choice', 'it is neither 0 nor 1');
  const worker = own(fields, 'worker');
  if (worker !== undefined && typeof worker !== 'string') throw new FileError(record, 'worker', 'it is not text');
  const { strength, lost } = strengthOf(own(own(fields, 'extra'), 'confidence'), choice);
  return item(record, promptOf(record, own(fields, 'info')), responses, {
    judged: [{ verdict: choice === 0 ? 'first' : 'second', ...(strength && { strength }), ...(worker !== undefined && { rater: { kind: 'person', name: worker, id: worker } as const }) }],
    ...(lost && { lost: [lost] }),
  });
}

/** The text that the summaries are of, laid out as the models of the paper read it (its appendix, and `tldr` in the repository); a news article by itself. */
function promptOf(record: FileRecord, info: unknown): string {
  if (!isObject(info)) throw new FileError(record, 'info', 'it is not an object');
  const text = (field: string) => {
    const content = own(info, field);
    if (content !== undefined && typeof content !== 'string') throw new FileError(record, `info.${field}`, 'it is not text');
    return content;
  };
  const [post, article, subreddit, title] = ['post', 'article', 'subreddit', 'title'].map(text);
  if (post === undefined && article === undefined) throw new FileError(record, 'info.post', 'it is missing, and so is "article"');
  if (post === undefined) return `${title === undefined ? '' : `TITLE: ${title}\n\n`}ARTICLE: ${article}\n\nTL;DR:`;
  return `${subreddit === undefined ? '' : `SUBREDDIT: r/${subreddit}\n\n`}${title === undefined ? '' : `TITLE: ${title}\n\n`}POST: ${post}\n\nTL;DR:`;
}

/** Labelers answered on nine steps, from the first being far better to the second, 5 between them: the strength is the distance from there. */
function strengthOf(confidence: unknown, choice: 0 | 1): { strength?: Strength; lost?: string } {
  if (confidence === undefined || confidence === 5) return {};
  const steps = typeof confidence === 'number' && Number.isInteger(confidence) && confidence >= 1 && confidence <= 9 ? confidence - 5 : 0;
  if (steps === 0 || steps > 0 !== (choice === 1)) return { lost: 'a confidence that is not from 1 to 9, or against the choice' };
  return { strength: ([1, 2, 2, 3] as const)[Math.abs(steps) - 1] };
}
