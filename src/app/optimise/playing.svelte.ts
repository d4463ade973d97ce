import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { otherRuns } from './otherRuns.svelte';
import { runView } from './runView.svelte';

/** Seconds of rest before each phase in slow motion: long enough to read its sentence. */
export const SLOW_SECONDS = 2.5;

/** The handles of a run: play, pause, step, slow motion, stop, back. */
class Playing {
  #slow = $state(false);
  #pausing = $state(false);
  /** The run whose command is under way in this tab, and which command. */
  #busy = $state.raw<{ runId: string; command: 'play' | 'step' } | null>(null);

  get slow(): boolean {
    return this.#slow;
  }

  /** A run is going, whoever plays it: this room, the console, or another tab. */
  get playing(): boolean {
    return this.playingId !== null;
  }

  /** Which run that is; it may not be the one that is looked at. Before the engine is ready, a run that says 'running' may have been cut off. */
  get playingId(): string | null {
    return this.#busy?.runId ?? (lab.ready ? shelf.runs.find(({ status }) => status === 'running')?.id : null) ?? null;
  }

  /** The run that is looked at is going. */
  get here(): boolean {
    return this.playing && this.playingId === runView.run?.id;
  }

  get pausing(): boolean {
    return this.#pausing;
  }

  /** The run that is looked at can go on. */
  get canGo(): boolean {
    const status = runView.run?.status;
    return lab.ready && !this.playing && (status === 'ready' || status === 'paused');
  }

  get canGoBack(): boolean {
    return lab.ready && !this.playing && runView.lastGood !== null;
  }

  /** The run that is looked at can be started once more: there is something to compare it with. */
  get canStartAgain(): boolean {
    return lab.ready && (runView.run?.iteration ?? 0) > 0;
  }

  play(): Promise<void> {
    return this.#go('play', 'The run stopped');
  }

  step(): Promise<void> {
    return this.#go('step', 'The step did not work');
  }

  /** Ends with the iteration under way, which is kept. */
  async pause(): Promise<void> {
    const runId = this.playingId;
    if (!runId || this.#pausing) return;
    this.#pausing = true;
    await this.#tell(async () => {
      const { run } = await lab.ask('pause', { runId });
      if (run.status === 'running') notices.tell('The run is training in another tab', 'Pause it there.');
    }, 'The run could not be paused');
    this.#pausing = false;
  }

  /** End the run for good; it can still be compared. */
  async stop(): Promise<void> {
    const run = runView.run;
    if (run) await this.#tell(() => lab.ask('stop', { runId: run.id }), 'The run could not be ended');
  }

  /** The same run once more, from its beginning; the one that was looked at is drawn beside it. */
  async again(): Promise<void> {
    const run = runView.run;
    if (!run) return;
    await this.#tell(async () => {
      const { runId } = await lab.ask('repeatRun', { runId: run.id });
      await shelf.chooseRun(runId);
      otherRuns.choose(run.id, true);
      if (run.adapter !== lab.adapter?.name || run.version !== lab.version)
        notices.tell('Not the same device or lab', `The record is from ${run.adapter || 'another device'} and version ${run.version} of the lab; this is ${lab.adapter?.name} and version ${lab.version}. The run will be the same but for rounding, which may in the end lead elsewhere.`);
    }, 'The run could not be started again');
  }

  async back(): Promise<void> {
    const run = runView.run;
    const target = runView.lastGood;
    if (!run || !target || this.playing) return;
    await this.#tell(() => lab.ask('rollback', { runId: run.id }), 'The way back is not there');
    await runView.reload();
    notices.tell(`Back at iteration ${target.iteration}`, 'What came after it has been dropped. The run can go on from here, and will take another way only with other settings or luck.');
  }

  /** Switching takes effect with the next iteration: a run that is going pauses and goes on. */
  async switchSlow(): Promise<void> {
    this.#slow = !this.#slow;
    if (!this.here || this.#busy?.command === 'step') return;
    await this.pause();
    await this.play();
  }

  async #go(command: 'play' | 'step', failure: string): Promise<void> {
    const run = runView.run;
    if (!run || this.#busy) return;
    this.#busy = { runId: run.id, command };
    runView.pin(null);
    const slow = this.#slow ? SLOW_SECONDS : undefined;
    await this.#tell(() => lab.ask(command, { runId: run.id, slow }), failure);
    this.#busy = null;
  }

  async #tell(ask: () => Promise<unknown>, failure: string): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof Error && error.name === 'Cancelled')) notices.report(failure, error);
    }
  }
}

export const playing = new Playing();
