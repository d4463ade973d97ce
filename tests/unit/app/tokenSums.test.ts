import { describe, expect, it } from 'vitest';
import { chartReading, rewardReading } from '../../../src/app/optimise/tokenSumReading';
import { partsOfCharts, sumsOf, type TracedIteration } from '../../../src/app/optimise/tokenSums';
import { updateRatio } from '../../../src/app/optimise/tokenReading';
import { LEAN } from '../../../src/lab/protocol';
import { iterationMetrics } from '../../../src/rl/metrics';
import { tokenRewards } from '../../../src/rl/rewards';
import type { Response } from '../../../src/rl/rollout';
import { traceSamples } from '../../../src/rl/samples';

/** Three texts of 4, 2 and 3 tokens, with log-probabilities made up so that no two agree. */
const LENGTHS = [4, 2, 3];
const T = 4;
const BETA = 0.25;
const mask = Float32Array.from({ length: 12 }, (_, i) => (i % T < LENGTHS[Math.floor(i / T)] ? 1 : 0));
const logProbs = mask.map((valid, i) => valid * -(0.3 + 0.17 * i));
const reference = mask.map((valid, i) => valid * -(0.9 + 0.05 * ((7 * i) % 12)));
const updated = logProbs.map((logProb) => logProb + Math.log(1.5));
const scores = Float32Array.of(1.5, -0.25, 0.75);
const none = new Float32Array(12);
const responses = LENGTHS.map((length, row): Response => ({ prompt: `prompt ${row}`, promptTokens: [1], tokens: Array.from({ length }, (_, t) => t), logProbs: [], text: 'a b', ended: true, hasEos: false }));

/** As the trainer has them, with the KL in the reward or in the loss. */
function iteration(kept: number, place: 'reward' | 'loss' = 'reward'): TracedIteration {
  const rewards = tokenRewards({ logProbs, reference, mask, scores, coefficient: place === 'reward' ? BETA : 0 });
  const metrics = iterationMetrics({ logProbs, reference, entropy: none, values: none, mask, scores, scoresClipped: 0, advantageMean: 0, advantageStd: 1, advantagesWhitened: true, coefficient: BETA, klPlace: place, learningRate: 1e-3, responses });
  const samples = traceSamples({ responses, scores, logProbs, reference, updated, rewards, advantages: none }, kept, String);
  return { iteration: 1, samples, metrics, settings: { batchSize: 3, kl: { ...LEAN.kl, place }, whitenRewards: false } };
}

describe('the sums over a text’s tokens', () => {
  it('are its KL, and its score less β times its KL', () => {
    for (const [place, { tokens, kl, score }] of iteration(3).samples.entries()) {
      const sums = sumsOf(tokens);
      expect(tokens).toHaveLength(LENGTHS[place]);
      expect(sums.kl).toBeCloseTo(kl, 6);
      expect(sums.kl).toBeCloseTo(sums.logProb - sums.reference, 6);
      expect(sums.reward).toBeCloseTo(score - BETA * kl, 5);
      for (const token of tokens) expect(updateRatio(token)).toBeCloseTo(1.5, 5);
    }
  });

  it('have the charts’ numbers for their mean where all texts are kept', () => {
    const all = iteration(3);
    for (const place of [0, 1, 2]) {
      const parts = partsOfCharts(all, place);
      expect(parts.map(({ metric }) => metric)).toEqual(['objective/kl', 'objective/rlhf_reward']);
      for (const { metric, mean, chart } of parts) {
        expect(chart).toBe(all.metrics[metric]);
        expect(mean).toBeCloseTo(chart, 5);
      }
    }
    // The parts are what the chart's number is made of.
    for (const at of [0, 1]) expect([0, 1, 2].reduce((sum, place) => sum + partsOfCharts(all, place)[at].part, 0)).toBeCloseTo(partsOfCharts(all, 0)[at].chart, 5);
    expect(chartReading(all, 1)[0]).toMatch(/^KL: the mean over all 3 texts is (\S+), the chart’s \1\.$/);
  });

  it('are called a part where some were not kept', () => {
    const some = iteration(2);
    expect(partsOfCharts(some, 0).map(({ mean }) => mean)).toEqual([null, null]);
    expect(chartReading(some, 0)[0]).toMatch(/^KL: the chart’s \S+ is the mean over 3 texts, of which 2 are kept; this text’s part is \S+ ÷ 3 = \S+\.$/);
  });

  it('leave the KL out of the reward where the loss pays for it', () => {
    const inLoss = iteration(3, 'loss');
    expect(sumsOf(inLoss.samples[0].tokens).reward).toBeCloseTo(1.5, 6);
    expect(partsOfCharts(inLoss, 0).map(({ metric }) => metric)).toEqual(['objective/kl']);
    expect(rewardReading(inLoss, 0)).toContain('the score alone: 1.50');
  });

  it('are not claimed to be what scaled rewards no longer add up to', () => {
    const scaled = { ...iteration(3), settings: { ...iteration(3).settings, whitenRewards: true } };
    expect(partsOfCharts(scaled, 0).map(({ metric }) => metric)).toEqual(['objective/kl']);
    expect(rewardReading(scaled, 0)).toContain('scaled before use');
  });

  it('know no reward and no ratio in iterations that were kept without', () => {
    const old = [{ text: 'a', logProb: -1, referenceLogProb: -2 }];
    expect(sumsOf(old)).toEqual({ logProb: -1, reference: -2, kl: 1, reward: null });
    expect(updateRatio(old[0])).toBeNull();
  });
});
