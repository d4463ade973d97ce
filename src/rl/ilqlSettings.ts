/*
 * Every default of implicit language Q-learning stands here once. Sources: S =
 * Snell et al. 2022 (ILQL), K = Kostrikov et al. 2021 (IQL), T = CarperAI/trlx
 * `modeling_ilql.py` with its examples.
 */

import type { Proportion } from '../feedback/proportion';
import { TUNE_ALL } from '../model/tuningSettings';
import type { EpochSettings, LossPoint } from './epochSettings';
import type { SampledKl } from './sampledKl';

export interface IlqlSettings extends EpochSettings {
  method: 'ilql';
  /** τ of V's expectile: ½ is the mean of what followed, 1 would be the best of it. */
  expectile: number;
  /** γ: what a reward is worth a token earlier. */
  discount: number;
  /** Share of the way that the target Q heads go towards the Q heads at each step. */
  polyak: number;
  /** Weight of the term that keeps Q low for tokens which the data does not have; 0 leaves it out. */
  conservatism: number;
  /** β: how many logits an advantage of 1 is worth when the guided model writes. */
  beta: number;
  /** The base model's logits are divided by it, guided or not. */
  temperature: number;
  /** Texts that the guided model writes in the end, to measure its distance from the base model. */
  klSamples: number;
}

export const ILQL_DEFAULTS: IlqlSettings = {
  method: 'ilql',
  // S and T; K takes 0.7 to 0.9.
  expectile: 0.7,
  discount: 0.99,
  // K, and S after it. T moves its targets by less.
  polyak: 0.005,
  // T.
  conservatism: 0.1,
  // A choice of our own, not yet measured: with rewards of ±1 most advantages are well below 1, and S and T take more than 1 too.
  beta: 4,
  tune: TUNE_ALL,
  // At Polyak's 0.005 the targets have gone two thirds of their way after 200 steps, which some hundred pairs have after as many epochs.
  epochs: 8,
  batchSize: 32,
  microbatchSize: null,
  // As in DPO_DEFAULTS: what suits large pretrained models teaches the small ones nothing.
  learningRate: 3e-4,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-5, epsilonPlacement: 'pytorch', weightDecay: 0 },
  maxGradNorm: 1,
  temperature: 1,
  heldOutShare: 0.2,
  klSamples: 64,
  seed: 1,
};

/** What a critic learned from judged texts, on held-out prompts where not said otherwise. */
export interface IlqlReport {
  /** A ranked text counts once for each pair that the ranking implies with it. */
  trainTexts: number;
  heldOutTexts: number;
  /** Texts that are empty, or longer than the model reads with their beginning. */
  leftOut: number;
  lossCurve: LossPoint[];
  heldOutCurve: LossPoint[];
  /** After the last step; absent where nothing was held out, as is the next. */
  heldOutLoss: number | null;
  /** How often the critic values the end of the preferred text higher than that of the other. */
  accuracy: Proportion | null;
  /** Mean KL of the guided model's own samples from the base model, in nats a response, with its standard error. */
  kl: SampledKl;
  seconds: number;
}
