import { LabFailure } from './failure';
import type { CommandName, Commands, Event, Result } from './protocol';

/** What a worker offers the page; a test can put anything in its place. */
export interface LabPort {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: { data: Event }) => void): void;
  addEventListener(type: 'error', listener: (event: { message?: string }) => void): void;
}

export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;
export type Progress = Omit<EventOf<'progress'>, 'type' | 'to'>;

/** The answer to a command, which can be given up: it then rejects with a {@link LabFailure} named `Cancelled`. */
export interface Pending<T> extends Promise<T> {
  readonly command: number;
  cancel(): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: LabFailure): void;
  progress?: (progress: Progress) => void;
}

/** The page's side of the protocol: commands as promises, events to listeners. */
export class LabClient {
  private nextCommand = 1;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Map<Event['type'], Set<(event: never) => void>>();
  private broken: LabFailure | null = null;

  constructor(private readonly port: LabPort) {
    port.addEventListener('message', ({ data }) => this.receive(data));
    port.addEventListener('error', ({ message }) => this.fail(message));
  }

  /**
   * Send a command. Rejects with a {@link LabFailure}, whose message can be shown as it is.
   * `onProgress` hears of long work: what it does, how far it is, and seconds left.
   */
  send<N extends CommandName>(
    type: N,
    args: Commands[N]['args'],
    onProgress?: (progress: Progress) => void,
    transfer: Transferable[] = [],
  ): Pending<Result<N>> {
    const id = this.nextCommand++;
    const answer = new Promise<Result<N>>((resolve, reject) => {
      if (this.broken) return reject(this.broken);
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject, progress: onProgress });
      try {
        this.port.postMessage({ ...args, id, type }, transfer);
      } catch (error) {
        this.waiting.delete(id);
        reject(new LabFailure('BadCommand', `The command ${type} could not be sent: ${(error as Error).message}`));
      }
    });
    const cancel = () => {
      if (this.waiting.has(id)) this.send('cancel', { command: id }).catch(() => undefined);
    };
    return Object.assign(answer, { command: id, cancel });
  }

  /** Hear every event of one type; returns a function that stops it. */
  on<T extends Event['type']>(type: T, listener: (event: EventOf<T>) => void): () => void {
    let listeners = this.listeners.get(type);
    if (!listeners) this.listeners.set(type, (listeners = new Set()));
    listeners.add(listener as (event: never) => void);
    return () => listeners.delete(listener as (event: never) => void);
  }

  private receive(event: Event): void {
    if (event.type === 'reply') {
      const waiting = this.waiting.get(event.to);
      this.waiting.delete(event.to);
      if (event.ok) waiting?.resolve(event.result);
      else waiting?.reject(new LabFailure(event.error.name, event.error.message));
    } else if (event.type === 'progress') {
      const { phase, done, total, secondsLeft, loss } = event;
      this.waiting.get(event.to)?.progress?.({ phase, done, total, secondsLeft, loss });
    }
    for (const listener of this.listeners.get(event.type) ?? []) listener(event as never);
  }

  /** The worker died or never loaded: nothing will be answered any more. */
  private fail(reason = 'its program could not be loaded'): void {
    this.broken = new LabFailure(
      'WorkerFailed',
      `The lab's engine stopped: ${reason}. Everything that was saved is kept; reload the page to go on from the last checkpoint.`,
    );
    for (const { reject } of this.waiting.values()) reject(this.broken);
    this.waiting.clear();
  }
}
