import { logSoftmax, mul, neg, ones, oneHot, reshape, sum, exp, tensor1d, variable, type Tensor2D, type Variable } from '@tensorflow/tfjs-core';
import { whitenAdvantages } from '../../../src/rl/advantages';
import { advantagesOf, moveBaseline, sequenceRewards } from '../../../src/rl/algorithms';
import { measure } from '../../../src/rl/languagePolicy';
import { tokenRewards } from '../../../src/rl/rewards';
import { LEAN, type PpoSettings } from '../../../src/rl/settings';
import { updatePolicy, type Policy, type PolicyOutput } from '../../../src/rl/update';
import { AdamW } from '../../../src/tensor/adamW';
import { RandomStream } from '../../../src/tensor/random';

/*
 * Four arms, one action: small enough to know the best policy exactly, and run
 * through the same rewards, advantages and updates as a language model.
 */

export const REWARDS = [0, 1, 2, 3];
export const REFERENCE = [0.4, 0.3, 0.2, 0.1];

/** π* ∝ π_ref·exp(r/β). */
export function bestPolicy(beta: number, rewards = REWARDS): number[] {
  const weights = REFERENCE.map((p, arm) => p * Math.exp(rewards[arm] / beta));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** J(π) = E[r] − β·KL(π‖π_ref), by enumeration. */
export function objective(policy: readonly number[], beta: number): number {
  return policy.reduce((sum, p, arm) => sum + (p === 0 ? 0 : p * (REWARDS[arm] - beta * Math.log(p / REFERENCE[arm]))), 0);
}

export function totalVariation(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, p, arm) => sum + Math.abs(p - b[arm]), 0) / 2;
}

export class ArmsPolicy implements Policy {
  readonly variables: Map<string, Variable>;
  actions: Int32Array = new Int32Array(0);

  constructor() {
    this.variables = new Map([
      ['logits', variable(tensor1d(REFERENCE.map(Math.log)))],
      ['value', variable(tensor1d([0]))],
    ]);
  }

  evaluate(rows: Int32Array): PolicyOutput {
    const chosen = oneHot(tensor1d(Int32Array.from(rows, (row) => this.actions[row]), 'int32'), 4, 1, 0, 'float32');
    const all = logSoftmax(this.variables.get('logits')!);
    const column = ones([rows.length, 1]) as Tensor2D;
    return {
      logProbs: reshape(sum(mul(chosen, all), 1), [rows.length, 1]),
      entropy: mul(column, neg(sum(mul(exp(all), all)))),
      values: mul(column, this.variables.get('value')!),
    };
  }

  async probabilities(): Promise<number[]> {
    const weights = Array.from(await this.variables.get('logits')!.data(), Math.exp);
    const total = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / total);
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }
}

export interface BanditRun {
  beta: number;
  /** Multiplies every score. */
  scale?: number;
  seed: number;
  iterations: number;
  /** Other than LEAN; `kl.place` and `kl.estimator` say how β is paid. */
  settings?: Partial<PpoSettings>;
  /** Rewards of the sampled actions, in place of the real ones: what a mistake would compute. */
  rewards?: (scores: Float32Array, logProbs: Float32Array, reference: Float32Array) => Float32Array;
}

/** Probabilities of the arms after sampled training, by PPO or one of its siblings. */
export async function runBandit({ beta, scale = 1, seed, iterations, settings: changes, rewards: replaced }: BanditRun): Promise<number[]> {
  const B = 256;
  const settings = { ...LEAN, epochs: 4, minibatches: 1, ratioThreshold: 10, ...changes };
  const { algorithm, kl } = settings;
  const policy = new ArmsPolicy();
  const optimiser = new AdamW({ ...settings.adam, maxGradNorm: settings.maxGradNorm });
  const random = new RandomStream(seed);
  const mask = new Float32Array(B).fill(1);
  let baseline = 0;
  for (let iteration = 0; iteration < iterations; iteration++) {
    policy.actions = sample(await policy.probabilities(), B, random);
    const old = await measure(policy, B, B);
    const reference = Float32Array.from(policy.actions, (arm) => Math.log(REFERENCE[arm]));
    const scores = Float32Array.from(policy.actions, (arm) => scale * REWARDS[arm]);
    const rewards = replaced?.(scores, old.logProbs, reference) ?? tokenRewards({ logProbs: old.logProbs, reference, mask, scores, coefficient: kl.place === 'reward' ? beta : 0 });
    const { advantages: raw, returns } = advantagesOf(algorithm, { rewards, values: old.values, mask, length: 1, baseline }, settings);
    const { advantages } = whitenAdvantages(raw, mask, settings.whitenAdvantages);
    baseline = moveBaseline(baseline, sequenceRewards({ rewards, mask, length: 1 }), settings.baselineDecay);
    const penalty = kl.place === 'loss' ? { estimator: kl.estimator, coefficient: beta, reference } : undefined;
    const learningRate = 0.06 * (1 - iteration / iterations);
    await updatePolicy(policy, { rows: B, length: 1, mask, logProbs: old.logProbs, values: old.values, advantages, returns, penalty }, optimiser, settings, learningRate, random);
  }
  const result = await policy.probabilities();
  policy.dispose();
  optimiser.dispose();
  return result;
}

function sample(probabilities: readonly number[], count: number, random: RandomStream): Int32Array {
  return Int32Array.from({ length: count }, () => {
    let left = random.uniform();
    for (let arm = 0; arm < probabilities.length - 1; arm++) if ((left -= probabilities[arm]) < 0) return arm;
    return probabilities.length - 1;
  });
}
