/*
 * Every default of PPO stands here once; the form, the docs and the tests read
 * it here. Names follow the field; sources: Z = Ziegler et al. 2019
 * (openai/lm-human-preferences), S = Schulman et al. 2017, N = "The N
 * Implementation Details of RLHF with PPO" (Huang et al. 2023), A = "Back to
 * Basics" (Ahmadian et al. 2024), D = DeepSeekMath (Shao et al. 2024), C =
 * "Reward model ensembles help mitigate overoptimization" (Coste et al. 2023).
 */

import { TUNE_ALL, type Tuning } from '../model/tuningSettings';
import type { Aggregation } from '../reward/ensemble';
import type { Mistake } from './mistakes';

/** How rewards become advantages; see algorithms.ts. */
export type Algorithm = 'ppo' | 'reinforce' | 'rloo' | 'grpo';

export interface KlSettings {
  /** Where the penalty stands: in each token's reward, as k1, or in the loss, as the estimator below. */
  place: 'reward' | 'loss';
  /** In the loss only: k2 has, for each token by itself, the gradient that k1 has in the reward, k3 that of KL(π_ref‖π); see kl.ts. */
  estimator: 'k2' | 'k3';
  /** 'adaptive' steers β towards `target`; 'fixed' keeps `coefficient`. */
  control: 'adaptive' | 'fixed';
  /** β, or its first value, in reward units per nat. */
  coefficient: number;
  /** Mean KL of a response that the controller steers to, in nats a sequence (Z: 6). */
  target: number;
  /** Episodes over which β may change by about a fifth: its relative error is clipped at ±0.2, and e^0.2 ≈ 1.22 (Z: 10,000, meant for a million episodes). */
  horizon: number;
  /** β does not fall until the KL has first reached the target: Z's controller winds up in short runs. */
  holdUntilTarget: boolean;
  /** A run stops, keeping its last good checkpoint, when an iteration's KL passes this; null switches the cap off. */
  cap: number | null;
}

export interface PpoSettings {
  algorithm: Algorithm;
  /** Responses in one rollout. */
  batchSize: number;
  /** RLOO and GRPO: responses to one prompt, which are compared with each other; it divides the batch. */
  groupSize: number;
  /** REINFORCE: how much of its baseline survives an iteration. */
  baselineDecay: number;
  /** Longest response, in tokens. */
  responseLength: number;
  /** Longest prompt, in tokens; the lean preset keeps prompt + response ≤ 40. */
  promptLength: number;
  iterations: number;
  /** Which part of the policy is trained; the reference shares the rest with it. */
  tune: Tuning;
  temperature: number;
  /** Where the scored text ends: the first end-of-sequence, or also the first sentence end after a minimum of tokens (Z, for continuations). */
  cut: { at: 'eos' | 'sentence'; afterTokens: number };
  /** What a response without an end costs: 'off', or a fixed score that replaces, or is subtracted. */
  missingEnd: { rule: 'off' | 'replace' | 'subtract'; penalty: number };
  /** How the scores of a reward model's members become one (C); nothing where it has one member. */
  ensemble: Aggregation;
  /** Normalised scores are clipped to ± this. */
  scoreClip: number;
  kl: KlSettings;
  gamma: number;
  lambda: number;
  whitenAdvantages: boolean;
  whitenRewards: boolean;
  epochs: number;
  minibatches: number;
  /** Responses in one backward pass: fewer need less memory and change nothing else; null takes a whole minibatch. */
  microbatchSize: number | null;
  clipRange: number;
  valueClipRange: number;
  valueCoefficient: number;
  entropyCoefficient: number;
  learningRate: number;
  /** 'linear' falls to 0 over the run's iterations; 'constant' is for an open-ended run. */
  learningRateSchedule: 'linear' | 'constant';
  adam: { beta1: number; beta2: number; epsilon: number; epsilonPlacement: 'pytorch' | 'tf1'; weightDecay: number };
  maxGradNorm: number;
  /** A minibatch whose mean ratio passes this is skipped (N; TRL). */
  ratioThreshold: number;
  /** Stop an iteration's epochs early when mean(ρ − 1 − ln ρ) passes this; null: never. */
  epochKlTarget: number | null;
  /** Built in on purpose, to see what betrays it: see mistakes.ts. */
  mistake: Mistake;
  /** Iterations between checkpoints. */
  checkpointEvery: number;
}

/**
 * The lean preset: short stories, 32 at a time, meant to be bearable on a
 * software adapter with the small model. What differs from Z: β starts near
 * the value that belongs to 6 nats on these models, holds until the target is
 * first reached, and the horizon suits a run of some thousand episodes.
 */
