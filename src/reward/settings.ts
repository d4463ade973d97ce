/*
 * Every default of reward modelling stands here once. Sources: Z = Ziegler et
 * al. 2019 (openai/lm-human-preferences); E = Eisenstein et al. 2023 (centring);
 * C = Coste et al. 2023, "Reward model ensembles help mitigate overoptimization".
 */

import type { Proportion } from '../feedback/proportion';
import { TUNE_ALL, type Tuning } from '../model/tuningSettings';
import { ELO, type EloSettings } from './ranking/elo';
import { PRIOR } from './ranking/prior';

export type { Proportion };

export interface RewardSettings {
  /** Which part of the model is trained, beside its score head. */
  tune: Tuning;
  epochs: number;
  batchSize: number;
  learningRate: number;
  adam: { beta1: number; beta2: number; epsilon: number; epsilonPlacement: 'pytorch' | 'tf1'; weightDecay: number };
  maxGradNorm: number;
  /** Learn straight from the judgements, or from the scores that a ranking makes of them first (modular.ts). */
  pipeline: 'end-to-end' | 'modular';
  /** What ranks, where that comes first. */
  ranking: 'bradley-terry' | 'plackett-luce' | 'elo';
  /** Weight of ½·Σ score² beside the likelihood of a ranking, above 0; see {@link PRIOR}. Elo has none. */
  prior: number;
  elo: Pick<EloSettings, 'k' | 'base'>;
  /** How two responses that are equally good are learned from: with the soft label ½, or by a model that has ties, and learns how readily they are called. */
  ties: 'soft' | 'rao-kupper' | 'davidson';
  /** Whether “both bad” is a tie alone, or says as well that both are below a learned zero. */
  bothBad: 'tie' | 'zero';
  /** By how much a preferred response must lead for each step of a stated strength, in units of the score; 0 leaves strengths aside. */
  margin: number;
  /** Weight of mean((r_A + r_B)²), which keeps scores near zero (E). */
  centring: number;
  /** Share of prompts, not of pairs, that is held out. */
  heldOutShare: number;
  /** Reference samples that gain and bias are set on; at least 256. */
  normalisationSamples: number;
  seed: number;
  /** Models that are trained on the same judgements and score together, from 1 to MOST_MEMBERS (C). */
  members: number;
  /** Whether what length explains of the judgements is kept out of the score; see lengthControl.ts. */
  lengthControl: boolean;
}

export const REWARD_DEFAULTS: RewardSettings = {
  tune: TUNE_ALL,
  epochs: 2,
  batchSize: 32,
  // 5e-5 suits large pretrained models; the small from-scratch ones learn nothing at it.
  learningRate: 2e-3,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-5, epsilonPlacement: 'pytorch', weightDecay: 0 },
  maxGradNorm: 1,
  pipeline: 'end-to-end',
  ranking: 'bradley-terry',
  prior: PRIOR,
  elo: { k: ELO.k, base: ELO.base },
  ties: 'soft',
  bothBad: 'tie',
  margin: 0,
  centring: 0.01,
  heldOutShare: 0.2,
  normalisationSamples: 256,
  seed: 1,
  members: 1,
  lengthControl: false,
};

/**
 * An adapter's numbers begin small and are few, so they want larger steps. The
 * small model on 800 pairs of the rule long-words, one seed, log-loss on 156 held-out pairs:
 * 0.740 at 2e-3, 0.687 at 4e-3, 0.653 at 6e-3, 0.626 at 1e-2, where training
 * everything at 2e-3 has 0.643. Not the highest, for longer trainings and wider models.
 */
export const REWARD_LORA_LEARNING_RATE = 6e-3;

/** The learning rate to begin with, by what is trained. */
export const rewardLearningRate = ({ what }: Tuning): number => (what === 'lora' ? REWARD_LORA_LEARNING_RATE : REWARD_DEFAULTS.learningRate);

/** Parts of the labels that show whether more would help: each twice the one before. */
export const LEARNING_CURVE_FRACTIONS: readonly number[] = [1 / 8, 1 / 4, 1 / 2, 1];

