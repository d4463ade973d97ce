import * as v from 'valibot';
import { EPOCH_SETTINGS, LossCurve } from './epochSchema';
import type { DpoModelReport, DpoSettings } from './protocol';

const Finite = v.pipe(v.number(), v.finite());
const Whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Settings of direct preference optimisation that come from outside. */
export const DpoSettingsSchema: v.GenericSchema<unknown, DpoSettings> = v.object({
  ...EPOCH_SETTINGS,
  method: v.picklist(['dpo', 'ipo', 'kto']),
  beta: v.pipe(v.number(), v.gtValue(0), v.maxValue(1000)),
  temperature: v.pipe(v.number(), v.minValue(0.01), v.maxValue(100)),
  klSamples: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(4096)),
});

/** The report of a model tuned on judgements that comes from a file. */
export const DpoModelReportSchema: v.GenericSchema<unknown, DpoModelReport> = v.object({
  by: v.literal('preferences'),
  trainPairs: Whole,
  heldOutPairs: Whole,
  simulatedPairs: Whole,
  ties: Whole,
  leftOut: Whole,
  lossCurve: LossCurve,
  heldOutCurve: LossCurve,
  heldOutLoss: v.nullable(Finite),
  accuracy: v.nullable(v.object({ value: Finite, low: Finite, high: Finite, n: Whole })),
  meanMargin: v.nullable(Finite),
  kl: v.object({ mean: Finite, standardError: Finite, samples: Whole }),
  seconds: Finite,
  settings: DpoSettingsSchema,
});
