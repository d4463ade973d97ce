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
  /** A response to each of `rows` prompts; the values are the tokens. Without a cache every token is a pass over all that came before. */
  | { kind: 'generate'; size: ModelSize; rows: number; prompt: number; tokens: number; cache: boolean }
  /** A whole iteration with a reward model, in the lean preset; the value is the mean KL. */
  | { kind: 'ppo'; model: string };

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
