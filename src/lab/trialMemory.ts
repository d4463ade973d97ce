import * as v from 'valibot';
import type { Database } from '../store/database';
import { readSetting, writeSetting } from '../store/settings';
import type { Trial } from '../tensor/backend';
import type { Variants } from '../tensor/variants';

export const VariantsSchema: v.GenericSchema<unknown, Variants> = v.object({
  product: v.picklist(['quads', 'tiles']),
  rowThreads: v.picklist([1, 32]),
});

const Positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const Seconds = v.optional(Positive);

const TrialSchema: v.GenericSchema<unknown, Trial> = v.object({
  speed: v.object({ flopsPerSecond: Positive, secondsPerLaunch: Positive, secondsPerProgram: v.pipe(v.number(), v.finite(), v.minValue(0)) }),
  variants: v.optional(VariantsSchema),
  times: v.optional(v.object({ product: v.object({ quads: Seconds, tiles: Seconds }), rowThreads: v.object({ 1: Seconds, 32: Seconds }) })),
});

const keyOf = (adapterName: string) => `trial of ${adapterName}`;

/** What was found of an adapter at its first start here, or null; a record that another version wrote counts as none. */
export async function recallTrial(database: Database, adapterName: string): Promise<Trial | null> {
  const found = v.safeParse(TrialSchema, await readSetting(database, keyOf(adapterName)));
  return found.success ? found.output : null;
}

export function rememberTrial(database: Database, adapterName: string, trial: Trial): Promise<void> {
  return writeSetting(database, keyOf(adapterName), trial);
}
