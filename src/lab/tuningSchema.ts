import * as v from 'valibot';
import { LORA_TARGETS, TUNE_ALL, type Tuning } from '../model/tuningSettings';

const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));

/** What is trained, from outside. Absent in files from before there was a choice, where it was everything. */
export const TuningSchema = v.optional(
  v.object({
    what: v.picklist(['all', 'last', 'lora', 'head']),
    layers: v.optional(count(64), TUNE_ALL.layers),
    rank: v.optional(count(1024), TUNE_ALL.rank),
    alpha: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1e6)), TUNE_ALL.alpha),
    targets: v.optional(v.pipe(v.array(v.picklist(LORA_TARGETS)), v.minLength(1), v.maxLength(LORA_TARGETS.length)), [...TUNE_ALL.targets]),
  }),
  // A copy, for the type of the default is that of plain lists.
  { ...TUNE_ALL, targets: [...TUNE_ALL.targets] },
) satisfies v.GenericSchema<unknown, Tuning>;
