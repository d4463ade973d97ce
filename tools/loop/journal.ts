import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PpoSettings, RewardReport, RewardSettings } from '../../src/lab/protocol';
import { writeWhole } from '../files';
import type { LoopOptions } from './options';
import type { Gpu } from '../host/chromiumHost';
import type { LoopReport } from './report';

/** How far a loop has come; enough to go on from after a crash. */
export interface Journal {
  options: LoopOptions;
  host: 'chromium' | 'node';
  /** 'software' or 'hardware', once the browser was started. */
  gpu?: Gpu;
  datasetId?: string;
  labelled?: { judged: number; temperature: number; ceiling: number };
  reward?: { modelId: string; report: RewardReport; settings: RewardSettings };
  run?: { runId: string; settings: PpoSettings };
  seconds: LoopReport['seconds'];
}

const FILE = 'loop.json';

/**
 * The journal of a folder, or a new one. Throws where the folder holds a loop
 * with other options, which must not be mixed with this one.
 */
export function openJournal(out: string, options: LoopOptions, host: Journal['host']): Journal {
  mkdirSync(out, { recursive: true });
  const path = join(out, FILE);
  if (!existsSync(path)) return { options, host, seconds: { sample: 0, reward: 0, ppo: 0, evaluate: 0 } };
  const journal = JSON.parse(readFileSync(path, 'utf8')) as Journal;
  // A loop from before there was a choice trained the whole policy.
  journal.options = { ...journal.options, lora: journal.options.lora ?? 0 };
  const differing = (Object.keys(options) as (keyof LoopOptions)[]).filter((key) => journal.options[key] !== options[key]);
  if (journal.host !== host) throw new Error(`${out} holds a loop that ran in ${journal.host}. Choose another --out, or ${host === 'node' ? 'leave out' : 'add'} --node.`);
  if (differing.length > 0)
    throw new Error(`${out} holds a loop with ${differing.map((key) => `${key} ${journal.options[key]}`).join(', ')}. Choose another --out, or delete that folder.`);
  return journal;
}

export function saveJournal(out: string, journal: Journal): void {
  writeWhole(join(out, FILE), JSON.stringify(journal, null, 2));
}
