import { ruleById } from '../feedback/rules';
import type { Database } from '../store/database';
import { saveModel } from '../store/models';
import { createRun, getRun, listCheckpoints, listRuns, rewindRun, rollBackRun, updateRun, type RunChanges } from '../store/runs';
import type { RunRecord } from '../store/schema';
import { NotFoundError } from '../store/storageErrors';
import { canUse, chooseVariants, variants, type Variants } from '../tensor/variants';
import { takeWriterLock } from '../store/writerLock';
import type { Device } from './device';
import { estimateRun, refuseTooLarge } from './estimateJob';
import { cancelled, LabFailure } from './failure';
import { recordOf, tensorsOf, type ModelShelf } from './modelShelf';
import { readMix } from './mixSchema';
import { loadPolicy } from './policy';
import { readPpoSettings } from './ppoSchema';
import { settingsOf, type Commands, type Event, type Result } from './protocol';
import { measureReward } from './measureReward';
import { refuseLongPrompts } from './runPrompts';
import { RunSession } from './runSession';
import { trainSession } from './trainSession';
import { LAB_VERSION } from './version';
import type { Work } from './work';

/** A run that is training now, and what was asked of it meanwhile. */
interface Playing {
  runId: string;
  name: string;
  /** Aborted when somebody asks for a pause. */
  asked: AbortController;
  done: Promise<RunRecord>;
}

/**
 * The runs of this lab: at most one trains, and one is kept on the device. An
 * iteration is one turn on the device, so short work fits in between.
 */
export class RunDesk {
  private session: RunSession | null = null;
  private playing: Playing | null = null;

  constructor(
    private readonly database: Database,
    private readonly shelf: ModelShelf,
    private readonly device: Device,
    private readonly emit: (event: Event) => void,
  ) {}

  /** Runs that say 'running' but that nobody trains were cut off: they rest at their last checkpoint. */
  async recover(): Promise<void> {
    for (const run of await listRuns(this.database)) {
      if (run.status !== 'running' || run.id === this.playing?.runId) continue;
      const lock = await takeWriterLock(run.id);
      if (!lock) continue;
      await this.putToRest(run.id);
      lock.release();
    }
  }

  /** Throws `Busy` while a run trains. */
  refuseWhilePlaying(): void {
    if (this.playing) throw new LabFailure('Busy', `The run “${this.playing.name}” is training and needs the device. Pause it first; nothing of it is lost.`);
  }

  /** Throws `BadCommand`, `TooLarge`, PromptTooLongError or RuleValueError for what could not be trained; then there is no run. */
  async create({ name, baseModelId, rewardModelId, reward: mixed, settings: given, seed, goldRule, prompts }: Commands['createRun']['args'], work: Work): Promise<Result<'createRun'>> {
    const settings = readPpoSettings(given);
    const mix = readMix(mixed, rewardModelId);
    if (goldRule !== undefined) ruleById(goldRule);
    const [base] = await Promise.all([this.shelf.language(baseModelId), rewardModelId === undefined ? null : this.shelf.reward(rewardModelId)]);
    const { config, tokenizer } = base;
    const length = settings.promptLength + settings.responseLength;
    if (length > config.max_position_embeddings)
      throw new LabFailure('BadCommand', `Prompt and response together may be ${length} tokens long, and the model reads at most ${config.max_position_embeddings}. Shorten one of them.`);
    // The end-of-text token stands in front of each.
    const fitting = prompts?.filter((prompt) => tokenizer.encode(prompt).length < settings.promptLength);
    if (fitting?.length === 0 && prompts?.length) throw new LabFailure('BadCommand', `None of the prompts fits into ${settings.promptLength} tokens. Allow longer prompts, or give shorter ones.`);
    refuseLongPrompts(base, { prompts: fitting }, settings.promptLength);
    await this.refuseTooLarge({ baseModelId, rewardModelId, settings });
    const measure = () => measureReward(this.shelf, base, { mix: mix!, rewardModelId, settings, prompts: fitting, seed }, work);
    const reward = mix && (await this.device.persist(() => this.device.take(measure, { signal: work.signal })));
    const run = await createRun(this.database, {
      name: name?.trim() || `Run ${(await listRuns(this.database)).length + 1}`,
      status: 'ready',
      baseModelId,
      ...(rewardModelId !== undefined && { rewardModelId }),
      ...(reward && { reward }),
      settings,
      seed,
      ...(goldRule !== undefined && { goldRule }),
      ...(fitting && { prompts: fitting }),
      version: LAB_VERSION,
      adapter: this.device.adapter?.name ?? '',
      iteration: 0,
      iterations: settings.iterations,
    });
    this.emit({ type: 'run', run });
    return { runId: run.id, leftOut: (prompts?.length ?? 0) - (fitting?.length ?? 0) };
  }

