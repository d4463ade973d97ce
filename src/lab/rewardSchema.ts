import * as v from 'valibot';
import { MOST_MEMBERS } from '../model/members';
import { REWARD_DEFAULTS } from '../reward/settings';
import type { RewardModelReport } from './modelShelf';
import { TuningSchema } from './tuningSchema';

const Finite = v.pipe(v.number(), v.finite());
const Whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const Proportion = v.object({ value: Finite, low: Finite, high: Finite, n: Whole });
const Tally = v.object({ ordered: Whole, against: Whole });
const Place = v.object({ comparisonId: v.string(), response: v.nullable(Whole) });
const Order = v.object({ better: Place, worse: Place, chance: Finite });

const Positive = v.pipe(Finite, v.check((value) => value > 0, 'must be above 0'));

/** How judgements are learned from. What was trained or asked for before there was a choice has the only way there was. */
export const LearningSchema = v.object({
  pipeline: v.optional(v.picklist(['end-to-end', 'modular']), REWARD_DEFAULTS.pipeline),
  ranking: v.optional(v.picklist(['bradley-terry', 'plackett-luce', 'elo']), REWARD_DEFAULTS.ranking),
  prior: v.optional(Positive, REWARD_DEFAULTS.prior),
  elo: v.optional(v.object({ k: Positive, base: v.pipe(Finite, v.check((value) => value > 1, 'must be above 1')) }), REWARD_DEFAULTS.elo),
  ties: v.optional(v.picklist(['soft', 'rao-kupper', 'davidson']), REWARD_DEFAULTS.ties),
  bothBad: v.optional(v.picklist(['tie', 'zero']), REWARD_DEFAULTS.bothBad),
  margin: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0)), REWARD_DEFAULTS.margin),
  members: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_MEMBERS)), REWARD_DEFAULTS.members),
  lengthControl: v.optional(v.boolean(), REWARD_DEFAULTS.lengthControl),
});

/** A reward model's report that comes from a file. */
export const RewardModelReportSchema: v.GenericSchema<unknown, RewardModelReport> = v.object({
  trainPairs: Whole,
  heldOutPairs: Whole,
  // Files from before such pairs were left out have none.
  leftOut: v.optional(Whole, 0),
  simulatedPairs: v.optional(Whole),
  accuracy: v.nullable(Proportion),
  logLoss: v.nullable(Finite),
  brier: v.nullable(Finite),
  calibrationError: v.nullable(Finite),
  calibration: v.array(v.object({ low: Finite, high: Finite, predicted: Finite, observed: Finite, n: Whole })),
  meanMargin: v.nullable(Finite),
  lengthCorrelation: v.nullable(Finite),
  accuracyByLength: v.array(v.object({ from: Finite, to: Finite, accuracy: Proportion })),
  leftSide: v.nullable(v.object({ labels: Proportion, model: Proportion })),
  ceiling: v.nullable(Finite),
  selfAgreement: v.optional(v.nullable(v.union([v.object({ expected: Finite }), v.object({ counted: Proportion })]))),
  disputes: v.optional(v.object({ learned: Tally, heldOut: Tally, worst: v.array(v.object({ comparisonId: v.string(), heldOut: v.boolean(), order: Order })) })),
  pulls: v.optional(v.array(v.object({ comparisonId: v.string(), pull: Finite, order: v.nullable(Order) }))),
  lengthControl: v.optional(v.object({ gamma: Finite, deviation: Finite, correlationWith: v.nullable(Finite) })),
  ensemble: v.optional(v.object({ members: v.array(v.object({ accuracy: v.nullable(Proportion), logLoss: v.nullable(Finite) })), disagreement: Finite })),
  heldOut: v.optional(v.array(v.string())),
  lossCurve: v.array(v.object({ step: Finite, loss: Finite })),
  gain: Finite,
  bias: Finite,
  seconds: Finite,
  settings: v.object({
    ...LearningSchema.entries,
    tune: TuningSchema,
    epochs: Whole,
    batchSize: Whole,
    learningRate: Finite,
    adam: v.object({ beta1: Finite, beta2: Finite, epsilon: Finite, epsilonPlacement: v.picklist(['pytorch', 'tf1']), weightDecay: Finite }),
    maxGradNorm: Finite,
    centring: Finite,
    heldOutShare: Finite,
    normalisationSamples: Whole,
    seed: Whole,
  }),
});
