import { tensor } from '@tensorflow/tfjs-core';
import { toWeights, type Parameters, type Weights } from '../model/parameters';
import type { AdamWState } from '../tensor/adamW';
import type { RandomState } from '../tensor/random';
import type { KlState } from './klController';

/** Everything besides tensors that a run needs to go on as if it had never stopped; plain JSON. */
export interface TrainerProgress {
  /** Iterations done. */
  iteration: number;
  /** Responses sampled. */
  episodes: number;
  kl: KlState;
  /** Of REINFORCE; states from before there was a choice of algorithm lack it. */
  baseline?: number;
  /** Updates that the optimiser applied. */
  optimiserStep: number;
  rollout: RandomState;
  minibatches: RandomState;
}

export interface TrainerState {
  /** What is trained of the policy, and its value head, by name, and each one's moments behind the prefixes below. */
  weights: Weights;
  progress: TrainerProgress;
}

const FIRST_MOMENT = 'adam.first.';
const SECOND_MOMENT = 'adam.second.';

/** A checkpoint that does not belong to this run's model; nothing was restored. */
export class CheckpointError extends Error {
  constructor(reason: string) {
    super(`The checkpoint does not fit this run: ${reason}. Nothing was changed.`);
    this.name = 'CheckpointError';
  }
}

/** Trained parameters with their optimiser's moments, in one map. */
export async function packWeights(parameters: Parameters, optimiser: AdamWState): Promise<Weights> {
  const weights = await toWeights(parameters);
  for (const [name, { first, second }] of optimiser.moments) {
    const shape = parameters.get(name)!.shape.slice();
    weights.set(FIRST_MOMENT + name, { shape, data: first });
    weights.set(SECOND_MOMENT + name, { shape, data: second });
  }
  return weights;
}

/** Throws {@link CheckpointError} unless a checkpoint holds every trained parameter in its shape, and the moments of each, both or neither, in the same. */
export function checkWeights(weights: Weights, shapes: ReadonlyMap<string, readonly number[]>): void {
  const demand = (name: string, shape: readonly number[]) => {
    const found = weights.get(name);
    if (!found) throw new CheckpointError(`it lacks ${name}`);
    if (found.shape.join() !== shape.join()) throw new CheckpointError(`${name} is [${found.shape}] where [${shape}] belongs`);
  };
  for (const [name, shape] of shapes) {
    demand(name, shape);
    const moments = [FIRST_MOMENT + name, SECOND_MOMENT + name];
    if (moments.some((moment) => weights.has(moment))) for (const moment of moments) demand(moment, shape);
  }
}

/** Put a checkpoint's parameters in place and return the optimiser's state. Throws {@link CheckpointError}. */
export function unpackWeights(weights: Weights, step: number, parameters: Parameters): AdamWState {
  checkWeights(weights, new Map([...parameters].map(([name, { shape }]) => [name, shape])));
  const moments: AdamWState['moments'] = new Map();
  for (const [name, parameter] of parameters) {
    const { shape, data } = weights.get(name)!;
    const value = tensor(data, shape, 'float32');
    parameter.assign(value);
    value.dispose();
    const first = weights.get(FIRST_MOMENT + name);
    const second = weights.get(SECOND_MOMENT + name);
    if (first && second) moments.set(name, { first: first.data, second: second.data });
  }
  return { step, moments };
}