export const LEAN: PpoSettings = {
  algorithm: 'ppo',
  batchSize: 32,
  groupSize: 4,
  baselineDecay: 0.8,
  responseLength: 24,
  promptLength: 16,
  iterations: 60,
  tune: TUNE_ALL,
  temperature: 1,
  cut: { at: 'sentence', afterTokens: 16 },
  missingEnd: { rule: 'off', penalty: -1 },
  ensemble: { aggregate: 'mean', penalty: 0.5 },
  scoreClip: 10,
  kl: { place: 'reward', estimator: 'k2', control: 'adaptive', coefficient: 0.15, target: 6, horizon: 200, holdUntilTarget: true, cap: 60 },
  gamma: 1,
  lambda: 0.95,
  whitenAdvantages: true,
  whitenRewards: false,
  epochs: 4,
  minibatches: 1,
  microbatchSize: null,
  clipRange: 0.2,
  valueClipRange: 0.2,
  valueCoefficient: 0.1,
  entropyCoefficient: 0,
  learningRate: 3e-4,
  learningRateSchedule: 'linear',
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-5, epsilonPlacement: 'pytorch', weightDecay: 0 },
  maxGradNorm: 1,
  ratioThreshold: 10,
  epochKlTarget: null,
  mistake: 'none',
  checkpointEvery: 5,
};

/** An adapter's numbers begin small and are few, so they want larger steps than a whole model's. */
export const LORA_LEARNING_RATE = 1e-3;

/**
 * Without a value function: one update on each rollout, at ρ = 1, where nothing
 * is clipped. Advantages that are not whitened grow with the scores, and clips
 * no longer hold a step back, so steps are half of LEAN's. Tried on the small
 * model with the rule long-words for a reward, 32 texts an iteration: at 3e-4
 * RLOO was 24 nats away after 35 iterations, at 1e-4 3 nats after 40.
 */
const ONE_UPDATE: PpoSettings = { ...LEAN, epochs: 1, whitenAdvantages: false, learningRate: 1.5e-4 };

/** Presets by name; each changes LEAN only where its sentence says so. */
export const PPO_PRESETS = {
  lean: { title: 'Steady', about: 'Stay about 6 nats from the base model: β adapts.', settings: LEAN },
  ziegler: {
    title: 'As in Ziegler et al. 2019',
    about: 'The paper’s own controller: β starts at 0.15 and may change at once, over a horizon of 10,000 episodes.',
    settings: { ...LEAN, kl: { ...LEAN.kl, coefficient: 0.15, horizon: 10_000, holdUntilTarget: false } },
  },
  unleashed: {
    title: 'No leash (β = 0)',
    about: 'No KL penalty and no cap: watch the model learn to please the reward model and forget how to write.',
    settings: { ...LEAN, kl: { ...LEAN.kl, control: 'fixed', coefficient: 0, cap: null } },
  },
  lora: {
    title: 'An adapter (LoRA)',
    about: 'The model stays as it is; only a small addition to its matrices is trained, at a higher learning rate.',
    settings: { ...LEAN, tune: { ...LEAN.tune, what: 'lora' }, learningRate: LORA_LEARNING_RATE },
  },
  reinforce: {
    title: 'REINFORCE',
    about: 'The simplest: a text that scored above the recent average becomes likelier. One update on each batch; nothing learns to expect scores.',
    settings: { ...ONE_UPDATE, algorithm: 'reinforce' },
  },
  rloo: {
    title: 'RLOO: four tries compared',
    about: 'Four texts from each opening. Each is measured against the average of the other three (Ahmadian et al. 2024).',
    settings: { ...ONE_UPDATE, algorithm: 'rloo', groupSize: 4 },
  },
  grpo: {
    title: 'GRPO: eight tries graded on a curve',
    about: 'Eight texts from each opening, graded by how far each lies from the eight’s average; the leash stands in the loss (Shao et al. 2024).',
    // β starts where D has it. Held there, at 1.5e-4, it let the policy go to 16 nats in 40 iterations, so it adapts, and three times as fast as LEAN's, for it has far to go.
    settings: { ...ONE_UPDATE, algorithm: 'grpo', groupSize: 8, learningRate: 1e-4, kl: { ...LEAN.kl, place: 'loss', estimator: 'k3', coefficient: 0.04, horizon: 64 } },
  },
} as const satisfies Record<string, { title: string; about: string; settings: PpoSettings }>;

export type PpoPresetName = keyof typeof PPO_PRESETS;

/** Width of the model that the presets were tried on, the small one. */
const TRIED_WIDTH = 64;

/**
 * A preset for a model of some width (`hidden_size`): the wider, the farther the
 * same step carries it, so the learning rate goes with 1/√width. Found on the
 * storyteller, of width 192, with the rule long-words and LEAN (npm run loop --
 * --model stories): at the small model's 3e-4 it was 11 to 14 nats away after 25
 * iterations, with 1/width it stayed at 4, with 1/√width it came to 6, the target.
 */
export function presetFor(name: PpoPresetName, width = TRIED_WIDTH): PpoSettings {
  const settings: PpoSettings = PPO_PRESETS[name].settings;
  // Four digits, as a person would write it.
  return { ...settings, learningRate: Number((settings.learningRate * Math.sqrt(TRIED_WIDTH / width)).toPrecision(4)) };
}

/** A run's settings. A run from before a setting was there was trained as LEAN has it. */
export function settingsOf({ settings }: { settings: unknown }): PpoSettings {
  const { kl, ...known } = settings as Partial<PpoSettings>;
  return { ...LEAN, ...known, kl: { ...LEAN.kl, ...kl } };
}

/** Responses that each prompt of a rollout gets. */
export function responsesPerPrompt({ algorithm, groupSize }: Pick<PpoSettings, 'algorithm' | 'groupSize'>): number {
  return algorithm === 'rloo' || algorithm === 'grpo' ? groupSize : 1;
}
