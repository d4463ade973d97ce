import type { Counts } from './counts';

/*
 * What is measured, and of whom. Each contender has a realm of its own (a page,
 * or a process): tfjs's kernels are registered for a whole realm, and what is
 * ours must not help the baseline.
 */

/** 'ours': the lab's engine; 'tfjs': plain TensorFlow.js on its own kernels; 'jax': jax-js with `jit`. */
export type Contender = 'ours' | 'tfjs' | 'jax';

export interface ModelSize {
  layers: number;
  width: number;
  heads: number;
  vocabulary: number;
  /** Positions of a row. */
  context: number;
}

export type Work =
  /** Forward, backward, clipping and AdamW on the same batch again and again; the value is the loss before the step. */
  | { kind: 'train'; architecture: 'gpt' | 'llama'; size: ModelSize; batch: number }
  /**
   * A response to each of `rows` prompts; the values are the tokens. 'quarters' drives the decoder itself and times
   * each quarter of the tokens; 'recomputed' has no cache: every token is a pass over all that came before.
   */
  | { kind: 'generate'; how: 'cached' | 'quarters' | 'recomputed'; size: ModelSize; rows: number; prompt: number; tokens: number }
  /** A whole iteration with a reward model; the values are the mean score and the mean gradient norm. See ppoSetup.ts. */
  | { kind: 'ppo'; scale: 'small' | 'tiny' };

/** One repetition. */
export interface Sample {
  seconds: number;
  /** What must agree between contenders. */
  values: number[];
  /** Seconds of its parts. */
  parts: Record<string, number>;
  counts: Counts;
  /** Bytes of all buffers at its end, and the most at once during it. */
  heldBytes: number;
  peakBytes: number;
}

export interface Outcome {
  values: number[];
  parts?: Record<string, number>;
}

/** Work that is set up. */
export interface Prepared {
  /** One repetition; resolves when the device has done all of it. */
  run(): Promise<Outcome>;
  dispose(): void;
}

/** A contender, started. */
export interface Engine {
  /** What the device calls itself. */
  adapter: string;
  prepare(work: Work): Promise<Prepared>;
}

/** What a realm gives to a contender. */
export interface Surroundings {
  /** Another WebGPU than the browser's: Dawn's, in Node. */
  gpu?: GPU;
  /** The bytes of one of the site's own files. */
  asset(path: string): Promise<Uint8Array>;
}
