import type { Tuning } from '../model/tuningSettings';

/** What every training on a fixed list of examples is set by. */
export interface EpochSettings {
  /** Which part of the model is trained. */
  tune: Tuning;
  epochs: number;
  /** Examples in a step. */
  batchSize: number;
  /** Examples in one backward pass: fewer need less memory and change nothing else; null takes a whole minibatch. */
  microbatchSize: number | null;
  /** At the first step; it falls linearly to 0. */
  learningRate: number;
  adam: { beta1: number; beta2: number; epsilon: number; epsilonPlacement: 'pytorch' | 'tf1'; weightDecay: number };
  maxGradNorm: number;
  /** Share of the prompts, with all their examples, that is held out. */
  heldOutShare: number;
  seed: number;
}

/** A loss after `step` steps. */
export interface LossPoint {
  step: number;
  loss: number;
}
