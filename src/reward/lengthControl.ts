import { mul, tensor1d, variable, type Tensor, type Tensor1D, type Variable } from '@tensorflow/tfjs-core';
import { AdamW } from '../tensor/adamW';
import { impliedPairs } from './impliedPairs';
import { LABELS, targetsOf } from './kinds';
import { sigmoid, softplus } from './logistic';
import { judgedResponses, kindOf, type Preference } from './preference';
import { minimise } from './ranking/newton';
import { PRIOR } from './ranking/prior';
import type { RewardSettings } from './settings';

/*
 * Length control. In training a response scores r(x) + γ·z in the loss of every
 * kind of judgement, where z is its length in tokens, standardised over the
 * judged responses; afterwards γ·z is dropped and r(x) is the reward. What a
 * linear function of length explains of the judgements then goes to γ, and the
 * trunk has no reason to learn it: as a covariate of length is fitted beside the
 * quality of a model and then set to 0 in length-controlled AlpacaEval (Dubois et
 * al. 2024), there with a tanh.
 *
 * The trunk can tell length too, so γ must come first: it starts where length
 * alone explains the judgements best (a biased model beside the learning one,
 * as in Clark et al. 2019) and then learns beside the trunk, to give back what
 * length only stood for.
 */

/** Step size of γ, in units of the score a standard deviation, at the start; a trunk's steps are far smaller. */
const LEARNING_RATE = 0.02;

export interface LengthTerm {
  /** Standard deviation of the judged responses' lengths, in tokens; 1 where all are as long. */
  deviation: number;
  /** γ: what a response gains when it is one standard deviation longer, in units of the score, which are log-odds where two are compared. */
  gamma: number;
}

/** γ while a reward model is trained; it is on the device, and has an optimiser of its own. */
export class LengthControl {
  /** Of each judgement, the standardised lengths of the texts that it speaks of. */
  readonly z: number[][];
  /** [1]; trained beside the model's parameters. */
  readonly gamma: Variable;
  private readonly deviation: number;
  private readonly optimiser: AdamW;

  /** @param lengthOf a response, in tokens */
  constructor(judged: readonly Preference[], lengthOf: (response: string) => number, { adam, maxGradNorm }: Pick<RewardSettings, 'adam' | 'maxGradNorm'>) {
    const lengths = judged.map((preference) => judgedResponses(preference).map(lengthOf));
    const { z, deviation } = standardisedLengths(lengths.flat());
    const rest = z.values();
    this.z = lengths.map((texts) => texts.map(() => rest.next().value!));
    this.deviation = deviation;
    const compared = impliedPairs(judged.filter((preference) => kindOf(preference) !== 'rating'));
    const pairs = compared.map(({ responses: [first, second], verdict }) => ({ gap: (lengthOf(first) - lengthOf(second)) / deviation, label: LABELS[verdict] }));
    const ratings = targetsOf(judged).flatMap((each, i) => (each.kind === 'rating' ? [{ z: this.z[i][0], target: each.target }] : []));
    const start = tensor1d([lengthAlone(pairs, ratings)]);
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
 * γ of what length alone would have said, P(first ≻ second) = σ(γ·Δz), and γ·z as
 * a rating. It minimises the losses of both with the prior of the rankings, which
 * keeps it finite where the longer one always won:
 *
 *     ½λγ² + Σ_pairs (softplus(γ·Δz) − y·γ·Δz) + Σ_ratings (γ·z − t)²
 *
 * Rankings and thumbs count by the pairs that they imply: of two texts Plackett
 * and Luce's model is σ(Δ) too, and the zero of two thumbs cancels. Where there is
 * nothing to compare it is 0. Ties are soft, and margins and centring left out,
 * whatever the training's loss has: γ only starts here.
 *
 * @param pairs Δz and y of each: 1, 0, or ½ for a tie
 * @param ratings z and t of each, t standardised
 */
export function lengthAlone(pairs: readonly { gap: number; label: number }[], ratings: readonly { z: number; target: number }[] = []): number {
  const { x } = minimise(([gamma]) => {
    let [value, gradient, curvature] = [(PRIOR / 2) * gamma ** 2, PRIOR * gamma, PRIOR];
    for (const { gap, label } of pairs) {
      const p = sigmoid(gamma * gap);
      value += softplus(gamma * gap) - label * gamma * gap;
      gradient += (p - label) * gap;
      curvature += p * (1 - p) * gap ** 2;
    }
    for (const { z, target } of ratings) {
      value += (gamma * z - target) ** 2;
      gradient += 2 * (gamma * z - target) * z;
      curvature += 2 * z ** 2;
    }
    return { value, gradient: Float64Array.of(gradient), curve: (direction) => direction.map((d) => curvature * d) };
  }, new Float64Array(1));
  return x[0];
}
