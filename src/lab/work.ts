import { cancelled } from './failure';
import type { Event } from './protocol';

/**
 * One command's work under way: it says how far it is, hears that it was given
 * up, and lets other commands in between its pieces.
 */
export class Work {
  private readonly controller = new AbortController();
  private phase = '';
  private phaseStarted = 0;
  private lastReport = performance.now();

  constructor(
    readonly command: number,
    private readonly emit: (event: Event) => void,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  cancel(): void {
    this.controller.abort(cancelled());
  }

  /** Report `done` of `total` pieces of a phase. Time left is judged by the pace of this phase so far. */
  progress(phase: string, done: number, total: number, loss?: number): void {
    const now = performance.now();
    if (phase !== this.phase) {
      this.phase = phase;
      // Its first report comes after its first piece, so it began with the report before.
      this.phaseStarted = this.lastReport;
    }
    this.lastReport = now;
    const secondsLeft = done > 0 ? ((now - this.phaseStarted) / 1000 / done) * (total - done) : undefined;
    this.emit({ type: 'progress', to: this.command, phase, done, total, secondsLeft, loss });
  }

  /** Let waiting messages be handled. Throws `Cancelled` once the work was given up. */
  async breathe(): Promise<void> {
    await letOthersIn();
    this.signal.throwIfAborted();
  }
}

/** Give the event loop a round, so that waiting messages are handled. */
export function letOthersIn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
