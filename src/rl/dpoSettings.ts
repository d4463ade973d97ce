/*
 * Every default of direct preference optimisation stands here once. Sources: R
 * = Rafailov et al. 2023 (DPO), A = Azar et al. 2023 (IPO), E = Ethayarajh et
 * al. 2024 (KTO).
 */

import type { Proportion } from '../feedback/proportion';
import { TUNE_ALL } from '../model/tuningSettings';
import type { EpochSettings, LossPoint } from './epochSettings';

/** Which loss a pair has; see dpo.ts. */
export type PreferenceMethod = 'dpo' | 'ipo' | 'kto';

export interface DpoSettings extends EpochSettings {
  method: PreferenceMethod;
  /** Reward that a nat of log-ratio stands for: higher stays closer to the reference. IPO's own name for it is τ. */
  beta: number;
  /** Every log-probability is that of logits / τ. */
  temperature: number;
  /** Texts that the tuned model writes in the end, to measure its distance from the reference. */
  klSamples: number;
}

export const DPO_DEFAULTS: DpoSettings = {
  method: 'dpo',
  // R, appendix B, and E, §4.3.
  beta: 0.1,
  tune: TUNE_ALL,
  epochs: 2,
  batchSize: 32,
  microbatchSize: null,
  // R's 1e-6 suits large pretrained models; the small from-scratch ones learn nothing at it. Measured on the model `small` with 480
  // pairs of the rule “cheerful”: 1e-4 moved it by 0.7 nats and the gold score by 0.25 standard deviations, 3e-4 by 5.1 nats and 0.92.
  learningRate: 3e-4,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-5, epsilonPlacement: 'pytorch', weightDecay: 0 },
  maxGradNorm: 1,
  temperature: 1,
  heldOutShare: 0.2,
  klSamples: 64,
  seed: 1,
};

/** What a policy learned from pairs, on held-out prompts where not said otherwise. */
export interface DpoReport {
  /** Those that a ranking implies count each. */
  trainPairs: number;
  heldOutPairs: number;
  /** Judgements that prefer no text to another: ties, both bad, ratings and thumbs. They are left out. */
  ties: number;
  /** Judged pairs that are longer than the model reads. */
  leftOut: number;
  lossCurve: LossPoint[];
  heldOutCurve: LossPoint[];
  /** After the last step; absent where nothing was held out, as the next two. */
  heldOutLoss: number | null;
  /** How often the preferred response has the higher implicit reward, β·(log π − log π_ref). */
  accuracy: Proportion | null;
  /** Implicit reward of the preferred response less that of the other. */
  meanMargin: number | null;
  /** Mean KL of the tuned policy's own samples from the reference, in nats a response, with its standard error. */
  kl: { mean: number; standardError: number; samples: number };
  seconds: number;
}
