import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateAdvantages, MIN_TOKENS_TO_WHITEN, whitenAdvantages } from '../../../src/rl/advantages';
import { k1, k2, k3 } from '../../../src/rl/kl';
import { gatherRows, whiten } from '../../../src/rl/masked';
import { tokenRewards } from '../../../src/rl/rewards';
import { settleScores } from '../../../src/rl/scores';

const floats = (...values: number[]) => Float32Array.from(values);

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 5): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], digits);
}

describe('KL estimators', () => {
  // Expectations under p by enumeration: k1 and k3 are unbiased for KL(p‖q), and k3 never negative.
  const p = [0.5, 0.3, 0.2];
  const q = [0.2, 0.2, 0.6];
  const expectation = (f: (logP: number, logQ: number) => number) => p.reduce((sum, weight, i) => sum + weight * f(Math.log(p[i]), Math.log(q[i])), 0);
  const exact = 0.5 * Math.log(2.5) + 0.3 * Math.log(1.5) + 0.2 * Math.log(1 / 3);

  it('k1 and k3 are unbiased under the policy', () => {
    expect(expectation(k1)).toBeCloseTo(exact, 12);
    expect(expectation(k3)).toBeCloseTo(exact, 12);
  });

  it('k3 takes the log-ratio with the sign that makes it so, and is exact near 0', () => {
    expect(k3(Math.log(2), 0)).toBeCloseTo(0.5 - 1 + Math.LN2, 12);
    expect(k3(0, Math.log(2))).toBeCloseTo(2 - 1 - Math.LN2, 12);
    expect(k3(1e-6, 0) / 5e-13).toBeCloseTo(1, 3);
    expect(k2(1, 0.4)).toBeCloseTo(0.18, 12);
  });
});

describe('per-token rewards', () => {
  it('are −β·(log π − log π_ref), plus the score at the last valid token', () => {
    const rewards = tokenRewards({
      logProbs: floats(-1, -2, -3, -1, -1, -1),
      reference: floats(-2, -2, -2.5, -3, 5, 7),
      mask: floats(1, 1, 1, 1, 0, 0),
      scores: floats(10, 20),
      coefficient: 0.5,
    });
    expectClose(rewards, [-0.5, 0, 0.25 + 10, -1 + 20, 0, 0]);
  });

  it('of a response without a token are nothing', () => {
    expectClose(tokenRewards({ logProbs: floats(1), reference: floats(0), mask: floats(0), scores: floats(3), coefficient: 1 }), [0]);
  });
});

describe('scores', () => {
  const settings = (rule: 'off' | 'replace' | 'subtract', penalty = -1) => ({ scoreClip: 10, missingEnd: { rule, penalty } });

  it('are clipped, and the clipped are counted', () => {
    const { scores, clipped } = settleScores([12, -30, 3, -10], [true, true, true, true], settings('off'));
    expectClose(scores, [10, -10, 3, -10]);
    expect(clipped).toBe(0.5);
  });

  it('of a response without an end are replaced, lowered, or left', () => {
    const ended = [true, false];
    expectClose(settleScores([2, 2], ended, settings('off')).scores, [2, 2]);
    expectClose(settleScores([2, 2], ended, settings('replace', -1.5)).scores, [2, -1.5]);
    expectClose(settleScores([2, 2], ended, settings('subtract', -1.5)).scores, [2, 0.5]);
    expectClose(settleScores([2, 2], ended, settings('subtract', 1.5)).scores, [2, 0.5]);
  });
});

/** A_t = Σ_l (γλ)^l δ_{t+l} over the valid tokens, summed forwards and afresh for each t. */
function sumOfDeltas(rewards: number[], values: number[], gamma: number, lambda: number): number[] {
  const delta = rewards.map((reward, t) => reward + gamma * (values[t + 1] ?? 0) - values[t]);
  return delta.map((_, t) => delta.slice(t).reduce((sum, d, l) => sum + (gamma * lambda) ** l * d, 0));
}

const tokens = fc.array(fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })), { minLength: 1, maxLength: 9 });
// The assertion that a property failed with belongs into its message: `npm run test:mutants` looks for it there.
const FIXED = { seed: 7, numRuns: 100, includeErrorInReport: true };

