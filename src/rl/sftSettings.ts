/*
 * Every default of supervised fine-tuning stands here once.
 */

import { TUNE_ALL } from '../model/tuningSettings';
import type { EpochSettings, LossPoint } from './epochSettings';

export interface SftSettings extends EpochSettings {
  /** Longest piece of a whole text that is read at once, in tokens. */
  pieceLength: number;
}

export const SFT_DEFAULTS: SftSettings = {
  tune: TUNE_ALL,
  epochs: 3,
  batchSize: 16,
  microbatchSize: null,
  // 1e-5 to 5e-5 suit large pretrained models; the small from-scratch ones want more.
  learningRate: 5e-4,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, epsilonPlacement: 'pytorch', weightDecay: 0 },
  maxGradNorm: 1,
  pieceLength: 128,
  heldOutShare: 0.1,
  seed: 1,
};

/** How a fine-tuning went. Losses are in nats a token of what is learned. */
export interface SftReport {
  trainExamples: number;
  heldOutExamples: number;
  /** Examples that are longer than the model reads. */
  leftOut: number;
  /** Tokens that are learned, in one epoch. */
  trainTokens: number;
  lossCurve: LossPoint[];
  /** Its first point is the model before anything was learned; empty where nothing was held out. */
  heldOutCurve: LossPoint[];
  seconds: number;
}
