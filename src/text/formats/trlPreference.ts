import type { Strength, Turn } from '../../feedback/judgement';
import { lessonsOf } from '../../feedback/lessons';
import { FileError } from '../fileError';
import type { Format } from './format';
import { item, placeOf, type ImportedItem, type LeftOut } from './item';
import { contentOf, contentWriter } from './messages';
import { has, objectOf, own, type FileRecord } from './record';
import { PARTED, sharedText, sharedTurns } from './sharedStart';
import { paired, writeRows } from './writing';

/*
 * TRL's preference data (huggingface.co/docs/trl, "Dataset formats"): {"prompt",
 * "chosen", "rejected"}, of texts or of lists of messages; without "prompt",
 * both answers begin with it.
 *
 * "margin" says how much better. As in Llama 2 (Touvron et al. 2023, table 27,
 * the large margins) 1, 2 and 3 are slightly, clearly and by far, and 0 is
 * hardly at all, which is no strength here. Others are rounded to the nearest.
 */

export const trlPreference: Format = {
  id: 'trl-preference',
  title: 'TRL preferences',
  about: 'A prompt with a chosen and a rejected answer, for DPO and reward models',
  extensions: ['.jsonl', '.json'],
  container: 'json',
  recognises: (first) => first.some((value) => has(value, 'chosen', 'rejected')),
  read,
  write(dataset) {
    const content = contentWriter(dataset);
    const stated = [...dataset.states.values()].some((state) => state.status === 'judged' && lessonsOf(state).some(({ strength }) => strength !== undefined));
    return writeRows(dataset, {
      judged(comparison, state) {
        const judged = paired(comparison, state, true);
        if ('leftOut' in judged) return judged;
        const rows = judged.pairs.map(({ better, worse, strength }) => ({ prompt: content.prompt(comparison), chosen: content.answer(better), rejected: content.answer(worse), ...(stated && { margin: strength ?? 0 }) }));
        return { rows, lost: [...judged.lost, ...content.lost(comparison)] };
      },
      line: (row) => `${JSON.stringify(row)}\n`,
    });
  },
};

function read(record: FileRecord): ImportedItem | LeftOut {
  const fields = objectOf(record);
  const chosen = contentOf(record, 'chosen');
  const rejected = contentOf(record, 'rejected');
  const prompt = has(fields, 'prompt') ? contentOf(record, 'prompt') : undefined;
  const { strength, lost } = strengthOf(record, own(fields, 'margin'));
  const rest = { judged: [{ verdict: 'first' as const, ...(strength && { strength }) }], ...(lost && { lost: [lost] }) };

  if (typeof chosen === 'string' && typeof rejected === 'string' && (prompt === undefined || typeof prompt === 'string')) {
    if (prompt !== undefined) return item(record, prompt, [chosen, rejected], rest);
    const start = sharedText(chosen, rejected);
    return item(record, start, [chosen.slice(start.length), rejected.slice(start.length)], rest);
  }
  if (typeof chosen === 'string' || typeof rejected === 'string' || typeof prompt === 'string') throw new FileError(record, '', 'text stands beside lists of messages');
  const shared = prompt ? 0 : sharedTurns(chosen, rejected);
  const answers = [chosen.slice(shared), rejected.slice(shared)];
  if (answers.some((turns) => turns.length !== 1 || turns[0].role !== 'assistant')) return { ...placeOf(record), leftOut: PARTED };
  return item(record, prompt ?? chosen.slice(0, shared), answers.map(([turn]: Turn[]) => turn.text), rest);
}

function strengthOf(record: FileRecord, margin: unknown): { strength?: Strength; lost?: string } {
  if (margin === undefined || margin === 0) return {};
  if (typeof margin !== 'number' || !Number.isFinite(margin)) throw new FileError(record, 'margin', 'it is not a number');
  if (margin < 0) return { lost: 'a margin below 0, which is against the choice' };
  const strength = Math.min(3, Math.max(1, Math.round(margin))) as Strength;
  return { strength, ...(strength !== margin && { lost: 'a margin, of which is left whether it is slight, clear or large' }) };
}
