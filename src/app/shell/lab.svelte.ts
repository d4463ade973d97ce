import type { EventOf, LabClient } from '../../lab/client';
import { exposeConsole } from '../../lab/console';
import type { AdapterDescription, CommandName, Commands, Event, Result, ShippedModel } from '../../lab/protocol';
import { Database } from '../../store/database';
import { Job } from './jobs.svelte';
import { notices } from './notices.svelte';
import { startLab } from './workers';

export type Device =
  | { state: 'starting' }
  | { state: 'ready'; adapter: AdapterDescription }
  /** Judging, import, export and the library work all the same. `again` tries to start it once more. */
  | { state: 'failed'; message: string; again: () => void };

/** The page's hold on the engine and on the storage; everything long goes through here. */
class Lab {
  #client: LabClient | null = null;
  #database = $state.raw<Database | null>(null);
  #storageError = $state<string | null>(null);
  #device = $state.raw<Device>({ state: 'starting' });
  #shipped = $state.raw<readonly ShippedModel[]>([]);
  #version = $state('');
  #jobs = $state.raw<readonly Job[]>([]);
  #lossNotice: number | null = null;

  get device(): Device {
    return this.#device;
  }

  get adapter(): AdapterDescription | null {
    return this.#device.state === 'ready' ? this.#device.adapter : null;
  }

  /** The device has started: models can write and train. */
  get ready(): boolean {
    return this.#device.state === 'ready';
  }

  /** Models that ship with the lab. */
  get shipped(): readonly ShippedModel[] {
    return this.#shipped;
  }

  get version(): string {
    return this.#version;
  }

  /** Null until it is open, and for good where this browser window stores nothing. */
  get database(): Database | null {
    return this.#database;
  }

  get storageError(): string | null {
    return this.#storageError;
  }

  /** Long work under way, oldest first. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** The long work of one kind that is under way. */
  job<N extends CommandName>(type: N): Job<N> | undefined {
    return this.#jobs.find((job) => job.type === type) as Job<N> | undefined;
  }

  async openStorage(): Promise<Database | null> {
    try {
      const database = await Database.open();
      database.onSuperseded(() =>
        notices.warn('A newer version of Nudge is open in another tab', 'This tab has let go of the storage. Everything saved is kept. Reload this page to go on.', {
          label: 'Reload',
          run: () => location.reload(),
        }),
      );
      this.#database = database;
      return database;
    } catch (error) {
      this.#storageError = error instanceof Error ? error.message : String(error);
      return null;
    }
  }

  async startDevice(): Promise<void> {
    try {
      this.#client = startLab();
      exposeConsole(this.#client);
      this.#client.on('deviceLost', ({ message, adapter }) => {
        // What was said of an earlier loss, that the device is back, holds no longer.
        if (this.#lossNotice !== null) notices.dismiss(this.#lossNotice);
        if (!adapter) return this.#fail(new Error(message));
        this.#device = { state: 'ready', adapter };
        this.#lossNotice = notices.warn('The graphics device went away', message);
      });
    } catch (error) {
      return this.#fail(error);
    }
    await this.#start();
  }

  async #start(): Promise<void> {
    this.#device = { state: 'starting' };
    try {
      const { adapter, shipped, version } = await this.ask('start', {});
      this.#shipped = shipped;
      this.#version = version;
      this.#device = { state: 'ready', adapter };
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    // Where the engine lives, it can try again itself; nothing else of the page is lost then.
    const dead = !this.#client || name === 'WorkerFailed';
    this.#device = { state: 'failed', message, again: () => (dead ? location.reload() : void this.#start()) };
  }

  /** A quick question. Rejects with an error whose message is written for the person. */
  ask<N extends CommandName>(type: N, args: Commands[N]['args'], transfer: Transferable[] = []): Promise<Result<N>> {
    if (!this.#client) return Promise.reject(new Error('The lab’s engine has not started yet. Try again in a moment.'));
    return this.#client.send(type, args, undefined, transfer);
  }

  /**
   * Long work, listed in `jobs` until it ends. A failure is posted as a notice
   * titled `failure`; whoever awaits `result` handles it too, or ignores it.
   */
  begin<N extends CommandName>(type: N, args: Commands[N]['args'], title: string, failure = `${title} did not work`): Job<N> {
    const client = this.#client;
    if (!client) throw new Error('The lab’s engine has not started yet. Try again in a moment.');
    const job = new Job<N>(
      type,
      title,
      (onProgress) => client.send(type, args, onProgress),
      (error) => notices.report(failure, error),
    );
    this.#jobs = [...this.#jobs, job as unknown as Job];
    const forget = () => (this.#jobs = this.#jobs.filter((other) => other !== (job as unknown as Job)));
    job.result.then(forget, forget);
    return job;
  }

  /** Hear the lab's events; returns what stops it. Nothing is heard before the engine has started. */
  on<T extends Event['type']>(type: T, listener: (event: EventOf<T>) => void): () => void {
    return this.#client?.on(type, listener) ?? (() => undefined);
  }
}

export const lab = new Lab();
