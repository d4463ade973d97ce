import { idealSeconds } from '../model/arithmetic';
import type { Demand } from '../model/demand';
import { rewardDemand, type RewardWork } from '../reward/demand';
import { countKinds } from '../reward/minibatches';
import { lessonsOf } from '../reward/modular';
import { judgedResponses } from '../reward/preference';
import { ppoDemand } from '../rl/demand';
import type { Database } from '../store/database';
import { loadJudgedDataset } from '../store/judgements';
import { listMetrics, listRuns } from '../store/runs';
import type { Adapter, BackendName, BufferLimits } from '../tensor/backend';
import type { BpeTokenizer } from '../text/bpe';
import { LabFailure } from './failure';
import { judgedPreferences } from './judgedPreferences';
import type { Desk } from './lab';
import type { ModelShelf } from './modelShelf';
import { LEAN, settingsOf, type Commands, type Estimate, type PpoSettings, type RewardSettings, type SmallerDemand } from './protocol';

/*
 * What a run or a training will ask of the device, and what would ask for
 * less. Whether a buffer is too large is certain, and refused; whether memory
 * is enough nobody can know before, for WebGPU does not tell how much there is.
 */

/**
 * How many times its ideal seconds an iteration takes where nothing else is
 * known. Measured with the small model, LEAN and LoRA: 0.8 to 1.3 on llvmpipe;
 * 7 to 14 on wasm, whose large products are fast and all the rest is not.
 */
const USUAL_SLOWNESS: Record<BackendName, number> = { webgpu: 1.2, wasm: 10, cpu: 2 };

/** Programs that a GPU compiles in the first iteration of PPO, by a count at the device; training a reward model needs somewhat fewer. */
const PROGRAMS = 80;

/** Iterations of a run that its pace is taken from. */
const RECENT = 10;

/** What a change makes of a demand. */
type Variation = { change: SmallerDemand['change']; demand: Demand };

export async function estimateRun({ database, shelf }: Pick<Desk, 'database' | 'shelf'>, adapter: Adapter, { baseModelId, rewardModelId, settings }: Commands['estimateRun']['args']): Promise<Estimate> {
  const [base, reward] = await Promise.all([shelf.language(baseModelId), rewardModel(shelf, rewardModelId)]);
  const demandOf = (changed: PpoSettings) => perIteration(ppoDemand(base.config, reward, changed), changed.iterations);
  return describe(demandOf(settings), smallerRuns(settings).map((change) => ({ change, demand: demandOf(changedBy(settings, change)) })), adapter, await paceOf(database, shelf, adapter, baseModelId));
}

export async function estimateReward({ database, shelf }: Pick<Desk, 'database' | 'shelf'>, adapter: Adapter, { datasetId, baseModelId, settings }: Commands['estimateReward']['args']): Promise<Estimate> {
  const { config, tokenizer } = await shelf.language(baseModelId);
  const work = await rewardWork(database, datasetId, tokenizer, settings);
  const changes: SmallerDemand['change'][] = [];
  if (settings.batchSize > 1) changes.push({ batchSize: Math.ceil(settings.batchSize / 4) });
  if (settings.tune.what === 'all') changes.push({ tune: 'lora' });
  const demandOf = (changed: RewardSettings) => rewardDemand(config, changed, work);
  return describe(demandOf(settings), changes.map((change) => ({ change, demand: demandOf(changedBy(settings, change)) })), adapter, await paceOf(database, shelf, adapter, baseModelId));
}

/** Throws `TooLarge` where a buffer of this estimate cannot be made on the device; the message says what could be. */
export function refuseTooLarge({ largest, limit, smaller }: Estimate): void {
  if (limit === null || largest <= limit) return;
  const fitting = smaller.filter((other) => other.largest <= limit);
  const remedies = fitting.map(({ change, largest }) => `${REMEDIES[Object.keys(change)[0] as keyof typeof REMEDIES](Object.values(change)[0])}, and it needs ${megabytes(largest)}`);
  throw new LabFailure(
    'TooLarge',
    `This needs a single buffer of ${megabytes(largest)}, and this graphics device allows ${megabytes(limit)} in one. Nothing was started. ${
      remedies.length > 0 ? `What would help: ${remedies.join('; or ')}.` : 'Choose a smaller model, or shorter texts and fewer of them at once.'
    }`,
  );
}

const REMEDIES = {
  microbatchSize: (rows: unknown) => `take ${rows} ${rows === 1 ? 'text' : 'texts'} in one pass`,
  batchSize: (rows: unknown) => `take ${rows} at once in “texts in an iteration” or “judgements in a step”`,
  responseLength: (tokens: unknown) => `let a response have ${tokens} tokens at most`,
  tune: () => 'train an adapter (LoRA) alone',
} satisfies Record<string, (value: unknown) => string>;

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;

