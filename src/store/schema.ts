import type { DBSchema } from 'idb';
import type { Form } from '../feedback/form';
import type { Answer, Choice, Comparison, JudgementEvent, MediaType, Remarks } from '../feedback/judgement';

/*
 * Everything that the lab keeps, in one IndexedDB database. The store is on
 * the ground floors and knows no reinforcement learning: settings, metrics and
 * reports of the floors above are JSON to it.
 */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- typed by the floors that write it
export type Json = any;

export const DATABASE_NAME = 'nudge';

/** Tensors by name, as kept in the database. */
export type StoredTensors = Record<string, { shape: number[]; data: Float32Array }>;

/** A language model, a reward model of texts or one of images, or a critic that guides the language model it came from. Shipped models are not stored: they are listed in `public/models/index.json`. */
export interface ModelRecord {
  id: string;
  name: string;
  kind: 'language' | 'reward' | 'image-reward' | 'critic';
  created: number;
  /** `config.json` and `tokenizer.json` contents; a model of images reads no tokens, and its tokenizer is null. */
  config: Json;
  tokenizer: Json;
  weightsId: string;
  parameters: number;
  /** Model that this one was trained from, and the run or dataset that trained it. */
  baseModelId?: string;
  datasetId?: string;
  runId?: string;
  /** How it was made and what it was found to be worth: a reward model's held-out report, or the training of a language model outside a run. */
  report?: Json;
}

export interface WeightsRecord {
  id: string;
  tensors: StoredTensors;
}

/** A queue of comparisons with one seed for its shuffles. */
export interface DatasetRecord {
  id: string;
  name: string;
  created: number;
  seed: number;
  /** Model that wrote the comparisons, when sampled. */
  modelId?: string;
  /** What is asked about each item; absent: which of a pair is better. */
  form?: Form;
  /** How the items come before a labeler; absent: in their order, each once. */
  collecting?: Collecting;
}

/** How the items of a dataset come before a labeler. */
export interface Collecting {
  /** What comes next: see {@link Choice}. */
  next: Choice;
  /** Of the items that are not left to the order, the share that chance chooses all the same: only on those is an evaluation fair. */
  randomShare: number;
  /** Chance, at each item, that one which the labeler has judged already is asked again. */
  repeatShare: number;
  /** Every labeler judges every item, without seeing what others said; otherwise they share the items out. */
  everyone: boolean;
}

/** A form that a labeler has begun to fill in: saved as it changes, and no judgement yet. */
export interface DraftRecord extends Remarks {
  comparisonId: string;
  /** As `raterKey` gives it. */
  rater: string;
  datasetId: string;
  answers: Answer[];
}

/** A picture, a sound or a film, kept once however many items show it. */
export interface MediaRecord {
  /** SHA-256 of its bytes, in hexadecimal. */
  id: string;
  type: MediaType;
  bytes: Blob;
}

export interface RunRecord {
  id: string;
  name: string;
  created: number;
  updated: number;
  status: 'ready' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed';
  /** Why a run stopped by itself, in a sentence for the person. */
  note?: string;
  baseModelId: string;
  /** Absent where it has no part in the reward. */
  rewardModelId?: string;
  /** Where the reward is not a reward model's score alone: its parts, and what was measured of them before the run began. */
  reward?: Json;
  settings: Json;
  seed: number;
  /** Rule whose gold score is measured beside the reward; training never sees it. */
  goldRule?: string;
  /** Prompts of its own; without them a run uses the lab's openings. */
  prompts?: string[];
  /** Version of the lab that made it, and the adapter it ran on. */
  version: string;
  adapter: string;
  /** The programs that it computes with on a GPU, from its first iteration on: others would round differently. */
  variants?: Json;
  /** Iterations done. */
  iteration: number;
  iterations: number;
}

/** One PPO iteration's metrics, by name as in the literature (`objective/kl`, …). */
export interface MetricsRecord {
  runId: string;
  /** Counted from 1: the run's number of iterations done once this one is. A checkpoint with the same number was taken right after it. */
  iteration: number;
  at: number;
  metrics: Record<string, number>;
}

/** A few rollouts of one iteration, to be read. */
export interface SamplesRecord {
  runId: string;
  iteration: number;
  samples: { prompt: string; response: string; score: number; kl: number; gold?: number; tokens?: Json }[];
}

/** Everything that a run needs to go on as if it had never stopped. */
export interface CheckpointRecord {
  id: string;
  runId: string;
  iteration: number;
  created: number;
  /** False where the guards tripped in this iteration, or on the policy that it left: kept for study, never restored by "last good". */
  good: boolean;
  tensors: StoredTensors;
  /** β, random counters, cursors, optimiser step. */
  state: Json;
}

/** How a checkpoint is kept: its tensors lie apart, so that listing and pruning never read them. */
export type CheckpointRow = Omit<CheckpointRecord, 'tensors'> & { weightsId: string };

export interface SettingRecord {
  key: string;
  value: Json;
}

export interface NudgeDatabase extends DBSchema {
  models: { key: string; value: ModelRecord; indexes: { byKind: string } };
  /** Tensors of models and of checkpoints. */
  weights: { key: string; value: WeightsRecord };
  datasets: { key: string; value: DatasetRecord };
  /** `byDataset` is unique: no two comparisons have the same place in a queue. */
  comparisons: { key: string; value: Comparison; indexes: { byDataset: [string, number] } };
  /** Append-only; the key is the order of arrival in this browser, and `byId` is unique. */
  events: { key: number; value: JudgementEvent; indexes: { byId: string; byDataset: string } };
  drafts: { key: [string, string]; value: DraftRecord; indexes: { byDataset: string } };
  media: { key: string; value: MediaRecord };
  runs: { key: string; value: RunRecord };
  metrics: { key: [string, number]; value: MetricsRecord };
  samples: { key: [string, number]; value: SamplesRecord };
  checkpoints: { key: string; value: CheckpointRow; indexes: { byRun: [string, number] } };
  settings: { key: string; value: SettingRecord };
}

/** The keys of `byDataset` of one dataset's comparisons, from a place in the queue on. */
export function queueKeys(datasetId: string, from = 0): IDBKeyRange {
  return IDBKeyRange.bound([datasetId, from], [datasetId, Infinity]);
}
