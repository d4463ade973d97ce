import { beforeAll, describe, expect, it } from 'vitest';
import { advantagesOf, moveBaseline, sequenceRewards } from '../../../src/rl/algorithms';
import { minibatchGradients } from '../../../src/rl/update';
import { LEAN, type PpoSettings } from '../../../src/rl/settings';
import { startBackend } from '../../../src/tensor/backend';
import { ArmsPolicy, bestPolicy, objective, REFERENCE, REWARDS, runBandit, totalVariation } from './bandit';

beforeAll(async () => {
  await startBackend({ prefer: 'cpu' });
});

const floats = (...values: number[]) => Float32Array.from(values);

describe('advantages', () => {
  // Two groups of three; the middle response of the first has one token, and what stands after it is noise.
  const rollout = {
    rewards: floats(1, 1, 3, 9, -1, 1, 4, 0, 4, 0, 2, 2),
    values: new Float32Array(12).fill(5),
    mask: floats(1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1),
    length: 2,
    baseline: 0.5,
  };
  const of = (algorithm: PpoSettings['algorithm'], groupSize: number) => [...advantagesOf(algorithm, rollout, { gamma: 1, lambda: 0.95, groupSize }).advantages];

  it('of RLOO are the sequence’s reward less the mean of the others', () => {
    expect([...sequenceRewards(rollout)]).toEqual([2, 3, 0, 4, 4, 4]);
    // 2 − 3/2, 3 − 2/2, 0 − 5/2.
    expect(of('rloo', 3)).toEqual([0.5, 0.5, 2, 0, -2.5, -2.5, 0, 0, 0, 0, 0, 0]);
  });

  it('of GRPO are standardised within the group, and exactly 0 where all are equal', () => {
    // 2, 3, 0: mean 5/3, unbiased variance 7/3.
    const std = Math.sqrt(7 / 3) + 1e-4;
    const expected = [1 / 3, 1 / 3, 4 / 3, 0, -5 / 3, -5 / 3, 0, 0, 0, 0, 0, 0];
    of('grpo', 3).forEach((advantage, i) => expect(advantage).toBeCloseTo(expected[i] / std, 6));
    expect(of('grpo', 3).slice(6)).toEqual([0, 0, 0, 0, 0, 0]);
    // A tenth cannot be written exactly in binary: a mean that rounds would leave a remainder, and 1e-4 would make it large.
    const tenths = { ...rollout, rewards: rollout.rewards.map(() => 0.1), mask: floats(...rollout.mask.map(() => 1)) };
    expect([...advantagesOf('grpo', tenths, { gamma: 1, lambda: 1, groupSize: 3 }).advantages]).toEqual(new Array(12).fill(0));
  });

  it('of REINFORCE are what is still to come less the baseline, whatever a value head says', () => {
    expect(of('reinforce', 1)).toEqual([1.5, 0.5, 2.5, 0, -0.5, 0.5, 3.5, -0.5, 3.5, -0.5, 3.5, 1.5]);
  });

  it('bring returns for a value function with PPO alone', () => {
    for (const algorithm of ['reinforce', 'rloo', 'grpo'] as const) expect(advantagesOf(algorithm, rollout, { gamma: 1, lambda: 1, groupSize: 3 }).returns).toBeUndefined();
    expect(advantagesOf('ppo', rollout, { gamma: 1, lambda: 1, groupSize: 3 }).returns).toHaveLength(12);
  });

  it('have a baseline that moves towards each batch’s mean', () => {
    expect(moveBaseline(1, floats(2, 4), 0.75)).toBe(1.5);
    expect(moveBaseline(1, floats(2, 4), 0)).toBe(3);
  });
});

const ONCE: Partial<PpoSettings> = { epochs: 1, whitenAdvantages: false };
const inLoss = (estimator: 'k2' | 'k3'): Partial<PpoSettings> => ({ ...ONCE, kl: { ...LEAN.kl, place: 'loss', estimator } });

/** Of all policies the best by E[r] − β·KL(π_ref‖π): π = β·π_ref/(λ − r), with λ > max r so that it sums to 1. */
function bestByForwardKl(beta: number): number[] {
  const at = (lambda: number) => REFERENCE.map((q, arm) => (beta * q) / (lambda - REWARDS[arm]));
  let [low, high] = [Math.max(...REWARDS), Math.max(...REWARDS) + beta];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (at(middle).reduce((a, b) => a + b) > 1) low = middle;
    else high = middle;
  }
  return at(high);
}

/** Every way to draw `size` arms, as counts, with its chance under `policy`. */
function draws(policy: readonly number[], size: number): { counts: number[]; chance: number }[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const split = (left: number, arms: number): number[][] => (arms === 1 ? [[left]] : Array.from({ length: left + 1 }, (_, n) => split(left - n, arms - 1).map((rest) => [n, ...rest])).flat());
  return split(size, policy.length).map((counts) => ({ counts, chance: counts.reduce((p, n, arm) => (p * policy[arm] ** n) / factorial(n), factorial(size)) }));
}

/**
 * Where GRPO comes to rest. Dividing by a group's own spread makes a step that
 * no objective of the form E[r] − β·KL has: by enumeration of all groups, the
 * slope of logit a is E[n_a/G · A_a] + β(π_ref,a − π_a), and this follows it to 0.
 */
