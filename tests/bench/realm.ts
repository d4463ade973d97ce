import { checkDevices, countDeviceCalls, countsNow, countsSince, heldBytes, peakBytes } from './counts';
import type { Contender, Engine, Prepared, Sample, Surroundings, Work } from './work';

const STARTERS: Record<Contender, (surroundings: Surroundings) => Promise<Engine>> = {
  ours: async (surroundings) => (await import('./ours')).startOurs(surroundings),
  tfjs: async (surroundings) => (await import('./plainTfjs')).startPlainTfjs(surroundings),
  jax: async () => (await import('./jax')).startJax(),
};

/** One contender in a realm to itself, driven from outside with plain data. */
export class Realm {
  private engine: Engine | null = null;
  private prepared: Prepared | null = null;

  /** Start the contender; returns what its device calls itself. */
  async start(contender: Contender, surroundings: Surroundings): Promise<string> {
    countDeviceCalls();
    this.engine = await STARTERS[contender](surroundings);
    return this.engine.adapter;
  }

  async prepare(work: Work): Promise<void> {
    this.prepared = await this.engine!.prepare(work);
  }

  /** Do the prepared work once, timed and counted. */
  async run(): Promise<Sample> {
    const before = countsNow();
    peakBytes();
    const start = performance.now();
    const { values, parts = {} } = await this.prepared!.run();
    const seconds = (performance.now() - start) / 1000;
    checkDevices();
    return { seconds, values, parts, counts: countsSince(before), heldBytes: heldBytes(), peakBytes: peakBytes() };
  }

  async release(): Promise<void> {
    this.prepared?.dispose();
    this.prepared = null;
  }
}
