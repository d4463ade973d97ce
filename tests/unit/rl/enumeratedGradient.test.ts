import { add, gather, logSoftmax, mul, oneHot, reshape, sum, tensor1d, tensor2d, variable, zeros, concat, exp, neg, type Tensor2D, type Variable } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { advantagesOf } from '../../../src/rl/algorithms';
import { measure } from '../../../src/rl/languagePolicy';
import { tokenRewards } from '../../../src/rl/rewards';
import { LEAN, type Algorithm } from '../../../src/rl/settings';
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

const LOGITS = [...START, ...NEXT];
const SEQUENCES = KINDS.flatMap((first) => KINDS.map((second) => [first, second] as [number, number]));

/** log-probabilities of both tokens of a sequence, under logits [start…, next…]. */
function tokenLogProbs(logits: readonly number[], [first, second]: [number, number]): [number, number] {
  return [Math.log(softmax(logits.slice(0, 3))[first]), Math.log(softmax(logits.slice(3 + 3 * first, 6 + 3 * first))[second])];
}

const chanceUnder = (logits: readonly number[]) => SEQUENCES.map((sequence) => Math.exp(tokenLogProbs(logits, sequence).reduce((a, b) => a + b)));

/**
 * What a step with k2 in the loss climbs from LOGITS: E[score] less β·Σ_t KL_t, the
 * KL of each token's distribution, where how often the second token meets each
 * first one is held as LOGITS has it: a loss charges no token for the next one's KL.
 */
function tokenwiseObjective(logits: readonly number[]): number {
  const rows = (all: readonly number[]) => [0, 1, 2, 3].map((row) => softmax(all.slice(3 * row, 3 * row + 3)));
  const [now, reference] = [rows(logits), rows([...REFERENCE_START, ...REFERENCE_NEXT])];
  const kl = now.map((row, i) => row.reduce((sum, p, kind) => sum + p * Math.log(p / reference[i][kind]), 0));
  const first = softmax(START);
  const score = chanceUnder(logits).reduce((sum, p, i) => sum + p * SCORES[i], 0);
  return score - BETA * (kl[0] + KINDS.reduce((sum, kind) => sum + first[kind] * kl[1 + kind], 0));
}

/**
 * What GRPO's step climbs from LOGITS: over all triples of sequences, the mean of
 * A·log π, A = (r − mean) / (std + 1e-4), less β·Σ_t (π_ref/π − 1 − log(π_ref/π)).
 * The chance of a triple is that of LOGITS, wherever `logits` has moved to.
 */
function grpoObjective(logits: readonly number[]): number {
  const chance = chanceUnder(LOGITS);
  const logProb = SEQUENCES.map((sequence) => tokenLogProbs(logits, sequence).reduce((a, b) => a + b));
  let J = 0;
  SEQUENCES.forEach((_, i) =>
    SEQUENCES.forEach((_, j) =>
      SEQUENCES.forEach((_, k) => {
        const group = [i, j, k];
        const mean = group.reduce((sum, at) => sum + SCORES[at], 0) / 3;
        const std = Math.sqrt(group.reduce((sum, at) => sum + (SCORES[at] - mean) ** 2, 0) / 2);
        const p = chance[i] * chance[j] * chance[k];
        for (const at of group) J += (p * ((SCORES[at] - mean) / (std + 1e-4)) * logProb[at]) / 3;
      }),
    ),
  );
  SEQUENCES.forEach((sequence, i) => {
    const [now, reference] = [tokenLogProbs(logits, sequence), tokenLogProbs([...REFERENCE_START, ...REFERENCE_NEXT], sequence)];
    now.forEach((value, t) => (J -= BETA * chance[i] * (Math.exp(reference[t] - value) - 1 - (reference[t] - value))));
  });
  return J;
}

/** r_i less the mean of its whole group, itself included: what RLOO is not. */
function withItself(rewards: Float32Array, groupSize: number): Float32Array {
  const sums = rewards.map((reward, i) => (i % 2 === 0 ? reward + rewards[i + 1] : 0));
  return rewards.map((_, i) => {
    const group = Math.floor(i / 2 / groupSize);
    let mean = 0;
    for (let row = group * groupSize; row < (group + 1) * groupSize; row++) mean += sums[2 * row] / groupSize;
    return sums[i - (i % 2)] - mean;
  });
}

interface Case {
  algorithm: Algorithm;
  groupSize: number;
  objective: (logits: readonly number[]) => number;
  inLoss?: 'k2' | 'k3';
  mistaken?: typeof withItself;
}

