import { add, tidy, variableGrads, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import type { LanguageModel } from '../model/languageModel';
import type { Parameters, Weights } from '../model/parameters';
import { trainedOf } from '../model/tuning';
import type { Preference } from '../reward/preference';
import { AdamW } from '../tensor/adamW';
import { RandomStream } from '../tensor/random';
import { packWeights, unpackWeights } from './checkpoint';
import type { EpochSettings, LossPoint } from './epochSettings';

/*
 * Training on a fixed list of examples: epochs of minibatches, each epoch in a
 * fresh order, by AdamW at a learning rate that falls linearly to 0. What is
 * learned, and from what, is the objective's.
 */

/** A loss over a fixed list of examples. */
export interface Objective {
  readonly parameters: Parameters;
  /** How many examples there are. */
  readonly count: number;
  /** Given a whole minibatch, what gives the share of some of its examples in its loss: shares of all add up to it. */
  minibatch(rows: Int32Array): Promise<(part: Int32Array) => Scalar>;
  /** Called after each step of the optimiser: what follows the trained parameters, a target network for instance, moves then. */
  stepped?(): void;
}

/** Where a training stands; with the same settings and examples it goes on as if it had never stopped. */
export interface EpochState {
  /** What is trained, and the optimiser's moments; see checkpoint.ts. */
  weights: Weights;
  /** Updates that the optimiser applied. */
  optimiserStep: number;
  /** Loss of each minibatch so far, before its step. */
  lossCurve: LossPoint[];
  heldOutCurve: LossPoint[];
}

/** A training on judgements without a reward model. */
export interface JudgementTraining<Settings, State extends EpochState> {
  model: LanguageModel;
  preferences: readonly Preference[];
  settings: Settings;
  /** Go on from here. */
  from?: State;
  /** Told now and then where the training stands. */
  keep?: (state: State) => void;
  /** Awaited after each piece of work, so that it can let others in. */
  onProgress?: (phase: 'train' | 'sample', done: number, total: number, loss?: number) => void | Promise<void>;
  /** Rejects with its reason at the next piece of work. */
  signal?: AbortSignal;
}

/** Training that could not begin or go on; the message says why and what to do. */
export class TuningError extends Error {
  override readonly name = 'TuningError';
}

export interface EpochOptions {
  /** Mean loss on what was held out; null where nothing was. */
  heldOutLoss: () => Promise<number | null>;
  /** Go on from here. */
  from?: EpochState;
  /** Told now and then where the training stands. */
  keep?: (state: EpochState) => void | Promise<void>;
  /** Awaited after each step; where it rejects, the training ends. */
  onStep?: (done: number, total: number, loss: number) => void | Promise<void>;
}

/** How often the held-out loss is measured, beside once before the first step. */
const MEASUREMENTS = 8;

/** Steps of the whole training. */
export function stepsOf({ epochs, batchSize }: Pick<EpochSettings, 'epochs' | 'batchSize'>, count: number): number {
  return epochs * Math.ceil(count / batchSize);
}

/**
 * Train to the end; returns the loss of each minibatch and, along the way, that
 * of what was held out. Throws {@link TuningError} where the loss is no longer
 * finite, CheckpointError where `from` is another training's.
 */
export async function trainEpochs(objective: Objective, settings: EpochSettings, options: EpochOptions): Promise<Pick<EpochState, 'lossCurve' | 'heldOutCurve'>> {
  const { parameters, count } = objective;
  const { batchSize, learningRate, adam, maxGradNorm, seed } = settings;
  const trained = trainedOf(parameters);
  const total = stepsOf(settings, count);
  const every = Math.max(1, Math.ceil(total / MEASUREMENTS));
  const lossCurve = [...(options.from?.lossCurve ?? [])];
  const heldOutCurve = [...(options.from?.heldOutCurve ?? [])];
  const optimiser = new AdamW({ ...adam, maxGradNorm });
  const measure = async () => {
    const loss = await options.heldOutLoss();
    if (loss !== null) heldOutCurve.push({ step: lossCurve.length, loss });
  };
  try {
    if (options.from) optimiser.restore(unpackWeights(options.from.weights, options.from.optimiserStep, trained));
    else await measure();
    while (lossCurve.length < total) {
      const step = lossCurve.length;
      const { loss, gradients } = await minibatchGradients(objective, rowsOf(step, count, batchSize, seed), settings.microbatchSize);
      // A norm that is not finite changes nothing, so the loss can be looked at afterwards.
      optimiser.step(trained, gradients, learningRate * (1 - step / total)).dispose();
      for (const gradient of gradients.values()) gradient.dispose();
      if (!Number.isFinite(loss)) throw new TuningError('The loss is no longer a finite number. Nothing was saved; try a lower learning rate.');
      objective.stepped?.();
      lossCurve.push({ step, loss });
      if ((step + 1) % every === 0 || step + 1 === total) {
        await measure();
        if (options.keep) {
          const state = await optimiser.state();
          await options.keep({ weights: await packWeights(trained, state), optimiserStep: state.step, lossCurve: [...lossCurve], heldOutCurve: [...heldOutCurve] });
        }
      }
      await options.onStep?.(step + 1, total, loss);
    }
    return { lossCurve, heldOutCurve };
  } finally {
    optimiser.dispose();
  }
}

/** The examples of a step: each epoch's order is a function of the seed and its number, so a resumed training needs no cursor. */
function rowsOf(step: number, count: number, batchSize: number, seed: number): Int32Array {
  const steps = Math.ceil(count / batchSize);
  const start = (step % steps) * batchSize;
  return new RandomStream(seed).fork(`order ${Math.floor(step / steps)}`).permutation(count).slice(start, start + batchSize);
}

/** Loss of a minibatch and gradients of what is trained, `size` examples at a time; the caller disposes the gradients. */
export async function minibatchGradients(objective: Objective, rows: Int32Array, size: number | null): Promise<{ loss: number; gradients: Map<string, Tensor> }> {
  const trained = trainedOf(objective.parameters);
  const share = await objective.minibatch(rows);
  const gradients = new Map<string, Tensor>();
  let loss = 0;
  for (let start = 0; start < rows.length; start += size ?? rows.length) {
    const part = rows.slice(start, start + (size ?? rows.length));
    const { value, grads } = tidy(() => variableGrads(() => share(part), [...objective.parameters.values()]));
    for (const [name, variable] of trained) {
      const [before, now] = [gradients.get(name), grads[variable.name]];
      gradients.set(name, before ? tidy(() => add(before, now)) : now);
      if (before) for (const old of [before, now]) old.dispose();
    }
    loss += (await value.data())[0];
    value.dispose();
  }
  return { loss, gradients };
}
