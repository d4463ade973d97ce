import { onDeviceError, onDeviceLost, startBackend, stopBackend, type Adapter, type BackendName, type Trial } from '../tensor/backend';
import type { LabEnvironment } from './environment';
import { LabFailure, notStarted } from './failure';
import { Turns } from './turns';

/** A device that goes so often, so soon, is not mended by one more start: then a person must ask. */
const MOST_LOSSES = 3;
const WITHIN_MINUTES = 5;

/** Seconds to wait before each try to start the device again: a driver that was reset takes a while. */
const TRIES = [0, 0.5, 1, 2, 4];

/** Seconds that abandoned work is given to end: reads of a lost device fail, but some never return. */
const LAST_WORDS = 1;

/** What became of a lost device. */
export interface Loss {
  /** A sentence for the person. */
  message: string;
  /** The device that was started again; null where it stays away until somebody asks for it. */
  adapter: Adapter | null;
}

/** Keeps what was found of each adapter. Neither rejects: what is forgotten is tried again. */
export interface TrialMemory {
  recall(adapterName: string): Promise<Trial | null>;
  remember(adapterName: string, trial: Trial): Promise<void>;
}

const NO_MEMORY: TrialMemory = { recall: async () => null, remember: async () => undefined };

/** A piece of work that uses the device now. */
interface Current {
  abandon(failure: LabFailure): void;
  /** Settles, never rejects, when it has really ended, abandoned or not. */
  ends: Promise<void>;
}

/** The one device of the lab: started on request, used by one piece of work at a time, lost now and then, and started again by itself. */
export class Device {
  private readonly turns = new Turns();
  private starting: Promise<Adapter> | null = null;
  private started: Adapter | null = null;
  /** Fulfilled when a lost device is back; rejected for as long as it stays away. */
  private returning: Promise<Adapter> | null = null;
  private current: Current | null = null;
  private generationNumber = 0;
  /** What ended the generation before this one, unless it was somebody's wish. */
  private lastEnd: LabFailure | null = null;
  private lossTimes: number[] = [];

  constructor(
    private readonly environment: LabEnvironment,
    /** Hears of a loss once, when it is known what became of it. */
    private readonly tellLoss: (loss: Loss) => void,
    private readonly memory: TrialMemory = NO_MEMORY,
  ) {
    onDeviceLost((reason) => this.lose('DeviceLost', `The graphics device was taken away (${clause(reason)}).`));
    onDeviceError((reason, outOfMemory) =>
      outOfMemory
        ? this.lose('OutOfMemory', `The graphics device ran out of memory (${clause(reason)}).`)
        : this.lose('DeviceError', `The graphics device reported an error (${clause(reason)}), after which its numbers cannot be trusted.`),
    );
  }

  /** The device in use; null before the start and while it is lost. */
  get adapter(): Adapter | null {
    return this.started;
  }

  /** Counts starts: what was uploaded in an earlier generation is gone. */
  get generation(): number {
    return this.generationNumber;
  }

  /** Start the device, once; again for another backend, or where it was given up. Throws `NoDeviceError`. */
  start(prefer?: BackendName): Promise<Adapter> {
    if (this.serves(prefer)) return Promise.resolve(this.started!);
    return (this.starting ??= this.turns.take(() => this.startInTurn(prefer)).finally(() => (this.starting = null)));
  }

  /**
   * Do a piece of work alone on the device, in turn. Rejects as soon as the device
   * goes, for work on it may then never end: with a {@link LabFailure} named
   * `DeviceLost`, `OutOfMemory`, or `DeviceError` where its numbers went wrong. `generation` is
   * the start that the work's tensors belong to, where they were there before.
   */
  take<T>(work: () => Promise<T>, { signal, generation }: { signal?: AbortSignal; generation?: number } = {}): Promise<T> {
    return this.turns.take(async () => {
      await this.returning;
      if (!this.started) throw notStarted();
      if (generation !== undefined && generation !== this.generationNumber) throw this.lastEnd ?? new LabFailure('DeviceLost', 'The device was started anew.');
      return new Promise<T>((resolve, reject) => {
        const done = work();
        const current: Current = { abandon: reject, ends: done.then(ignore, ignore) };
        this.current = current;
        void current.ends.then(() => {
          if (this.current === current) this.current = null;
        });
        done.then(resolve, (error) => reject(ranOut(error) ? new LabFailure('OutOfMemory', `There is not enough memory (${clause((error as Error).message)}). ${NEEDS_LESS}`) : error));
      });
    }, signal);
  }

