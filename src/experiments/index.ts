import { algorithms } from './algorithms';
import { betaSweep } from './betaSweep';
import { frontier } from './frontier';
import type { Experiment } from './experiment';
import { iterate } from './iterate';
import { labelCurve } from './labelCurve';
import { overOptimisation } from './overOptimisation';
import { ablations, adaptive, ensembles, hacking, klEstimators, lengthBias, mistakes, seeds } from './runExperiments';

export type { Experiment };

/** Every experiment, in the order in which they are best tried. */
export const EXPERIMENTS: readonly Experiment[] = [hacking, betaSweep, frontier, adaptive, overOptimisation, labelCurve, lengthBias, ensembles, seeds, ablations, mistakes, algorithms, iterate, klEstimators];

/** @throws RangeError with the names there are */
export function experimentByName(name: string): Experiment {
  const found = EXPERIMENTS.find((candidate) => candidate.name === name);
  if (!found) throw new RangeError(`There is no experiment ${JSON.stringify(name)}. There are: ${EXPERIMENTS.map((known) => known.name).join(', ')}.`);
  return found;
}
