import type { Browser } from 'playwright';
import type { Contender, Sample, Work } from '../../tests/bench/work';

/** A contender in a page or a process of its own. */
export interface RealmHost {
  contender: Contender;
  /** What its device calls itself. */
  adapter: string;
  /** Returns the number by which the work is known. */
  prepare(work: Work): Promise<number>;
  run(id: number): Promise<Sample>;
  release(id: number): Promise<void>;
  close(): Promise<void>;
}

export const CONTENDER_NAMES: Record<Contender, string> = { ours: 'ours', tfjs: 'plain tfjs', jax: 'jax-js' };

/** Where realms are opened: a browser, or Node. */
export interface Venue {
  /** The browser or Node, with its version. */
  name: string;
  open(contender: Contender): Promise<RealmHost>;
  /** Another browser of the same kind; absent in Node. */
  launch?: () => Promise<Browser>;
  close(): Promise<void>;
}
