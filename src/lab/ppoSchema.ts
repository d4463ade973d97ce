import * as v from 'valibot';
import { LabFailure } from './failure';
import type { PpoSettings } from './protocol';
import { TuningSchema } from './tuningSchema';

const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const between = (low: number, high: number) => v.pipe(v.number(), v.minValue(low), v.maxValue(high));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

/**
 * PPO settings that come from outside: a script at the console, or a file. The
 * bounds keep memory sane and arithmetic finite; what is wise stands in the presets.
 */
export const PpoSettingsSchema: v.GenericSchema<unknown, PpoSettings> = v.object({
  batchSize: count(1024),
  responseLength: count(4096),
  promptLength: count(4096),
  iterations: count(1_000_000),
  tune: TuningSchema,
  temperature: between(0.01, 100),
  cut: v.object({ at: v.picklist(['eos', 'sentence']), afterTokens: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  missingEnd: v.object({ rule: v.picklist(['off', 'replace', 'subtract']), penalty: between(-1e6, 1e6) }),
  scoreClip: positive,
  kl: v.object({
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
  checkpointEvery: count(1_000_000),
});

/** Settings that a command brings. Throws `BadCommand` with the place of what cannot be used. */
export function readPpoSettings(settings: unknown): PpoSettings {
  const checked = v.safeParse(PpoSettingsSchema, settings, { abortEarly: true });
  if (checked.success) return checked.output;
  throw new LabFailure('BadCommand', `The run's settings cannot be used: ${v.getDotPath(checked.issues[0]) ?? 'they'}: ${checked.issues[0].message}`);
}