/** What the members of an ensemble are like one by one. */
export interface EnsembleReport {
  members: { accuracy: Proportion | null; logLoss: number | null }[];
  /** Mean over the reference policy's texts of the standard deviation of the members' rewards. */
  disagreement: number;
}

/** What was kept out of the score, of an ensemble as its mean has it. */
export interface LengthControlReport {
  /** γ: what a response gains in the judgements by being one standard deviation longer, in log-odds against another. */
  gamma: number;
  /** That standard deviation, in tokens, over the responses that it learned from. */
  deviation: number;
  /** What `lengthCorrelation` would be if γ had stayed in the score. */
  correlationWith: number | null;
}

/** Where a judged text stands: a response of a comparison, or, null, what it was rewritten as. */
export interface TextPlace {
  comparisonId: string;
  response: number | null;
}

/** Two texts in the order that a judgement gave them, and the chance that the model gives to that order. */
export interface JudgedOrder {
  better: TextPlace;
  worse: TextPlace;
  chance: number;
}

/** Judgements that put texts in order, and those of them that the model contradicts. */
export interface DisputeTally {
  ordered: number;
  against: number;
}

/** What the reward model learned, on held-out prompts. */
export interface RewardReport {
  /** Judgements of any kind, of which most are of pairs. */
  trainPairs: number;
  /** As many; what follows is about the pairs that they imply. */
  heldOutPairs: number;
  /** Judgements of texts that are longer than the model reads. */
  leftOut: number;
  /**
   * Where a strategy chose what was judged of the held-out prompts: how many such
   * judgements were set aside, for a fair test; or, where there were no others,
   * that they were tested on and the accuracy is too low. Absent where there were none.
   */
  chosen?: { setAside: number } | { tested: true };
  /** Of both, those that a simulated labeler judged; absent in reports from before they were counted. */
  simulatedPairs?: number;
  /** Ties excluded; absent where nothing was held out. */
  accuracy: Proportion | null;
  logLoss: number | null;
  brier: number | null;
  /** Expected calibration error over ten equal-width bins of the predicted probability that the left response is better. */
  calibrationError: number | null;
  calibration: { low: number; high: number; predicted: number; observed: number; n: number }[];
  meanMargin: number | null;
  /** Pearson correlation of reward with length in tokens; absent where either does not vary. */
  lengthCorrelation: number | null;
  accuracyByLength: { from: number; to: number; accuracy: Proportion }[];
  /** How often the response shown on the left was preferred, and how often the model prefers it. */
  leftSide: { labels: Proportion; model: Proportion } | null;
  /** Simulated labels only: the best accuracy that the labeler's noise allows, E[σ(|Δ|/T)]. */
  ceiling: number | null;
  /**
   * How often the labeler agrees with itself on a pair that it sees twice: what
   * its noise makes it on the held-out pairs where it is simulated, counted where
   * people judged. Null where nobody judged a pair twice; absent in older reports.
   */
  selfAgreement?: { expected: number } | { counted: Proportion } | null;
  /** What it contradicts after training, see dispute.ts; absent in older reports. */
  disputes?: {
    learned: DisputeTally;
    heldOut: DisputeTally;
    /** The worst of both, the surest first. */
    worst: { comparisonId: string; heldOut: boolean; order: JudgedOrder }[];
  };
  /**
   * The judgements that pulled hardest at it, as multiples of the mean pull
   * (pull.ts). Absent in older reports, and in the modular pipeline, whose model
   * meets no judgement: it regresses a score of each text, in which all
   * judgements of a prompt have become one.
   */
  pulls?: { comparisonId: string; pull: number; order: JudgedOrder | null }[];
  /** Absent where length was not controlled. */
  lengthControl?: LengthControlReport;
  /** Of an ensemble: all other figures are those of its mean. Absent for a single model. */
  ensemble?: EnsembleReport;
  /** Comparisons that were held out, so that another model can be tried on what neither has seen; absent in older reports. */
  heldOut?: string[];
  lossCurve: { step: number; loss: number }[];
  /** Normalisation: reward = gain · raw + bias, mean 0 and standard deviation 1 on the reference policy. */
  gain: number;
  bias: number;
  seconds: number;
}
