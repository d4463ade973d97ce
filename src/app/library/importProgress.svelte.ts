/** The person stopped an import. */
export class ImportStopped extends Error {
  constructor() {
    super('You stopped it. Nothing was changed.');
    this.name = 'ImportStopped';
  }
}

/** How an import tells how far it is, and hears that it is to stop. */
export interface ImportHandle {
  onProgress: (items: number) => void;
  signal: AbortSignal;
}

/** A file on its way into the store: how far it is, and a way to stop it. */
class ImportProgress {
  #file = $state<string | null>(null);
  #done = $state(0);
  #total = $state(0);
  #secondsLeft = $state<number | undefined>();
  #stopping = $state(false);
  #abort = new AbortController();

  /** Name of the file; null while there is none. */
  get file(): string | null {
    return this.#file;
  }

  get done(): number {
    return this.#done;
  }

  /** 0 while unknown. */
  get total(): number {
    return this.#total;
  }

  get secondsLeft(): number | undefined {
    return this.#secondsLeft;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Show `work` while it lasts; `total` is the number of items that it is expected to bring.
   * @throws an error for the person where another file is on its way
   */
  async during<T>(file: string, total: number, work: (handle: ImportHandle) => Promise<T>): Promise<T> {
    if (this.#file !== null) throw new Error(`“${this.#file}” is still being imported. Wait until it is done, or stop it, then try again. Nothing was changed.`);
    [this.#file, this.#done, this.#total, this.#secondsLeft, this.#stopping] = [file, 0, total, undefined, false];
    this.#abort = new AbortController();
    const started = performance.now();
    const onProgress = (items: number) => {
      this.#done = items;
      if (total > 0) this.#secondsLeft = (Math.max(0, total - items) / items) * ((performance.now() - started) / 1000);
    };
    try {
      return await work({ onProgress, signal: this.#abort.signal });
    } finally {
      this.#file = null;
    }
  }

  readonly stop = (): void => {
    this.#stopping = true;
    this.#abort.abort(new ImportStopped());
  };
}

export const importProgress = new ImportProgress();
