import { describe, expect, it } from 'vitest';
import { enumerate, optimalPolicy } from '../../../src/rl/exactFrontier';
import { bestPolicy, objective, REFERENCE, REWARDS } from './bandit';

describe('the exact frontier', () => {
  it('is that of the four arms', () => {
    for (const beta of [0.25, 1, 4]) {
      const [best] = optimalPolicy([REFERENCE], REWARDS, beta);
      bestPolicy(beta).forEach((p, arm) => expect(best[arm]).toBeCloseTo(p, 12));
      const { kl, reward } = enumerate([best], [REFERENCE], REWARDS);
      expect(reward - beta * kl).toBeCloseTo(objective(bestPolicy(beta), beta), 12);
      // The value of the optimum in closed form.
      expect(reward - beta * kl).toBeCloseTo(beta * Math.log(REFERENCE.reduce((sum, p, arm) => sum + p * Math.exp(REWARDS[arm] / beta), 0)), 12);
    }
  });

  it('takes the mean over prompts, and has no distance from itself', () => {
    const reference = [[0.5, 0.5], [0.9, 0.1]];
    const { kl, reward } = enumerate(reference, reference, [0, 1]);
    expect(kl).toBe(0);
    expect(reward).toBeCloseTo((0.5 + 0.1) / 2, 12);
    expect(enumerate([[0, 1], [0.9, 0.1]], reference, [0, 1]).kl).toBeCloseTo(Math.log(2) / 2, 12);
  });
});
