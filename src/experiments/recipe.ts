import { presetFor, type Evaluation, type PpoPresetName, type PpoSettings } from '../lab/protocol';
import type { Labels, Workbench } from './workbench';

/*
 * What the experiments share where their question does not say otherwise, so
 * that they can be compared and need not repeat each other's steps.
 */

/** Enough for the small model’s reward model to agree with three labels in four. */
export const LABELS = 2048;

/** Of 32 responses each: the presets' curves have turned by then. */
const ITERATIONS = 30;

export function labelsOf(seed: number, count = LABELS): Labels {
  return { seed, count, temperature: 'calibrated' };
}

export function preset(bench: Workbench, name: PpoPresetName, changes: Partial<PpoSettings> = {}): PpoSettings {
  return { ...presetFor(name, bench.ground.width), iterations: ITERATIONS, ...changes };
}

/** A β that stays, and no cap: an experiment shows where it leads. */
export function fixed(settings: PpoSettings, coefficient: number): PpoSettings {
  return { ...settings, kl: { ...settings.kl, control: 'fixed', coefficient, cap: null } };
}

/** Gold score of the tuned policy above the base model's, in standard deviations of a base model's sample. */
export function goldGain({ gold }: Evaluation): number {
  if (!gold) throw new RangeError('There is no gold score: the labels were not made by a rule.');
  return (gold.tuned.mean - gold.base.mean) / gold.base.std;
}

/** The same of the reward that was optimised. */
export function rewardGain({ reward }: Evaluation): number {
  if (!reward) throw new RangeError('There is no reward model that scores.');
  return (reward.tuned.mean - reward.base.mean) / reward.base.std;
}
