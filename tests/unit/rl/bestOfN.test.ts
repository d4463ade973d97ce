import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeParameters, toParameters } from '../../../src/model/parameters';
import { sampleBestOfN } from '../../../src/rl/bestOfN';
import { bestOfNCurve, bestOfNKlUpperBound, expectedBestOfN } from '../../../src/rl/bestOfNCurve';
import { sampleResponses } from '../../../src/rl/rollout';
import { startBackend } from '../../../src/tensor/backend';
import { PROMPTS, tinyModel, TINY_PPO, vowels } from './tinyWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

/** All subsets of n of the places 0 … N − 1. */
function subsets(N: number, n: number, from = 0): number[][] {
  if (n === 0) return [[]];
  return Array.from({ length: N - from }, (_, i) => from + i).flatMap((first) => subsets(N, n - 1, first + 1).map((rest) => [first, ...rest]));
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('the expected best of n', () => {
  // Few different scores, so that ties are frequent.
  const sample = fc.record({ score: fc.integer({ min: -3, max: 3 }), gold: fc.double({ min: -5, max: 5, noNaN: true }) });

  it('is the mean over all subsets, of the highest score and of what it brings by another', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 9 }), fc.nat(), (samples, draw) => {
        const n = 1 + (draw % samples.length);
        const scores = samples.map(({ score }) => score);
        const gold = samples.map((one) => one.gold);
        const all = subsets(scores.length, n);
        expect(expectedBestOfN(scores, n)).toBeCloseTo(mean(all.map((subset) => Math.max(...subset.map((i) => scores[i])))), 10);
        const worth = (subset: number[]) => {
          const highest = Math.max(...subset.map((i) => scores[i]));
          return mean(subset.filter((i) => scores[i] === highest).map((i) => gold[i]));
        };
        // Which of the tied is taken is a matter of chance, alike for all of them: over all subsets every one of them wins as often.
        expect(expectedBestOfN(scores, n, gold)).toBeCloseTo(mean(all.map(worth)), 8);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('is the mean at n = 1 and the maximum at n = N', () => {
    const scores = [3, -1, 4, 1, -5, 9, 2, 6];
    expect(expectedBestOfN(scores, 1)).toBeCloseTo(mean(scores), 12);
    expect(expectedBestOfN(scores, 8)).toBe(9);
  });

  it('stays exact where factorials overflow', () => {
    // Of N equidistant scores 1 … N the expected maximum of n is n(N + 1)/(n + 1).
    const N = 20_000;
    const scores = Float64Array.from({ length: N }, (_, i) => i + 1);
    for (const n of [2, 500, 10_000, 19_999]) expect(expectedBestOfN(scores, n) / ((n * (N + 1)) / (n + 1))).toBeCloseTo(1, 10);
  });

  it('refuses what no samples can tell', () => {
    expect(() => expectedBestOfN([1, 2], 3)).toThrow(/from 2 samples/);
    expect(() => expectedBestOfN([1, 2], 0)).toThrow(RangeError);
    expect(() => expectedBestOfN([1, 2], 1.5)).toThrow(RangeError);
    expect(() => expectedBestOfN([1, 2], 1, [1])).toThrow(/2 scores and 1 values/);
  });
});

describe('the curve of the best of n', () => {
  const SAMPLES = [{ score: 3, gold: -1 }, { score: 1, gold: 2 }, { score: 2, gold: 4 }, { score: 0, gold: 0 }].map((sample) => ({ prompt: 'a', ...sample }));

  it('is at each n the mean over all subsets: of the score, and of the gold of what the score chooses', () => {
    for (const { n, score, gold, klAtMost } of bestOfNCurve(SAMPLES, [1, 2, 3, 4])) {
      const chosen = subsets(4, n).map((subset) => subset.map((i) => SAMPLES[i]).sort((a, b) => b.score - a.score)[0]);
      expect(score).toBeCloseTo(mean(chosen.map((one) => one.score)), 10);
      expect(gold).toBeCloseTo(mean(chosen.map((one) => one.gold)), 10);
      expect(klAtMost).toBeCloseTo(Math.log(n) - 1 + 1 / n, 12);
    }
  });

  it('chooses within each prompt, and is the mean over prompts', () => {
    // All pairs of two samples by hand: prompt a's best of 2 is its second, which the gold score likes less; b's is its first.
    const samples = [
      { prompt: 'a', score: 0, gold: 5 },
      { prompt: 'b', score: 10, gold: 1 },
      { prompt: 'a', score: 2, gold: 3 },
      { prompt: 'b', score: 8, gold: 0 },
    ];
    const [one, two] = bestOfNCurve(samples, [1, 2]);
    expect(one).toEqual({ n: 1, klAtMost: 0, score: 5, gold: 2.25 });
    expect(two.score).toBeCloseTo((2 + 10) / 2, 12);
    expect(two.gold).toBeCloseTo((3 + 1) / 2, 12);
    expect(two.klAtMost).toBeCloseTo(Math.log(2) - 1 / 2, 12);
  });

  it('refuses an n for which a prompt has too few samples', () => {
    expect(() => bestOfNCurve(SAMPLES, [5])).toThrow(/from 4 samples/);
    expect(() => bestOfNCurve([...SAMPLES, { prompt: 'b', score: 0, gold: 0 }], [2])).toThrow(RangeError);
    expect(() => bestOfNCurve([], [1])).toThrow(/no samples/);
  });

  it('never lies left of the KL of sampling it: of likely responses the bound is far off', () => {
    // Four responses of equal probability: KL of the best of n is Σ w·log(4w), w = (i/4)ⁿ − ((i − 1)/4)ⁿ.
    for (const { n, klAtMost } of bestOfNCurve(Array.from({ length: 64 }, (_, i) => ({ prompt: 'a', score: i % 4, gold: 0 })), [2, 8, 64])) {
      const kl = [1, 2, 3, 4].reduce((sum, i) => {
        const weight = (i / 4) ** n - ((i - 1) / 4) ** n;
        return sum + weight * Math.log(4 * weight);
      }, 0);
      expect(klAtMost).toBeGreaterThan(kl);
      if (n === 64) expect(klAtMost).toBeGreaterThan(kl + 1.5);
    }
  });
});

describe('the KL of the best of n', () => {
  /** KL of the best of n from p, the arms in rising order of a score without ties: P(best = i) = F_i^n − F_{i−1}^n. */
  function exactKl(p: number[], n: number): number {
    let below = 0;
    return p.reduce((kl, weight) => {
      const best = (below + weight) ** n - below ** n;
      below += weight;
      return kl + (best === 0 ? 0 : best * Math.log(best / weight));
    }, 0);
  }

  it('is below its bound, clearly so where responses are likely, and comes near it where none is', () => {
    for (const p of [[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]])
      for (const n of [2, 4, 16, 64]) {
        expect(exactKl(p, n)).toBeLessThan(bestOfNKlUpperBound(n));
        // Whoever takes the bound for the value is off by a tenth of a nat and more, from n = 16 on.
        if (n >= 16) expect(bestOfNKlUpperBound(n) - exactKl(p, n)).toBeGreaterThan(0.1);
      }
    const fine = Array<number>(100_000).fill(1e-5);
    expect(bestOfNKlUpperBound(4) - exactKl(fine, 4)).toBeGreaterThan(0);
    expect(bestOfNKlUpperBound(4) - exactKl(fine, 4)).toBeLessThan(1e-4);
    expect(bestOfNKlUpperBound(1)).toBe(0);
    expect(() => bestOfNKlUpperBound(0)).toThrow(RangeError);
  });
});

describe('sampling the best of n', () => {
  beforeAll(async () => {
    await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
  });

  it('keeps for each prompt the highest of n plain samples', async () => {
    const { weights, ...model } = tinyModel();
    const writer = { parameters: toParameters(weights), ...model };
    const random = { seed: 8, counter: 0 };
    const n = 5;
    const { best, scores, counter } = await sampleBestOfN(writer, PROMPTS, n, (texts) => vowels(texts), TINY_PPO, random);
    const plain = await sampleResponses(writer, PROMPTS.flatMap((prompt) => [prompt, prompt, prompt, prompt, prompt]), TINY_PPO, random);
    const plainScores = await vowels(plain.responses.map(({ text }) => ({ response: text })));
    expect(counter).toBe(plain.counter);
    PROMPTS.forEach((prompt, i) => {
      const group = plainScores.slice(i * n, (i + 1) * n);
      expect(scores[i]).toBe(Math.max(...group));
      expect(best[i]).toEqual(plain.responses[i * n + group.indexOf(Math.max(...group))]);
      expect(best[i].prompt).toBe(prompt);
    });
    expect(mean(scores)).toBeGreaterThan(mean(plainScores) + 0.5);
    disposeParameters(writer.parameters);
  });
});
