import { add, gather, logSoftmax, mul, oneHot, reshape, sum, tensor1d, tensor2d, variable, zeros, concat, exp, neg, type Tensor2D, type Variable } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { estimateAdvantages } from '../../../src/rl/advantages';
import { measure } from '../../../src/rl/languagePolicy';
import { tokenRewards } from '../../../src/rl/rewards';
import { LEAN } from '../../../src/rl/settings';
import { minibatchGradients, type Policy, type PolicyOutput } from '../../../src/rl/update';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';

/*
 * Two tokens of three kinds: the first from `start`, the second from the row of
 * `next` that the first chose. Nine sequences, so J = E[score − β·log π/π_ref]
 * and its gradient can be had by enumeration, in float64, without any code of ours.
 */

beforeAll(async () => {
  await startBackend({ prefer: 'cpu' });
});

const KINDS = [0, 1, 2];
const BETA = 0.6;
const START = [0.3, -0.4, 0.1];
const NEXT = [0.5, 0.0, -0.7, -0.2, 0.9, 0.1, 0.0, 0.4, -0.3];
const REFERENCE_START = [0.0, 0.2, -0.1];
const REFERENCE_NEXT = [0.1, 0.1, 0.0, 0.3, -0.2, 0.0, -0.4, 0.2, 0.5];
const SCORES = [1.0, -0.5, 0.2, 2.0, 0.0, -1.0, 0.7, -2.0, 1.5];

function softmax(logits: readonly number[]): number[] {
  const weights = logits.map(Math.exp);
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** J of logits [start…, next…]. */
function enumeratedObjective(logits: readonly number[]): number {
  const rowOf = (all: readonly number[], first: number) => softmax(all.slice(3 + 3 * first, 6 + 3 * first));
  const reference = [...REFERENCE_START, ...REFERENCE_NEXT];
  let J = 0;
  for (const first of KINDS)
    for (const second of KINDS) {
      const p = softmax(logits.slice(0, 3))[first] * rowOf(logits, first)[second];
      const q = softmax(reference.slice(0, 3))[first] * rowOf(reference, first)[second];
      J += p * (SCORES[3 * first + second] - BETA * Math.log(p / q));
    }
  return J;
}

class TwoTokens implements Policy {
  readonly variables = new Map<string, Variable>([
    ['start', variable(tensor1d(START))],
    ['next', variable(tensor2d(NEXT, [3, 3]))],
  ]);
  sequences: [number, number][] = [];

  evaluate(rows: Int32Array): PolicyOutput {
    const n = rows.length;
    const ids = (step: 0 | 1) => tensor1d(Int32Array.from(rows, (row) => this.sequences[row][step]), 'int32');
    const hot = (step: 0 | 1) => oneHot(ids(step), 3, 1, 0, 'float32');
    const start = logSoftmax(this.variables.get('start')!);
    const next = gather(logSoftmax(this.variables.get('next')! as unknown as Tensor2D), ids(0));
    const logProbs = concat([reshape(sum(mul(hot(0), start), 1), [n, 1]), reshape(sum(mul(hot(1), next), 1), [n, 1])], 1) as Tensor2D;
    const entropy = add(zeros([n, 2]), neg(sum(mul(exp(start), start)))) as Tensor2D;
    return { logProbs, entropy, values: zeros([n, 2]) };
  }
}

it('averages to the gradient by enumeration', async () => {
  const policy = new TwoTokens();
  const random = new RandomStream(11);
  const [BATCHES, B] = [60, 400];
  const logits = [...START, ...NEXT];
  const estimates: number[][] = [];
  const settings = { ...LEAN, valueCoefficient: 0, entropyCoefficient: 0 };
  const draw = (probabilities: readonly number[]) => {
    const u = random.uniform();
    return u < probabilities[0] ? 0 : u < probabilities[0] + probabilities[1] ? 1 : 2;
  };
  for (let batch = 0; batch < BATCHES; batch++) {
    policy.sequences = Array.from({ length: B }, () => {
      const first = draw(softmax(START));
      return [first, draw(softmax(NEXT.slice(3 * first, 3 * first + 3)))];
    });
    const mask = new Float32Array(2 * B).fill(1);
    const old = await measure(policy, B, B);
    const reference = Float32Array.from(
      policy.sequences.flatMap(([first, second]) => [
        Math.log(softmax(REFERENCE_START)[first]),
        Math.log(softmax(REFERENCE_NEXT.slice(3 * first, 3 * first + 3))[second]),
      ]),
    );
    const scores = Float32Array.from(policy.sequences, ([first, second]) => SCORES[3 * first + second]);
    const rewards = tokenRewards({ logProbs: old.logProbs, reference, mask, scores, coefficient: BETA });
    const { advantages, returns } = estimateAdvantages({ rewards, values: old.values, mask, length: 2, gamma: 1, lambda: 1 });
    const experience = { rows: B, length: 2, mask, ...old, advantages, returns };
    const { gradients } = await minibatchGradients(policy, experience, Int32Array.from({ length: B }, (_, i) => i), settings);
    const parts = await Promise.all(['start', 'next'].map(async (name) => Array.from(await gradients.get(name)!.data())));
    // The loss is minus the mean over 2 tokens; J sums over the sequence.
    estimates.push(parts.flat().map((value) => -2 * value));
    for (const gradient of gradients.values()) gradient.dispose();
  }
  logits.forEach((_, i) => {
    const at = (step: number) => enumeratedObjective(logits.map((logit, j) => (i === j ? logit + step : logit)));
    const exact = (at(1e-5) - at(-1e-5)) / 2e-5;
    const mean = estimates.reduce((sum, estimate) => sum + estimate[i], 0) / BATCHES;
    const variance = estimates.reduce((sum, estimate) => sum + (estimate[i] - mean) ** 2, 0) / (BATCHES - 1);
    // Twelve intervals together hold with 99.9 %: Student's t at 0.001/24 with 59 degrees of freedom is 4.3.
    expect(Math.abs(mean - exact)).toBeLessThan(4.3 * Math.sqrt(variance / BATCHES));
    // The interval is narrow enough to tell a wrong formula from chance.
    expect(Math.sqrt(variance / BATCHES)).toBeLessThan(0.01);
  });
});
