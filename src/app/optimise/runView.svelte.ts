import { settingsOf, type Phase, type PpoMetrics, type PpoSettings, type RolloutSample } from '../../lab/protocol';
import { type Checkpoint, goodCheckpointBefore } from './checkpoints';
import { listCheckpoints, listMetrics, listSamples } from '../../store/runs';
import type { RunRecord } from '../../store/schema';
import { lab } from '../shell/lab.svelte';
import { shelf } from '../shell/shelf.svelte';

/** One run as it is looked at: its metrics, its samples, and what happens in it now. */
class RunView {
  #runId = $state<string | null>(null);
  #loaded = $state(false);
  #history = $state.raw<readonly { iteration: number; metrics: PpoMetrics }[]>([]);
  #samples = $state.raw<ReadonlyMap<number, RolloutSample[]>>(new Map());
  #checkpoints = $state.raw<readonly Checkpoint[]>([]);
  #phase = $state.raw<{ iteration: number; phase: Phase } | null>(null);
  /** The iteration whose samples are read; null follows the latest. */
  #pinned = $state<number | null>(null);

  get run(): RunRecord | null {
    return shelf.runs.find(({ id }) => id === this.#runId) ?? null;
  }

  get settings(): PpoSettings | null {
    return this.run && settingsOf(this.run);
  }

  /** Its metrics have been read: empty now means that there are none. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** First iteration first. */
  get history(): readonly { iteration: number; metrics: PpoMetrics }[] {
    return this.#history;
  }

  /** What the run is doing at this moment, while it is. */
  get phase(): { iteration: number; phase: Phase } | null {
    return this.#phase;
  }

  get pinned(): number | null {
    return this.#pinned;
  }

  /** Iterations whose samples were kept, first to last. */
  get sampledIterations(): readonly number[] {
    return [...this.#samples.keys()].sort((a, b) => a - b);
  }

  /** The samples to be read: of the pinned iteration or the nearest before it, else the latest. */
  get samples(): { iteration: number; samples: RolloutSample[] } | null {
    const kept = this.sampledIterations;
    const iteration = this.#pinned === null ? kept.at(-1) : (kept.findLast((at) => at <= this.#pinned!) ?? kept[0]);
    return iteration === undefined ? null : { iteration, samples: this.#samples.get(iteration) ?? [] };
  }

  /** The checkpoint that "back" leads to; null where there is none. */
  get lastGood(): Checkpoint | null {
    return this.run ? goodCheckpointBefore(this.#checkpoints, this.run.iteration) : null;
  }

  /** Look at another run, and follow what happens in it; returns what stops it. */
  follow(runId: string): () => void {
    this.#runId = runId;
    this.#forget();
    void this.#read();
    const stops = [
      lab.on('iteration', (event) => {
        if (event.runId !== runId) return;
        this.#history = [...this.#history.filter(({ iteration }) => iteration < event.iteration), { iteration: event.iteration, metrics: event.metrics }];
        if (event.samples.length > 0) this.#samples = new Map([...this.#samples, [event.iteration, event.samples]]);
        void this.#readCheckpoints();
      }),
      lab.on('phase', (event) => {
        if (event.runId === runId) this.#phase = { iteration: event.iteration, phase: event.phase };
      }),
      lab.on('run', ({ run }) => {
        if (run.id === runId && run.status !== 'running') this.#phase = null;
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Read the samples of one iteration; null follows the latest again. */
  pin(iteration: number | null): void {
    this.#pinned = iteration;
  }

  /** After a way back: later iterations are gone from the store. */
  async reload(): Promise<void> {
    this.#forget();
    await this.#read();
  }

  #forget(): void {
    this.#loaded = false;
    this.#history = [];
    this.#samples = new Map();
    this.#checkpoints = [];
    this.#phase = null;
    this.#pinned = null;
  }

  async #read(): Promise<void> {
    const id = this.#runId;
    if (!lab.database || !id) return;
    const [metrics, samples] = await Promise.all([listMetrics(lab.database, id), listSamples(lab.database, id), this.#readCheckpoints()]);
    if (id !== this.#runId) return;
    // What came as an event meanwhile is newer than what was read.
    const last = metrics.at(-1)?.iteration ?? 0;
    this.#history = [...metrics, ...this.#history.filter(({ iteration }) => iteration > last)];
    this.#samples = new Map([...samples.map((record) => [record.iteration, record.samples as RolloutSample[]] as const), ...this.#samples]);
    this.#loaded = true;
  }

  async #readCheckpoints(): Promise<void> {
    const id = this.#runId;
    if (!lab.database || !id) return;
    const checkpoints = await listCheckpoints(lab.database, id);
    if (id === this.#runId) this.#checkpoints = checkpoints;
  }
}

export const runView = new RunView();