  /**
   * A new run from the record of one that is there, with all that it was made of
   * and the programs that it computed with, at its beginning. Throws `TooLarge`
   * where the device cannot hold it, and NotFoundError where the run or a model is gone.
   */
  async repeat({ runId, name }: Commands['repeatRun']['args']): Promise<Result<'repeatRun'>> {
    const { id: _id, created: _created, updated: _updated, note: _note, ...record } = await getRun(this.database, runId);
    await this.refuseTooLarge({ ...record, settings: settingsOf(record) });
    const run = await createRun(this.database, {
      ...record,
      name: name?.trim() || `${record.name}, again`,
      status: 'ready',
      version: LAB_VERSION,
      adapter: this.device.adapter?.name ?? '',
      iteration: 0,
    });
    this.emit({ type: 'run', run });
    return { runId: run.id };
  }

  play({ runId, slow }: Commands['play']['args'], work: Work): Promise<RunRecord> {
    return this.train(runId, Infinity, slow ?? 0, work);
  }

  step({ runId, slow }: Commands['step']['args'], work: Work): Promise<RunRecord> {
    return this.train(runId, 1, slow ?? 0, work);
  }

  /** Resolves when the run rests and its checkpoint is saved. */
  async pause(runId: string): Promise<RunRecord> {
    if (this.playing?.runId !== runId) return getRun(this.database, runId);
    this.playing.asked.abort();
    return this.playing.done;
  }

  async stop(runId: string): Promise<RunRecord> {
    const { status } = await this.pause(runId);
    if (status === 'finished' || status === 'failed') return getRun(this.database, runId);
    return this.change(runId, { status: 'stopped' });
  }

  async rollBack(runId: string): Promise<RunRecord> {
    if (this.playing?.runId === runId) this.refuseWhilePlaying();
    try {
      const { run } = await rollBackRun(this.database, runId);
      this.close();
      this.emit({ type: 'run', run });
      return run;
    } catch (error) {
      if (error instanceof NotFoundError && error.kind === 'checkpoint')
        throw new LabFailure('NoCheckpoint', 'There is no earlier good checkpoint to go back to. Nothing was changed.');
      throw error;
    }
  }

  async keepPolicy({ runId, name }: Commands['keepPolicy']['args']): Promise<Result<'keepPolicy'>> {
    const { run, base, tuned } = await loadPolicy(this.database, this.shelf, runId);
    const fields = { name, kind: 'language' as const, ...recordOf({ ...base, weights: tuned }), baseModelId: run.baseModelId, runId };
    return { modelId: (await saveModel(this.database, fields, tensorsOf(tuned))).id };
  }

