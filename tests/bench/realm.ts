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
  private readonly prepared: Prepared[] = [];

  /** Start the contender; returns what its device calls itself. */
  async start(contender: Contender, surroundings: Surroundings): Promise<string> {
    countDeviceCalls();
    this.engine = await STARTERS[contender](surroundings);
    return this.engine.adapter;
  }

  /** Returns the number by which the work is known. */
  async prepare(work: Work): Promise<number> {
    return this.prepared.push(await this.engine!.prepare(work)) - 1;
  }

  /** Do prepared work once, timed and counted. */
  async run(id: number): Promise<Sample> {
    const before = countsNow();
    peakBytes();
    const start = performance.now();
    const { values, parts = {} } = await this.prepared[id].run();
    const seconds = (performance.now() - start) / 1000;
    checkDevices();
    return { seconds, values, parts, counts: countsSince(before), heldBytes: heldBytes(), peakBytes: peakBytes() };
  }

  release(id: number): void {
    this.prepared[id].dispose();
  }
}