  /** Do work from its beginning, and again whenever the device was lost under it and has come back. */
  async persist<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof LabFailure && error.name === 'DeviceLost')) throw error;
        await this.returning;
      }
    }
  }

  private serves(prefer?: BackendName): boolean {
    return this.started !== null && (!prefer || prefer === this.started.backend);
  }

  private async startInTurn(prefer?: BackendName): Promise<Adapter> {
    await this.returning?.catch(ignore);
    if (this.serves(prefer)) return this.started!;
    this.lastEnd = null;
    const adapter = await this.open(prefer);
    this.returning = null;
    this.lossTimes = [];
    return adapter;
  }

  private async open(prefer?: BackendName): Promise<Adapter> {
    this.started = null;
    const { gpu, wasmFolder } = this.environment;
    const adapter = await startBackend({ prefer, gpu, wasmFolder, rememberedTrial: (name) => this.memory.recall(name) });
    await this.memory.remember(adapter.name, adapter.trial);
    this.generationNumber++;
    return (this.started = adapter);
  }

  private lose(name: keyof typeof ADVICE, cause: string): void {
    if (!this.started) return;
    const { backend } = this.started;
    const { current } = this;
    this.started = null;
    // What still reads from it fails, so that abandoned work ends.
    stopBackend();
    this.lastEnd = new LabFailure(name, `${cause}${ADVICE[name]}`);
    const returning = this.comeBack(backend, cause, current?.ends);
    this.returning = returning;
    current?.abandon(this.lastEnd);
    returning.then(
      (adapter) => {
        this.returning = null;
        // The failure of the work has said it already.
        if (name === 'DeviceLost' || !current) this.tellLoss({ message: `${cause} It has been started again. ${GOES_ON[name]}`, adapter });
      },
      (reason: Error) => this.tellLoss({ message: reason.message, adapter: null }),
    );
  }

  /** Start the lost backend again, and no other: the numbers of a run stay those of one backend. */
  private async comeBack(backend: BackendName, cause: string, workEnds?: Promise<void>): Promise<Adapter> {
    const now = performance.now();
    this.lossTimes = [...this.lossTimes.filter((at) => now - at < WITHIN_MINUTES * 60_000), now];
    const times = this.lossTimes.length;
    if (times >= MOST_LOSSES)
      throw new LabFailure(
        'DeviceLost',
        `${cause} That has happened ${times} times within ${WITHIN_MINUTES} minutes, so it is not started again by itself. Everything up to the last checkpoint is kept. Close other pages and programs that use the graphics chip, then start it again. A run with fewer texts in one pass needs less of its memory.`,
      );
    await Promise.race([workEnds, rest(LAST_WORDS)]);
    let reason = '';
    for (const wait of TRIES) {
      await rest(wait);
      try {
        return await this.open(backend);
      } catch (error) {
        reason = (error as Error).message;
      }
    }
    throw new LabFailure('DeviceLost', `${cause} It could not be started again: ${reason} Everything up to the last checkpoint is kept. Start it again in a few minutes, for a browser that saw a device go twice may refuse it for a while; or restart the browser.`);
  }
}

const NEEDS_LESS =
  'The work was given up; what was saved before is kept, a run up to its last checkpoint. Close other pages and programs that use the graphics chip, and try again. If that is not enough, begin anew with fewer texts in one pass, with an adapter (LoRA) in place of the whole model, with shorter responses, or with a smaller model.';

/** What to do after each end, where the lab does not go on by itself. */
const ADVICE = {
  DeviceLost: '',
  DeviceError: ' The work was given up; what was saved before is kept. Try again, with smaller batches if it happens once more.',
  OutOfMemory: ` ${NEEDS_LESS}`,
};

const GOES_ON = {
  DeviceLost: 'What was under way goes on by itself: training from its last checkpoint, other work from what was saved.',
  DeviceError: 'Everything up to the last checkpoint is kept.',
  OutOfMemory: 'Everything up to the last checkpoint is kept.',
};

/** Browsers throw where the memory that they share with the device, or WebAssembly's, cannot grow. */
const ranOut = (error: unknown) => error instanceof Error && /allocation failed|mappedAtCreation|out of memory|\bOOM\b/i.test(error.message);

/** A browser's sentence, to stand within one of ours. */
const clause = (reason: string) => reason.trim().replace(/\.$/, '');

const ignore = () => undefined;

const rest = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));
