import { mul, tensor1d, variable, type Tensor, type Tensor1D, type Variable } from '@tensorflow/tfjs-core';
import { AdamW } from '../tensor/adamW';
import { sigmoid, softplus } from './logistic';
import { minimise } from './ranking/newton';
import { PRIOR } from './ranking/prior';
import type { RewardSettings } from './settings';

/*
 * Length control. In training a response scores r(x) + γ·z, where z is its
 * length in tokens, standardised over the training responses; afterwards γ·z is
 * dropped and r(x) is the reward. What a linear function of length explains of
 * the judgements then goes to γ, and the trunk has no reason to learn it: as a
 * covariate of length is fitted beside the quality of a model and then set to 0
 * in length-controlled AlpacaEval (Dubois et al. 2024), there with a tanh.
 *
 * The trunk can tell length too, so γ must come first: it starts where length
 * alone explains the judgements best (a biased model beside the learning one,
 * as in Clark et al. 2019) and then learns beside the trunk, to give back what
 * length only stood for.
 */

/** Step size of γ, in log-odds a standard deviation, at the start; a trunk's steps are far smaller. */
const LEARNING_RATE = 0.02;

export interface LengthTerm {
  /** Standard deviation of the training responses' lengths, in tokens; 1 where all are as long. */
  deviation: number;
  /** γ: log-odds that a response gains when it is one standard deviation longer. */
  gamma: number;
}

/** γ while a reward model is trained; it is on the device, and has an optimiser of its own. */
export class LengthControl {
  /** Of each pair, the standardised lengths of its responses. */
  readonly z: [number, number][];
  /** [1]; trained beside the model's parameters. */
  readonly gamma: Variable;
  private readonly deviation: number;
  private readonly optimiser: AdamW;

  /**
   * @param lengths of both responses of each pair, in tokens
   * @param labels as {@link lengthAlone} takes them
   */
  constructor(lengths: readonly (readonly [number, number])[], labels: readonly number[], { adam, maxGradNorm }: Pick<RewardSettings, 'adam' | 'maxGradNorm'>) {
    const { z, deviation } = standardisedLengths(lengths.flat());
    this.z = lengths.map((_, i) => [z[2 * i], z[2 * i + 1]]);
    this.deviation = deviation;
    const start = tensor1d([lengthAlone(this.z.map(([first, second]) => first - second), labels)]);
    this.gamma = variable(start);
    start.dispose();
    this.optimiser = new AdamW({ ...adam, weightDecay: 0, maxGradNorm });
  }

  /** γ·z, [N]: what length adds to the scores of N responses. */
  terms(z: readonly number[]): Tensor1D {
    return mul(this.gamma, tensor1d([...z])) as Tensor1D;
  }

  /** @param schedule share of the first learning rate */
  step(gradient: Tensor, schedule: number): void {
    this.optimiser.step(new Map([['gamma', this.gamma]]), new Map([['gamma', gradient]]), schedule * LEARNING_RATE).dispose();
  }

  async result(): Promise<LengthTerm> {
    return { deviation: this.deviation, gamma: (await this.gamma.data())[0] };
  }

  dispose(): void {
    this.optimiser.dispose();
    this.gamma.dispose();
  }
}

/** Lengths less their mean, in standard deviations (of the whole, not of a sample); 0 where all are equal. */
export function standardisedLengths(lengths: readonly number[]): { z: number[]; deviation: number } {
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const deviation = Math.sqrt(lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / lengths.length) || 1;
  return { z: lengths.map((length) => (length - mean) / deviation), deviation };
}

/**
 * γ of P(first ≻ second) = σ(γ·Δz) by maximum likelihood with the prior of the
 * rankings, which keeps it finite where the longer one always won:
 *
 *     ½λγ² + Σ softplus(γ·Δz) − y·γ·Δz
 *
 * @param gaps Δz of each pair
 * @param labels y: 1, 0, or ½ for a tie
 */
export function lengthAlone(gaps: readonly number[], labels: readonly number[]): number {
  const { x } = minimise(([gamma]) => {
    let [value, gradient, curvature] = [(PRIOR / 2) * gamma ** 2, PRIOR * gamma, PRIOR];
    gaps.forEach((gap, i) => {
      const p = sigmoid(gamma * gap);
      value += softplus(gamma * gap) - labels[i] * gamma * gap;
      gradient += (p - labels[i]) * gap;
      curvature += p * (1 - p) * gap ** 2;
    });
    return { value, gradient: Float64Array.of(gradient), curve: (direction) => direction.map((d) => curvature * d) };
  }, new Float64Array(1));
  return x[0];
}
