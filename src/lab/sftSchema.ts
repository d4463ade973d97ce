import * as v from 'valibot';
import type { Examples } from '../text/examples';
import { EPOCH_SETTINGS, LossCurve } from './epochSchema';
import type { SftModelReport, SftSettings } from './protocol';

const Finite = v.pipe(v.number(), v.finite());
const Whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Settings of supervised fine-tuning that come from outside. */
export const SftSettingsSchema: v.GenericSchema<unknown, SftSettings> = v.object({
  ...EPOCH_SETTINGS,
  pieceLength: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(4096)),
});

/** Examples that come from outside. */
export const ExamplesSchema: v.GenericSchema<unknown, Examples> = v.variant('kind', [
  v.object({ kind: v.literal('demonstrations'), demonstrations: v.array(v.object({ prompt: v.string(), completion: v.string() })) }),
  v.object({ kind: v.literal('texts'), texts: v.array(v.string()) }),
]);

/** The report of a model trained on examples that comes from a file. */
export const SftModelReportSchema: v.GenericSchema<unknown, SftModelReport> = v.object({
  by: v.literal('examples'),
  source: v.pipe(v.string(), v.maxLength(200)),
  trainExamples: Whole,
  heldOutExamples: Whole,
  leftOut: Whole,
  trainTokens: Whole,
  lossCurve: LossCurve,
  heldOutCurve: LossCurve,
  seconds: Finite,
  settings: SftSettingsSchema,
});