describe('generalised advantage estimation', () => {
  it('is the discounted sum of temporal differences', () => {
    fc.assert(
      fc.property(tokens, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, gamma, lambda) => {
        const [rewards, values] = [steps.map(([r]) => r), steps.map(([, v]) => v)];
        const { advantages, returns } = estimateAdvantages({
          rewards: floats(...rewards),
          values: floats(...values),
          mask: floats(...rewards.map(() => 1)),
          length: rewards.length,
          gamma,
          lambda,
        });
        const expected = sumOfDeltas(rewards, values, gamma, lambda);
        expectClose(advantages, expected, 4);
        expectClose(returns, expected.map((a, t) => a + values[t]), 4);
      }),
      FIXED,
    );
  });

  it('discounts the next value by γ alone, and the next advantage by γλ', () => {
    const inputs = { rewards: floats(1, 2), values: floats(0.4, 0.8), mask: floats(1, 1), length: 2 };
    // δ = (1 + γ·0.8 − 0.4, 2 − 0.8).
    expectClose(estimateAdvantages({ ...inputs, gamma: 0.5, lambda: 1 }).advantages, [1 + 0.5 * 1.2, 1.2]);
    expectClose(estimateAdvantages({ ...inputs, gamma: 1, lambda: 0.5 }).advantages, [1.4 + 0.5 * 1.2, 1.2]);
    expectClose(estimateAdvantages({ ...inputs, gamma: 1, lambda: 0.5 }).returns, [2.4, 2]);
  });

  it('with λ = 1 and γ = 1 gives returns that are the suffix sums of the rewards, whatever the values', () => {
    fc.assert(
      fc.property(tokens, (steps) => {
        const rewards = steps.map(([r]) => r);
        const { returns } = estimateAdvantages({
          rewards: floats(...rewards),
          values: floats(...steps.map(([, v]) => v)),
          mask: floats(...rewards.map(() => 1)),
          length: rewards.length,
          gamma: 1,
          lambda: 1,
        });
        expectClose(returns, rewards.map((_, t) => rewards.slice(t).reduce((a, b) => a + b, 0)), 4);
      }),
      FIXED,
    );
  });

  it('does not change when padding is appended, whatever stands in it', () => {
    const rewards = [0.5, -1, 2];
    const values = [0.1, 0.2, -0.4];
    const plain = estimateAdvantages({ rewards: floats(...rewards), values: floats(...values), mask: floats(1, 1, 1), length: 3, gamma: 1, lambda: 0.95 });
    const padded = estimateAdvantages({
      rewards: floats(...rewards, 9, 9, ...rewards, 9, 9),
      values: floats(...values, 7, -7, ...values, 5, 5),
      mask: floats(1, 1, 1, 0, 0, 1, 1, 1, 0, 0),
      length: 5,
      gamma: 1,
      lambda: 0.95,
    });
    for (const [name, row] of [['advantages', 0], ['advantages', 5], ['returns', 0], ['returns', 5]] as const) {
      expect([...padded[name].slice(row, row + 3)]).toEqual([...plain[name]]);
      expect([...padded[name].slice(row + 3, row + 5)]).toEqual([0, 0]);
    }
    const mask = floats(1, 1, 1, 1, 1, 1, 1, 1);
    const eight = floats(1, 5, -2, 4, 4, 0, 3, 1);
    const alone = whitenAdvantages(eight, mask);
    const longer = whitenAdvantages(floats(...eight, 100, -50), floats(...mask, 0, 0));
    expectClose(longer.advantages, [...alone.advantages, 0, 0], 6);
    expect(longer.std).toBeCloseTo(alone.std, 6);
  });
});

describe('whitening', () => {
  it('uses the biased variance', () => {
    // 1 … 8 has mean 4.5 and biased variance 63/12 = 5.25.
    const { advantages, mean, std, whitened } = whitenAdvantages(floats(1, 2, 3, 4, 5, 6, 7, 8), floats(1, 1, 1, 1, 1, 1, 1, 1));
    expectClose(advantages, [1, 2, 3, 4, 5, 6, 7, 8].map((x) => (x - 4.5) / Math.sqrt(5.25)));
    expect([mean, std, whitened]).toEqual([4.5, Math.sqrt(5.25), true]);
  });

  it('leaves fewer than eight tokens alone, and says so', () => {
    const few = floats(5, 1, 9, 2, 2, 2, 2, 99);
    const mask = floats(1, 1, 1, 1, 1, 1, 1, 0);
    expect(MIN_TOKENS_TO_WHITEN).toBe(8);
    expect(whitenAdvantages(few, mask)).toMatchObject({ whitened: false, advantages: few });
    expect(whitenAdvantages(floats(1, 2, 3, 4, 5, 6, 7, 8), floats(1, 1, 1, 1, 1, 1, 1, 1), false).whitened).toBe(false);
  });

  it('survives advantages that are all the same', () => {
    expectClose(whitenAdvantages(new Float32Array(9).fill(2), new Float32Array(9).fill(1)).advantages, new Float32Array(9));
  });

  it('can keep the mean, as for rewards', () => {
    const whitened = whiten(floats(1, 3, 5, 50), floats(1, 1, 1, 0), true);
    expectClose(whitened, [3 - 2 / Math.sqrt(8 / 3), 3, 3 + 2 / Math.sqrt(8 / 3), 0]);
  });

  it('at λ = 1 makes a constant added to every score vanish', () => {
    // Responses of one length and no values, so that the constant shifts every return alike.
    const inputs = { logProbs: floats(-1, -2, -1, -3, -2, -2, -1, -1), reference: floats(-2, -1, -1, -2, -2, -3, -1, -4), mask: new Float32Array(8).fill(1), coefficient: 0.3 };
    const gradientWeights = (scores: Float32Array) => {
      const rewards = tokenRewards({ ...inputs, scores });
      const { advantages } = estimateAdvantages({ rewards, values: new Float32Array(8), mask: inputs.mask, length: 2, gamma: 1, lambda: 1 });
      return whitenAdvantages(advantages, inputs.mask).advantages;
    };
    expectClose(gradientWeights(floats(8, 6, 9, 7.5)), gradientWeights(floats(1, -1, 2, 0.5)), 5);
    expect(Math.abs(gradientWeights(floats(1, -1, 2, 0.5))[0])).toBeGreaterThan(0.01);
  });
});

it('rows are gathered in the order asked for', () => {
  expect([...gatherRows(floats(1, 2, 3, 4, 5, 6), Int32Array.of(2, 0, 2), 2)]).toEqual([5, 6, 1, 2, 5, 6]);
});
