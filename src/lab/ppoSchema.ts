import * as v from 'valibot';
import { responsesPerPrompt } from '../rl/settings';
import { checked } from './checkedSettings';
import { LEAN, type PpoSettings } from './protocol';
import { TuningSchema } from './tuningSchema';

const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const between = (low: number, high: number) => v.pipe(v.number(), v.minValue(low), v.maxValue(high));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

const Settings = v.object({
  algorithm: v.optional(v.picklist(['ppo', 'reinforce', 'rloo', 'grpo']), LEAN.algorithm),
  groupSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(1024)), LEAN.groupSize),
  baselineDecay: v.optional(between(0, 1), LEAN.baselineDecay),
  batchSize: count(1024),
  responseLength: count(4096),
  promptLength: count(4096),
  iterations: count(1_000_000),
  tune: TuningSchema,
  temperature: between(0.01, 100),
  cut: v.object({ at: v.picklist(['eos', 'sentence']), afterTokens: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  missingEnd: v.object({ rule: v.picklist(['off', 'replace', 'subtract']), penalty: between(-1e6, 1e6) }),
  ensemble: v.optional(v.object({ aggregate: v.picklist(['mean', 'minimum', 'penalised']), penalty: between(0, 1e6) }), LEAN.ensemble),
  scoreClip: positive,
  kl: v.object({
    place: v.optional(v.picklist(['reward', 'loss']), LEAN.kl.place),
    estimator: v.optional(v.picklist(['k2', 'k3']), LEAN.kl.estimator),
    control: v.picklist(['adaptive', 'fixed']),
    coefficient: between(0, 1e6),
    target: positive,
    horizon: positive,
    holdUntilTarget: v.boolean(),
    cap: v.nullable(positive),
  }),
  gamma: between(0, 1),
  lambda: between(0, 1),
  whitenAdvantages: v.boolean(),
  whitenRewards: v.boolean(),
  epochs: count(100),
  minibatches: count(1024),
  microbatchSize: v.nullable(count(1024)),
  clipRange: between(0, 10),
  valueClipRange: positive,
  valueCoefficient: between(0, 1000),
  entropyCoefficient: between(-1000, 1000),
  learningRate: between(0, 10),
  learningRateSchedule: v.picklist(['linear', 'constant']),
  adam: v.object({
    beta1: between(0, 0.999_999),
    beta2: between(0, 0.999_999),
    epsilon: positive,
    epsilonPlacement: v.picklist(['pytorch', 'tf1']),
    weightDecay: between(0, 1),
  }),
  maxGradNorm: positive,
  ratioThreshold: positive,
  epochKlTarget: v.nullable(positive),
  mistake: v.optional(v.picklist(['none', 'padding', 'dropout', 'top-k']), LEAN.mistake),
  checkpointEvery: count(1_000_000),
});

/**
 * PPO settings that come from outside: a script at the console, or a file. The
 * bounds keep memory sane and arithmetic finite; what is wise stands in the presets.
 * What files from before there was a choice lack was as LEAN has it.
 */
export const PpoSettingsSchema: v.GenericSchema<unknown, PpoSettings> = v.pipe(
  Settings,
  v.forward(
    v.partialCheck(
      [['batchSize'], ['groupSize'], ['algorithm']],
      (settings) => settings.batchSize % responsesPerPrompt(settings) === 0,
      'It must be a multiple of the group size, so that every prompt has a whole group of responses.',
    ),
    ['batchSize'],
  ),
);

/** Settings that a command brings. Throws `BadCommand` with the place of what cannot be used. */
export function readPpoSettings(settings: unknown): PpoSettings {
  return checked(PpoSettingsSchema, settings, 'The run’s settings');
}
