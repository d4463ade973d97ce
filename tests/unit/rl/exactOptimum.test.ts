import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../../../src/tensor/backend';
import { bestPolicy, objective, REFERENCE, runBandit, totalVariation } from './bandit';

/*
 * With a fixed β the best policy is π* ∝ π_ref·exp(r/β), and its objective
 * J* = β·log Σ π_ref·exp(r/β); everything here is by enumeration of four arms.
 */

beforeAll(async () => {
  await startBackend({ prefer: 'cpu' });
});

const distanceAt = async (run: Parameters<typeof runBandit>[0]) => totalVariation(await runBandit(run), bestPolicy(run.beta));

describe('PPO on four arms', () => {
  it.each([0.25, 0.5, 1, 2, 4])('finds the exact optimum at β = %s', async (beta) => {
    const best = objective(bestPolicy(beta), beta);
    expect(best).toBeCloseTo(beta * Math.log(REFERENCE.reduce((sum, p, arm) => sum + p * Math.exp(arm / beta), 0)), 10);
    for (const seed of [1, 2, 3]) {
      const policy = await runBandit({ beta, seed, iterations: 90 });
      expect(totalVariation(policy, bestPolicy(beta))).toBeLessThanOrEqual(0.01);
      const reached = objective(policy, beta);
      expect(reached).toBeLessThanOrEqual(best + 1e-9);
      expect((best - reached) / (best - objective(REFERENCE, beta))).toBeLessThanOrEqual(0.005);
    }
  }, 120_000);

  it('finds the same policy when rewards and β are scaled together', async () => {
    const scaled = await runBandit({ beta: 5, scale: 5, seed: 1, iterations: 90 });
    expect(totalVariation(scaled, bestPolicy(1))).toBeLessThanOrEqual(0.01);
    // The same β without the scale belongs to a policy that is far from it.
    expect(totalVariation(bestPolicy(5), bestPolicy(1))).toBeGreaterThan(0.3);
  });

  it('misses it without the KL, with its sign flipped, and with k3 in the reward', async () => {
    const mistake = (rewards: Parameters<typeof runBandit>[0]['rewards']) => distanceAt({ beta: 1, seed: 1, iterations: 120, rewards });
    expect(await mistake((scores) => scores)).toBeGreaterThan(0.5);
    expect(await mistake((scores, logProbs, reference) => scores.map((score, i) => score + (logProbs[i] - reference[i])))).toBeGreaterThan(0.5);
    const k3 = (x: number) => Math.exp(-x) - 1 + x;
    expect(await mistake((scores, logProbs, reference) => scores.map((score, i) => score - k3(logProbs[i] - reference[i])))).toBeGreaterThan(0.2);
  }, 120_000);
});