/** The gradient at LOGITS by central differences. */
function gradientOf(objective: (logits: readonly number[]) => number): number[] {
  const at = (i: number, step: number) => objective(LOGITS.map((logit, j) => (i === j ? logit + step : logit)));
  return LOGITS.map((_, i) => (at(i, 1e-5) - at(i, -1e-5)) / 2e-5);
}

/** For each logit, how many standard errors the mean sampled gradient lies from the enumerated one, and how large they are. */
async function deviations({ algorithm, groupSize, objective, inLoss, mistaken }: Case): Promise<{ z: number[]; errors: number[] }> {
  const policy = new TwoTokens();
  const random = new RandomStream(11);
  const [BATCHES, B] = [60, 420];
  const estimates: number[][] = [];
  const settings = { ...LEAN, algorithm, groupSize, lambda: 1, entropyCoefficient: 0 };
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
    const reference = Float32Array.from(policy.sequences.flatMap((sequence) => tokenLogProbs([...REFERENCE_START, ...REFERENCE_NEXT], sequence)));
    const scores = Float32Array.from(policy.sequences, ([first, second]) => SCORES[3 * first + second]);
    const rewards = tokenRewards({ logProbs: old.logProbs, reference, mask, scores, coefficient: inLoss ? 0 : BETA });
    const { advantages } = mistaken ? { advantages: mistaken(rewards, groupSize) } : advantagesOf(algorithm, { rewards, values: old.values, mask, length: 2, baseline: 0.7 }, settings);
    const penalty = inLoss && { estimator: inLoss, coefficient: BETA, reference };
    const experience = { rows: B, length: 2, mask, ...old, advantages, penalty };
    const { gradients } = await minibatchGradients(policy, experience, Int32Array.from({ length: B }, (_, i) => i), settings);
    const parts = await Promise.all(['start', 'next'].map(async (name) => Array.from(await gradients.get(name)!.data())));
    // The loss is minus the mean over 2 tokens; J sums over the sequence.
    estimates.push(parts.flat().map((value) => -2 * value));
    for (const gradient of gradients.values()) gradient.dispose();
  }
  const errors: number[] = [];
  const z = gradientOf(objective).map((exact, i) => {
    const mean = estimates.reduce((sum, estimate) => sum + estimate[i], 0) / BATCHES;
    const variance = estimates.reduce((sum, estimate) => sum + (estimate[i] - mean) ** 2, 0) / (BATCHES - 1);
    errors.push(Math.sqrt(variance / BATCHES));
    return Math.abs(mean - exact) / errors[i];
  });
  return { z, errors };
}

/** Twelve intervals together hold with 99.9 %: Student's t at 0.001/24 with 59 degrees of freedom is 4.3. */
const FARTHEST = 4.3;

describe('the average sampled gradient', () => {
  it.each<[string, Case]>([
    ['PPO’s', { algorithm: 'ppo', groupSize: 1, objective: enumeratedObjective }],
    ['REINFORCE’s, whatever its baseline', { algorithm: 'reinforce', groupSize: 1, objective: enumeratedObjective }],
    ['RLOO’s', { algorithm: 'rloo', groupSize: 4, objective: enumeratedObjective }],
    ['RLOO’s with k2 in the loss', { algorithm: 'rloo', groupSize: 4, objective: tokenwiseObjective, inLoss: 'k2' }],
    ['GRPO’s', { algorithm: 'grpo', groupSize: 3, objective: grpoObjective, inLoss: 'k3' }],
  ])('is the enumerated one: %s', async (_, which) => {
    const { z, errors } = await deviations(which);
    expect(Math.max(...z)).toBeLessThan(FARTHEST);
    // The intervals are narrow enough to tell a wrong formula from chance.
    expect(Math.max(...errors)).toBeLessThan(0.01);
  });

  it('is too short where RLOO’s mean has the sample itself in it', async () => {
    const { z } = await deviations({ algorithm: 'rloo', groupSize: 4, objective: enumeratedObjective, mistaken: withItself });
    expect(Math.max(...z)).toBeGreaterThan(2 * FARTHEST);
  });

  it('is another where k3 stands in the loss', async () => {
    const { z } = await deviations({ algorithm: 'rloo', groupSize: 4, objective: tokenwiseObjective, inLoss: 'k3' });
    expect(Math.max(...z)).toBeGreaterThan(FARTHEST);
  });

  it('differs between the loss and the reward for the first token alone: it has no part in the KL of the second', () => {
    const [loss, reward] = [gradientOf(tokenwiseObjective), gradientOf(enumeratedObjective)];
    loss.slice(3).forEach((slope, i) => expect(slope).toBeCloseTo(reward[3 + i], 8));
    expect(Math.max(...loss.slice(0, 3).map((slope, i) => Math.abs(slope - reward[i])))).toBeGreaterThan(0.005);
  });
});
