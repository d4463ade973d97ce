import { transcript, turnsOf } from '../../feedback/transcript';
import type { Turn } from '../../feedback/judgement';
import { FileError } from '../fileError';
import type { Format } from './format';
import { item, placeOf, type ImportedItem, type LeftOut } from './item';
import { has, objectOf, own, type FileRecord } from './record';
import { PARTED, sharedTurns } from './sharedStart';
import { paired, writeRows } from './writing';

/*
 * Anthropic's HH data (Bai et al. 2022, github.com/anthropics/hh-rlhf):
 * {"chosen", "rejected"}, two whole transcripts that differ in the last answer.
 */

export const anthropicHh: Format = {
  id: 'anthropic-hh',
  title: 'Anthropic HH',
  about: 'Two transcripts of one conversation, a chosen and a rejected one',
  extensions: ['.jsonl', '.jsonl.gz'],
  container: 'json',
  recognises: (first) => first.some((value) => !has(value, 'prompt') && [own(value, 'chosen'), own(value, 'rejected')].every((text) => typeof text === 'string' && turnsOf(text))),
  read,
  write: (dataset) =>
    writeRows(dataset, {
      judged(comparison, state) {
        const judged = paired(comparison, state, false);
        if ('leftOut' in judged) return judged;
        const turns = comparison.turns ?? [{ role: 'user', text: comparison.prompt }];
        const whole = (answer: string) => `${transcript(turns)} ${answer}`;
        const comesBack = (answer: string) => sameTurns(turnsOf(whole(answer)), [...turns, { role: 'assistant', text: answer }]);
        if (!judged.pairs.every(({ better, worse }) => comesBack(better) && comesBack(worse))) return { leftOut: 'speaker' };
        const rows = judged.pairs.map(({ better, worse }) => ({ chosen: whole(better), rejected: whole(worse) }));
        return { rows, lost: [...judged.lost, ...(comparison.turns ? [] : (['messaged'] as const))] };
      },
      line: (row) => `${JSON.stringify(row)}\n`,
    }),
};

const sameTurns = (a: readonly Turn[] | null, b: readonly Turn[]) => a?.length === b.length && a.every(({ role, text }, i) => role === b[i].role && text === b[i].text);

function read(record: FileRecord): ImportedItem | LeftOut {
  const [chosen, rejected] = ['chosen', 'rejected'].map((field) => {
    const text = own(objectOf(record), field);
    if (text === undefined) throw new FileError(record, field, 'it is missing');
    if (typeof text !== 'string') throw new FileError(record, field, 'it is not text');
    const turns = turnsOf(text);
    if (!turns) throw new FileError(record, field, 'it does not begin with a turn, such as “Human:” after a blank line');
    return turns;
  });
  const shared = sharedTurns(chosen, rejected);
  const answers = [chosen.slice(shared), rejected.slice(shared)];
  if (answers.some((turns) => turns.length !== 1 || turns[0].role !== 'assistant')) return { ...placeOf(record), leftOut: PARTED };
  return item(record, chosen.slice(0, shared), answers.map(([{ text }]) => text), { judged: [{ verdict: 'first' }] });
}
