import { describe, expect, it } from 'vitest';
import { distance, goldGain, rewardGain } from '../../../src/experiments/recipe';
import type { Evaluation } from '../../../src/lab/protocol';

const at = (mean: number, std: number) => ({ mean, std, low: mean, high: mean, n: 4 });
const EVALUATION: Evaluation = {
  samples: 4,
  gold: { base: at(1, 2), tuned: at(4, 9) },
  reward: { base: at(0, 0.5), tuned: at(2, 9) },
  kl: 5,
  distinct2: { base: 1, tuned: 1 },
  referenceNll: { base: 2, tuned: 2 },
};

describe('what an experiment reads from an evaluation', () => {
  it('is gains in spreads of the base model, and the distance', () => {
    expect([goldGain(EVALUATION), rewardGain(EVALUATION), distance(EVALUATION)]).toEqual([3 / 2, 2 / 0.5, 5]);
  });

  it('is refused in a sentence where it was not measured', () => {
    expect(() => goldGain({ ...EVALUATION, gold: null })).toThrow(/no gold score/);
    expect(() => rewardGain({ ...EVALUATION, reward: null })).toThrow(/no reward model/);
    // A bound is no measurement, and must not be drawn as one.
    expect(() => distance({ ...EVALUATION, kl: null, klAtMost: 1.8 })).toThrow(RangeError);
  });
});
