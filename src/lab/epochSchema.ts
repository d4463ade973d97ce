import * as v from 'valibot';
import { TuningSchema } from './tuningSchema';

const Finite = v.pipe(v.number(), v.finite());
const between = (low: number, high: number) => v.pipe(v.number(), v.minValue(low), v.maxValue(high));
const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

/** Settings of every training on fixed examples that come from outside. The bounds keep memory sane and arithmetic finite; what is wise stands in the defaults. */
export const EPOCH_SETTINGS = {
  tune: TuningSchema,
  epochs: count(1000),
  batchSize: count(1024),
  microbatchSize: v.nullable(count(1024)),
  learningRate: between(0, 10),
  adam: v.object({
    beta1: between(0, 0.999_999),
    beta2: between(0, 0.999_999),
    epsilon: positive,
    epsilonPlacement: v.picklist(['pytorch', 'tf1']),
    weightDecay: between(0, 1),
  }),
  maxGradNorm: positive,
  heldOutShare: between(0, 0.9),
  seed: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
};

/** A loss curve in a report. */
export const LossCurve = v.array(v.object({ step: Finite, loss: Finite }));
