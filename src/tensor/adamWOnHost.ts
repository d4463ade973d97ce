import { scalar, tensor, type Scalar, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { AdamWEngine, AdamWOptions, AdamWState, Moments } from './adamW';
import { hostValues } from './storage';

/** {@link AdamW} where tensors lie in host memory (wasm, cpu): plain loops. */
export class AdamWOnHost implements AdamWEngine {
  readonly #options: AdamWOptions;
  readonly #moments = new Map<string, Moments>();
  #updates: number;

  constructor(options: AdamWOptions, { step, moments }: AdamWState) {
    this.#options = options;
    this.#updates = step;
    for (const [name, { first, second }] of moments) this.#moments.set(name, { first: first.slice(), second: second.slice() });
  }

  step(variables: ReadonlyMap<string, Variable>, gradients: ReadonlyMap<string, Tensor>, learningRate: number): Scalar {
    let squares = 0;
    for (const gradient of gradients.values()) for (const g of hostValues(gradient)) squares += g * g;
    const norm = Math.sqrt(squares);
    if (!Number.isFinite(norm)) return scalar(norm);

    this.#updates++;
    const { maxGradNorm } = this.#options;
    const scale = maxGradNorm === null ? 1 : Math.min(1, maxGradNorm / (norm + CLIP_EPSILON));
    for (const [name, gradient] of gradients) this.#update(name, variables.get(name)!, hostValues(gradient), scale, learningRate);
    return scalar(norm);
  }

  #update(name: string, variable: Variable, gradient: ArrayLike<number>, scale: number, learningRate: number): void {
    const { beta1, beta2, epsilon, epsilonPlacement, weightDecay } = this.#options;
    const weights = Float32Array.from(hostValues(variable));
    let moments = this.#moments.get(name);
    if (!moments) this.#moments.set(name, (moments = { first: new Float32Array(weights.length), second: new Float32Array(weights.length) }));
    const { first, second } = moments;
    const correction1 = 1 - beta1 ** this.#updates;
    const rootCorrection2 = Math.sqrt(1 - beta2 ** this.#updates);
    const epsilonNow = epsilonPlacement === 'pytorch' ? epsilon * rootCorrection2 : epsilon;
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i] * scale;
      first[i] = beta1 * first[i] + (1 - beta1) * g;
      second[i] = beta2 * second[i] + (1 - beta2) * g * g;
      const direction = ((first[i] / correction1) * rootCorrection2) / (Math.sqrt(second[i]) + epsilonNow);
      weights[i] -= learningRate * (weightDecay * weights[i] + direction);
    }
    const updated = tensor(weights, variable.shape, 'float32');
    variable.assign(updated);
    updated.dispose();
  }

  async state(): Promise<AdamWState> {
    const moments = new Map<string, Moments>();
    for (const [name, { first, second }] of this.#moments) moments.set(name, { first: first.slice(), second: second.slice() });
    return { step: this.#updates, moments };
  }

  dispose(): void {
    this.#moments.clear();
  }
}

/** Keeps the clip factor finite at a zero norm (PyTorch `clip_grad_norm_`). */
export const CLIP_EPSILON = 1e-6;
