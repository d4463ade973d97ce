import { describe, expect, it } from 'vitest';
import { evaluationReading, winReading } from '../../../src/app/compare/reading';
import { summarise } from '../../../src/app/compare/runSummary';
import type { Evaluation } from '../../../src/lab/protocol';

const at = (mean: number, half = 0.1) => ({ mean, std: 0.5, low: mean - half, high: mean + half, n: 256 });
const EVALUATION: Evaluation = {
  samples: 256,
  gold: { base: at(0.2), tuned: at(0.9) },
  reward: { base: at(0), tuned: at(1.5) },
  kl: 5.8,
  distinct2: { base: 0.7, tuned: 0.68 },
  referenceNll: { base: 2.4, tuned: 2.6 },
};
const text = (evaluation: Evaluation) => evaluationReading(evaluation, 'reward model').join(' ');

describe('an evaluation in words', () => {
  it('gives gains in units and in spreads of the base model', () => {
    expect(text(EVALUATION)).toContain('The reward model’s score rose by 1.50, 3.00 times the spread');
    expect(text(EVALUATION)).toContain('The true (gold) score rose by 0.70, 1.40 times the spread');
    expect(text(EVALUATION)).toContain('5.8 nats');
    expect(text(EVALUATION)).not.toMatch(/hacking|repeats|unlikely/);
  });

  it('claims no change where the intervals overlap', () => {
    expect(text({ ...EVALUATION, reward: { base: at(0), tuned: at(0.15) } })).toContain('The reward model’s score did not clearly change');
  });

  it('names reward hacking when only the reward model is pleased', () => {
    expect(text({ ...EVALUATION, gold: { base: at(0.2), tuned: at(-0.4) } })).toMatch(/gold\) score fell.*reward hacking/);
    expect(text({ ...EVALUATION, gold: { base: at(0.2), tuned: at(0.25) } })).toContain('reward hacking');
  });

  it('sees repetition and texts that the base model would not write', () => {
    expect(text({ ...EVALUATION, distinct2: { base: 0.7, tuned: 0.3 } })).toContain('repeats itself');
    expect(text({ ...EVALUATION, referenceNll: { base: 2.4, tuned: 5 } })).toContain('very unlikely');
  });
});

describe('a win rate in words', () => {
  it('is a win only when the interval leaves half out', () => {
    expect(winReading({ value: 0.7, low: 0.58, high: 0.8, n: 60 }, 'You')).toBe('You preferred the tuned text 70 % of the time (60 decided, 95 % interval 58 % to 80 %): the tuned model wins.');
    expect(winReading({ value: 0.7, low: 0.4, high: 0.89, n: 10 }, 'You')).toContain('luck');
    expect(winReading({ value: 0.2, low: 0.1, high: 0.4, n: 30 }, 'You')).toContain('the base model wins');
  });
});

describe('a run in numbers', () => {
  it('averages the last quarter, and counts gold from the first iteration', () => {
    const history = [0, 1, 2, 3, 4, 5, 6, 8].map((kl, i) => ({ 'objective/kl': kl, gold: 1 + i }));
    expect(summarise(history)).toMatchObject({ kl: 7, goldGain: 6.5, reward: null });
  });

  it('has nothing to say of a run that has not begun', () => {
    expect(summarise([])).toEqual({ reward: null, kl: null, goldGain: null, distinct2: null, beta: null });
  });
});
