import { describe, expect, it } from 'vitest';
import { frontierBound } from '../../../src/rl/frontierBound';
import { RandomStream } from '../../../src/tensor/random';

/** Standard normal draws by Box and Muller. */
function normal(count: number, seed: number): number[] {
  const random = new RandomStream(seed);
  return Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform()));
}

describe('the frontier of reward against KL', () => {
  it('is r = √(2·KL) where rewards are standard normal', () => {
    // π_ref·exp(r/β) is then a normal of mean 1/β: its reward is 1/β and its KL 1/(2β²).
    for (const { beta, kl, reward } of frontierBound(normal(200_000, 1)).filter((point) => point.kl < 2)) {
      expect(reward).toBeCloseTo(beta === Infinity ? 0 : 1 / beta, 1);
      expect(Math.abs(reward - Math.sqrt(2 * kl))).toBeLessThan(0.03);
    }
  });

  it('is where enumeration has it for a few rewards', () => {
    // Each reward as often as π_ref has it in 1000 samples: exact, up to rounding.
    const arms = [0.4, 0.3, 0.2, 0.1];
    const rewards = arms.flatMap((share, reward) => Array<number>(share * 1000).fill(reward));
    for (const { beta, kl, reward } of frontierBound(rewards).slice(1)) {
      const weights = arms.map((share, arm) => share * Math.exp((arm - 3) / beta));
      const total = weights.reduce((a, b) => a + b);
      const best = weights.map((weight) => weight / total);
      expect(reward).toBeCloseTo(best.reduce((sum, p, arm) => sum + p * arm, 0), 9);
      expect(kl).toBeCloseTo(best.reduce((sum, p, arm) => sum + (p < 1e-300 ? 0 : p * Math.log(p / arms[arm])), 0), 9);
    }
  });

  it('grows, and ends where too few samples carry the weight', () => {
    const points = frontierBound(normal(300, 2));
    points.slice(1).forEach((point, i) => {
      expect(point.kl).toBeGreaterThan(points[i].kl);
      expect(point.reward).toBeGreaterThan(points[i].reward);
    });
    expect(points.at(-1)!.kl).toBeLessThan(Math.log(300 / 10));
    expect(() => frontierBound([1, 2, 3])).toThrow(RangeError);
  });
});