  /** Train alone, and tell `pause` when the run rests. */
  private async train(runId: string, most: number, slow: number, work: Work): Promise<RunRecord> {
    this.refuseWhilePlaying();
    const asked = new AbortController();
    const giveUp = () => asked.abort();
    work.signal.addEventListener('abort', giveUp);
    const playing: Playing = { runId, name: 'being opened', asked, done: this.trainLocked(runId, most, slow, asked.signal, work) };
    this.playing = playing;
    try {
      const run = await playing.done;
      if (work.signal.aborted) throw cancelled();
      return run;
    } finally {
      work.signal.removeEventListener('abort', giveUp);
      this.playing = null;
    }
  }

  private async trainLocked(runId: string, most: number, slow: number, asked: AbortSignal, work: Work): Promise<RunRecord> {
    const run = await getRun(this.database, runId);
    if (this.playing) this.playing.name = run.name;
    refuseEnded(run);
    const lock = await takeWriterLock(runId);
    if (!lock) throw new LabFailure('Busy', `The run “${run.name}” is training in another tab. Pause it there first.`);
    try {
      return await this.device.persist(async () => {
        const session = await this.device.take(() => this.open(runId));
        // A device that was started again has chosen anew.
        if (run.variants && canUse(run.variants as Variants)) chooseVariants(run.variants as Variants);
        // Only now: opening takes a run that was cut off back to its checkpoint, at rest.
        const { adapter } = this.device;
        await this.change(runId, { status: 'running', note: undefined, adapter: adapter?.name ?? run.adapter, ...(adapter?.trial.variants && { variants: variants() }) });
        const { stop } = await trainSession(session, { database: this.database, device: this.device, emit: this.emit, run, most, slow, asked, work });
        const status = stop ? 'failed' : session.iteration >= run.iterations ? 'finished' : 'paused';
        return this.change(runId, { status, note: stop?.message });
      });
    } catch (error) {
      this.close();
      await this.putToRest(runId, (error as Error).message).catch(() => undefined);
      throw error;
    } finally {
      const usual = this.device.adapter?.trial.variants;
      if (usual) chooseVariants(usual);
      lock.release();
    }
  }

  /** The run on the device: still there from before, or put there from its last checkpoint. */
  private async open(runId: string): Promise<RunSession> {
    if (this.session?.runId === runId && this.session.generation === this.device.generation) return this.session;
    this.close();
    const run = await getRun(this.database, runId);
    // Another device than the one that it was made on may allow less.
    await this.refuseTooLarge({ ...run, settings: settingsOf(run) });
    return (this.session = await RunSession.open(this.database, this.shelf, run, this.device.generation));
  }

  /** Throws `TooLarge` for what the device in use cannot hold. */
  private async refuseTooLarge(run: Commands['estimateRun']['args']): Promise<void> {
    const { database, shelf, device } = this;
    if (device.adapter) refuseTooLarge(await estimateRun({ database, shelf }, device.adapter, run));
  }

  private close(): void {
    // Tensors of an earlier start of the device are gone already.
    if (this.session?.generation === this.device.generation) this.session.dispose();
    this.session = null;
  }

  /** Back to the last checkpoint, whatever was going on. */
  private async putToRest(runId: string, note?: string): Promise<void> {
    const latest = (await listCheckpoints(this.database, runId)).at(-1);
    if (latest) await rewindRun(this.database, runId, latest.id);
    await this.change(runId, latest ? { note } : { status: 'ready', iteration: 0, note });
  }

  private async change(runId: string, changes: RunChanges): Promise<RunRecord> {
    const run = await updateRun(this.database, runId, changes);
    this.emit({ type: 'run', run });
    return run;
  }
}

function refuseEnded({ name, status, iteration, iterations }: RunRecord): void {
  if (status === 'stopped') throw new LabFailure('RunEnded', `The run “${name}” was ended. Go back to its last good checkpoint to continue it.`);
  if (status === 'failed') throw new LabFailure('RunEnded', `The run “${name}” stopped by itself. Go back to its last good checkpoint first.`);
  if (iteration >= iterations) throw new LabFailure('RunEnded', `The run “${name}” has done all of its ${iterations} iterations.`);
}