function restOfGrpo(beta: number, size: number): number[] {
  const logits = REFERENCE.map(Math.log);
  let policy: number[] = REFERENCE;
  for (let step = 0; step < 4000; step++) {
    const slope = policy.map((p, arm) => beta * (REFERENCE[arm] - p));
    for (const { counts, chance } of draws(policy, size)) {
      const mean = counts.reduce((sum, n, arm) => sum + (n * REWARDS[arm]) / size, 0);
      const std = Math.sqrt(counts.reduce((sum, n, arm) => sum + n * (REWARDS[arm] - mean) ** 2, 0) / (size - 1));
      counts.forEach((n, arm) => (slope[arm] += (chance * n * (REWARDS[arm] - mean)) / (size * (std + 1e-4))));
    }
    slope.forEach((value, arm) => (logits[arm] += 0.5 * value));
    const weights = logits.map(Math.exp);
    policy = weights.map((weight) => weight / weights.reduce((a, b) => a + b));
  }
  return policy;
}

describe('on four arms', () => {
  it.each<[string, Partial<PpoSettings>]>([
    ['REINFORCE', { ...ONCE, algorithm: 'reinforce' }],
    ['RLOO', { ...ONCE, algorithm: 'rloo', groupSize: 4 }],
    ['RLOO with k2 in the loss', { ...inLoss('k2'), algorithm: 'rloo', groupSize: 4 }],
    ['PPO with k2 in the loss, at one update', { ...inLoss('k2'), algorithm: 'ppo' }],
  ])('%s finds the exact optimum', async (_, settings) => {
    for (const beta of [0.5, 1, 2])
      for (const seed of [1, 2]) {
        const policy = await runBandit({ beta, seed, iterations: 300, settings });
        expect(totalVariation(policy, bestPolicy(beta)), `β ${beta}, seed ${seed}`).toBeLessThanOrEqual(0.015);
        const [best, reached] = [objective(bestPolicy(beta), beta), objective(policy, beta)];
        expect((best - reached) / (best - objective(REFERENCE, beta))).toBeLessThanOrEqual(0.005);
      }
  }, 120_000);

  it('RLOO with k3 in the loss finds the best by KL(π_ref‖π) instead', async () => {
    for (const beta of [0.5, 1]) {
      const expected = bestByForwardKl(beta);
      expect(totalVariation(expected, bestPolicy(beta))).toBeGreaterThan(0.1);
      const policy = await runBandit({ beta, seed: 1, iterations: 300, settings: { ...inLoss('k3'), algorithm: 'rloo', groupSize: 4 } });
      expect(totalVariation(policy, expected)).toBeLessThanOrEqual(0.015);
    }
  }, 120_000);

  it('GRPO comes to rest where its own steps cancel, which is neither of those', async () => {
    for (const beta of [0.5, 1]) {
      const expected = restOfGrpo(beta, 8);
      for (const other of [bestPolicy(beta), bestByForwardKl(beta)]) expect(totalVariation(expected, other)).toBeGreaterThan(0.02);
      const policy = await runBandit({ beta, seed: 1, iterations: 300, settings: { ...inLoss('k3'), algorithm: 'grpo', groupSize: 8 } });
      expect(totalVariation(policy, expected)).toBeLessThanOrEqual(0.015);
    }
  }, 120_000);
});

describe('the KL in the loss', () => {
  /** Ten rows hold each arm as often as a policy of 0.4, 0.3, 0.2, 0.1 draws it, so that their mean is the exact expectation. */
  const DRAWN = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3];
  const OTHER = [0.1, 0.2, 0.3, 0.4];

  async function slopes(estimator: 'k2' | 'k3'): Promise<number[]> {
    const policy = new ArmsPolicy();
    policy.actions = Int32Array.from(DRAWN);
    const logProbs = floats(...DRAWN.map((arm) => Math.log(REFERENCE[arm])));
    const reference = floats(...DRAWN.map((arm) => Math.log(OTHER[arm])));
    const nothing = new Float32Array(10);
    const experience = { rows: 10, length: 1, mask: floats(...DRAWN.map(() => 1)), logProbs, values: nothing, advantages: nothing, penalty: { estimator, coefficient: 0.7, reference } };
    const { gradients, report } = await minibatchGradients(policy, experience, Int32Array.from(DRAWN.keys()), { ...LEAN, microbatchSize: 4 });
    expect(report.totalLoss).toBeCloseTo(0.7 * report.klLoss!, 6);
    expect(report).not.toHaveProperty('valueLoss');
    const slope = [...(await gradients.get('logits')!.data())];
    policy.dispose();
    return slope;
  }

  /** 0.7 times the gradient, in the logits, of a function of the probabilities. */
  function differences(f: (policy: number[]) => number): number[] {
    const at = (arm: number, step: number) => {
      const weights = REFERENCE.map((p, i) => Math.exp(Math.log(p) + (i === arm ? step : 0)));
      return f(weights.map((weight) => weight / weights.reduce((a, b) => a + b)));
    };
    return REFERENCE.map((_, arm) => (0.7 * (at(arm, 1e-5) - at(arm, -1e-5))) / 2e-5);
  }
  const kl = (p: readonly number[], q: readonly number[]) => p.reduce((sum, x, i) => sum + x * Math.log(x / q[i]), 0);

  it('has with k2 the gradient of KL(π‖π_ref), and with k3 that of KL(π_ref‖π)', async () => {
    const [reverse, forward] = [differences((policy) => kl(policy, OTHER)), differences((policy) => kl(OTHER, policy))];
    (await slopes('k2')).forEach((slope, arm) => expect(slope).toBeCloseTo(reverse[arm], 5));
    (await slopes('k3')).forEach((slope, arm) => expect(slope).toBeCloseTo(forward[arm], 5));
    expect(Math.max(...reverse.map((slope, arm) => Math.abs(slope - forward[arm])))).toBeGreaterThan(0.05);
  });
});
