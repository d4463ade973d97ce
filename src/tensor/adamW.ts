import { scalar, type Scalar, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { AdamWOnGpu } from './adamWOnGpu';
import { AdamWOnHost } from './adamWOnHost';
import { onGpu } from './storage';

export interface AdamWOptions {
  /** Decay of the first moment, 0 ≤ β1 < 1. */
  beta1: number;
  /** Decay of the second moment, 0 ≤ β2 < 1. */
  beta2: number;
  epsilon: number;
  /** Where ε stands; m̂ and v̂ are the moments after bias correction. PyTorch: m̂ / (√v̂ + ε). TensorFlow 1: m̂ · √(1−β2ᵗ) / (√v + ε). */
  epsilonPlacement: 'pytorch' | 'tf1';
  /** Share of a weight that a step at learning rate 1 takes off, apart from its gradient (Loshchilov & Hutter 2019). */
  weightDecay: number;
  /** Gradients are scaled so that their common norm does not exceed this; null leaves them. */
  maxGradNorm: number | null;
}

/** The moments of one variable, in its own layout. */
export interface Moments {
  first: Float32Array;
  second: Float32Array;
}

/** What a checkpoint keeps: updates applied, and moments by the variable's name. */
export interface AdamWState {
  step: number;
  moments: Map<string, Moments>;
}

/** One update, on the device that it is written for. */
export interface AdamWEngine {
  /** Returns the norm of all gradients together, before clipping. */
  step(variables: ReadonlyMap<string, Variable>, gradients: ReadonlyMap<string, Tensor>, learningRate: number): Scalar;
  state(): Promise<AdamWState>;
  dispose(): void;
}

/**
 * Adam (Kingma & Ba 2015) with decoupled weight decay and clipping by the global
 * norm. Variables are changed in place, and nothing is read back from the device.
 * State goes by the names in the map, so a checkpoint fits a rebuilt model.
 */
export class AdamW {
  #engine: AdamWEngine | null = null;
  #restored: AdamWState = { step: 0, moments: new Map() };
  #stepCount = 0;

  constructor(readonly options: Readonly<AdamWOptions>) {}

  /** Calls of {@link step}, those that a non-finite norm made void too; `state().step` counts only updates applied. */
  get stepCount(): number {
    return this.#stepCount;
  }

  /**
   * Update every variable that has a gradient.
   * @returns the global norm of the gradients before clipping, for the caller to dispose. If it isn't finite, nothing has changed.
   */
  step(variables: ReadonlyMap<string, Variable>, gradients: ReadonlyMap<string, Tensor>, learningRate: number): Scalar {
    this.#stepCount++;
    if (gradients.size === 0) return scalar(0);
    for (const name of gradients.keys()) if (!variables.has(name)) throw new Error(`There is a gradient for ${name}, but no such variable.`);
    for (const [name, { first, second }] of this.#restored.moments)
      if (variables.has(name) && (first.length !== variables.get(name)!.size || second.length !== first.length))
        throw new Error(`The stored moments of ${name} don't fit its shape.`);
    this.#engine ??= new (onGpu() ? AdamWOnGpu : AdamWOnHost)(this.options, this.#restored);
    return this.#engine.step(variables, gradients, learningRate);
  }

  /** A copy of the state, from which {@link restore} goes on as if nothing had happened. */
  async state(): Promise<AdamWState> {
    return this.#engine ? this.#engine.state() : this.#restored;
  }

  restore(state: AdamWState): void {
    this.dispose();
    this.#restored = state;
    this.#stepCount = state.step;
  }

  /** Free the moments; a later step begins afresh. */
  dispose(): void {
    this.#engine?.dispose();
    this.#engine = null;
    this.#restored = { step: 0, moments: new Map() };
    this.#stepCount = 0;
  }
}
