import type { Pending, Progress } from '../../lab/client';
import type { CommandName, Result } from '../../lab/protocol';

/** Long work that the lab does in the background: its progress, and a way to stop it. */
export class Job<N extends CommandName = CommandName> {
  readonly result: Promise<Result<N>>;
  #progress = $state.raw<Progress | null>(null);
  #state = $state<'running' | 'stopping' | 'done' | 'stopped' | 'failed'>('running');

  constructor(
    readonly type: N,
    /** A clause for the person: "Writing pairs". */
    readonly title: string,
    private readonly send: (onProgress: (progress: Progress) => void) => Pending<Result<N>>,
    onfail: (error: Error) => void,
  ) {
    const pending = this.send((progress) => (this.#progress = progress));
    this.result = pending;
    this.stop = () => {
      if (this.#state !== 'running') return;
      this.#state = 'stopping';
      pending.cancel();
    };
    pending.then(
      () => (this.#state = 'done'),
      (error: Error) => {
        const asked = error.name === 'Cancelled';
        this.#state = asked ? 'stopped' : 'failed';
        if (!asked) onfail(error);
      },
    );
  }

  /** What was done so far is kept wherever the lab can keep it. */
  readonly stop: () => void;

  get state() {
    return this.#state;
  }

  get running(): boolean {
    return this.#state === 'running' || this.#state === 'stopping';
  }

  get done(): number {
    return this.#progress?.done ?? 0;
  }

  /** 0 while unknown. */
  get total(): number {
    return this.#progress?.total ?? 0;
  }

  get phase(): string {
    return this.#progress?.phase ?? '';
  }

  get secondsLeft(): number | undefined {
    return this.#progress?.secondsLeft;
  }

  get loss(): number | undefined {
    return this.#progress?.loss;
  }
}
