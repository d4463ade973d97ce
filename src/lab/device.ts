import { onDeviceLost, startBackend, type Adapter, type BackendName } from '../tensor/backend';
import type { LabEnvironment } from './environment';
import { LabFailure } from './failure';
import { Turns } from './turns';

/** The one device of the lab: started on request, used by one piece of work at a time, and lost now and then. */
export class Device {
  private readonly turns = new Turns();
  private starting: Promise<Adapter> | null = null;
  private started: Adapter | null = null;
  private abandonWork: (reason: LabFailure) => void = () => undefined;
  private generationNumber = 0;

  constructor(
    private readonly environment: LabEnvironment,
    /** Hears of a loss, in a sentence for the person. */
    private readonly tellLoss: (message: string) => void,
  ) {}

  /** The device in use; null before the start and after a loss. */
  get adapter(): Adapter | null {
    return this.started;
  }

  /** Counts starts: what was uploaded in an earlier generation is gone. */
  get generation(): number {
    return this.generationNumber;
  }

  /** Start the device, once; again after a loss or for another backend. Throws `NoDeviceError`. */
  start(prefer?: BackendName): Promise<Adapter> {
    const same = this.started && (!prefer || prefer === this.started.backend);
    if (!same) this.starting ??= this.turns.take(() => this.open(prefer)).finally(() => (this.starting = null));
    return this.starting ?? Promise.resolve(this.started!);
  }

  /**
   * Do a piece of work alone on the device, in turn. Rejects with a `DeviceLost`
   * {@link LabFailure} as soon as the device goes, for work on it may then never end.
   */
  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.turns.take(() => {
      if (!this.started) throw new LabFailure('NotStarted', 'The device is not started. Send the command "start" first, or reload the page.');
      return new Promise<T>((resolve, reject) => {
        this.abandonWork = reject;
        work().then(resolve, reject);
      });
    }, signal);
  }

  private async open(prefer?: BackendName): Promise<Adapter> {
    this.started = null;
    const { gpu, wasmFolder } = this.environment;
    const adapter = await startBackend({ prefer, gpu, wasmFolder });
    this.generationNumber++;
    const stop = onDeviceLost((reason) => {
      stop();
      this.started = null;
      const failure = new LabFailure(
        'DeviceLost',
        `The graphics device was taken away (${reason}). Everything up to the last checkpoint is kept; start the device again to go on.`,
      );
      this.tellLoss(failure.message);
      this.abandonWork(failure);
    });
    return (this.started = adapter);
  }
}