/** What one buffer may be here: bound to a program, it must keep to both. */
export const bufferLimit = (limits: BufferLimits | null): number | null => limits && Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);

/** The least change first: the same run in smaller parts; then less training; then another run. */
function smallerRuns(settings: PpoSettings): SmallerDemand['change'][] {
  const { batchSize, minibatches, microbatchSize, responseLength, tune } = settings;
  const rows = Math.min(Math.ceil(batchSize / minibatches), microbatchSize ?? Infinity);
  const changes: SmallerDemand['change'][] = [];
  if (rows > 1) changes.push({ microbatchSize: Math.ceil(rows / 4) });
  if (tune.what === 'all') changes.push({ tune: 'lora' });
  if (responseLength >= 16) changes.push({ responseLength: Math.ceil(responseLength / 2) });
  if (batchSize >= 8) changes.push({ batchSize: Math.ceil(batchSize / 2) });
  return changes;
}

function changedBy<S extends PpoSettings | RewardSettings>(settings: S, change: SmallerDemand['change']): S {
  return 'tune' in change ? { ...settings, tune: { ...settings.tune, what: change.tune } } : { ...settings, ...change };
}

function perIteration({ effort, ...memory }: Demand, iterations: number): Demand {
  return { ...memory, effort: { flops: iterations * effort.flops, launches: iterations * effort.launches } };
}

function describe(demand: Demand, variations: readonly Variation[], adapter: Adapter, pace: { slowness: number; timed: Estimate['timed'] }): Estimate {
  const { speed } = adapter.trial;
  const compiling = adapter.backend === 'webgpu' ? PROGRAMS * speed.secondsPerProgram : 0;
  const seconds = ({ effort }: Demand) => compiling + pace.slowness * idealSeconds(effort, speed);
  return {
    bytes: demand.bytes,
    largest: demand.largest,
    limit: bufferLimit(adapter.limits),
    seconds: seconds(demand),
    timed: pace.timed,
    smaller: variations
      .map(({ change, demand: other }) => ({ change, bytes: other.bytes, largest: other.largest, seconds: seconds(other) }))
      .filter((other) => other.bytes < demand.bytes || other.largest < demand.largest || other.seconds < seconds(demand)),
  };
}

/** How many times its ideal seconds a model's work takes on a device: as the latest run of it there went, else as is usual. */
async function paceOf(database: Database, shelf: ModelShelf, adapter: Adapter, baseModelId: string): Promise<{ slowness: number; timed: Estimate['timed'] }> {
  const runs = (await listRuns(database)).filter((run) => run.baseModelId === baseModelId && run.adapter === adapter.name && run.iteration > 0);
  const latest = runs.at(-1);
  if (!latest) return { slowness: USUAL_SLOWNESS[adapter.backend], timed: 'trial' };
  const seconds = (await listMetrics(database, latest.id)).slice(-RECENT).map(({ metrics }) => metrics['time/rollout'] + metrics['time/score'] + metrics['time/train']);
  const [base, reward] = await Promise.all([shelf.language(baseModelId), rewardModel(shelf, latest.rewardModelId)]);
  const ideal = idealSeconds(ppoDemand(base.config, reward, settingsOf(latest)).effort, adapter.trial.speed);
  const median = seconds.sort((a, b) => a - b)[Math.floor((seconds.length - 1) / 2)];
  return Number.isFinite(median) ? { slowness: median / ideal, timed: 'runs' } : { slowness: USUAL_SLOWNESS[adapter.backend], timed: 'trial' };
}

/** A run's reward model; null where a rule alone scores, which asks nothing of the device. */
const rewardModel = async (shelf: ModelShelf, rewardModelId: string | undefined) => (rewardModelId === undefined ? null : shelf.reward(rewardModelId));

/** How much there is to learn from, and how the base model's own texts are written (see rewardJob.ts). */
async function rewardWork(database: Database, datasetId: string, tokenizer: BpeTokenizer, settings: RewardSettings): Promise<RewardWork> {
  const { comparisons, states } = await loadJudgedDataset(database, datasetId);
  const preferences = judgedPreferences(comparisons, states);
  const tokens = (text: string) => tokenizer.encode(text).length;
  const longest = preferences.reduce((most, preference) => Math.max(most, 1 + tokens(preference.prompt) + Math.max(...judgedResponses(preference).map(tokens))), 1);
  // Before anything is judged, what a pair would take.
  const judged = preferences.length > 0 ? [...countKinds(lessonsOf(preferences, settings).lessons).values()] : [{ judgements: 0, texts: 2 }];
  return { judged, longest, reference: { rows: LEAN.batchSize, promptLength: LEAN.promptLength, responseLength: LEAN.responseLength } };
}
