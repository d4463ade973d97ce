import * as v from 'valibot';
import { EPOCH_SETTINGS } from './epochSchema';
import type { IlqlSettings } from './protocol';

const between = (low: number, high: number) => v.pipe(v.number(), v.minValue(low), v.maxValue(high));

/** Settings of implicit language Q-learning that come from outside. */
export const IlqlSettingsSchema: v.GenericSchema<unknown, IlqlSettings> = v.object({
  ...EPOCH_SETTINGS,
  method: v.literal('ilql'),
  expectile: v.pipe(v.number(), v.gtValue(0), v.ltValue(1)),
  discount: between(0, 1),
  polyak: between(0, 1),
  conservatism: between(0, 1000),
  beta: between(0, 1000),
  temperature: between(0.01, 100),
  klSamples: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(4096)),
});
