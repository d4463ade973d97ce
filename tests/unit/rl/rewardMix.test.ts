import { describe, expect, it } from 'vitest';
import { measureMix, mixScores, NO_VALUE_SCORE, type RewardMix } from '../../../src/rl/rewardMix';
import { RuleError, RuleValueError } from '../../../src/text/rule/ruleError';

const TEXTS = ['one', 'one two?', 'one two three', 'one two three four? Why?', 'a b c d e f g'];
const MODEL = [0.3, -1.2, 0.8, 2.1, -0.4];
const WORDS = [1, 2, 3, 5, 7];
const QUESTIONS = [0, 1, 0, 2, 0];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const std = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const standardised = (values: readonly number[]) => values.map((value) => (value - mean(values)) / std(values));

const mix = (weights: Partial<RewardMix['weights']>, rule = ''): RewardMix => ({ weights: { model: 0, length: 0, rule: 0, ...weights }, rule });

describe('a mixed reward', () => {
  it('is the weighted sum of standardised parts, standardised again over the base model’s texts', () => {
    const measured = measureMix(mix({ model: 1, length: -0.5, rule: 2 }, '10 * questions'), TEXTS, MODEL);
    const [m, l, r] = [MODEL, WORDS, QUESTIONS].map(standardised);
    const expected = standardised(m.map((_, i) => m[i] - 0.5 * l[i] + 2 * r[i]));
    const scores = Array.from(mixScores(measured, TEXTS, MODEL));
    scores.forEach((score, i) => expect(score).toBeCloseTo(expected[i], 5));
    expect(mean(scores)).toBeCloseTo(0, 5);
    expect(std(scores)).toBeCloseTo(1, 5);
  });

  it('keeps its units for texts that it was not measured on', () => {
    const measured = measureMix(mix({ rule: 1 }, 'questions'), TEXTS, []);
    const [score] = mixScores(measured, ['????'], []);
    expect(score).toBeCloseTo((4 - mean(QUESTIONS)) / std(QUESTIONS), 5);
  });

  it('does not depend on the scale of its rule, nor of all its weights together', () => {
    const scores = (rule: string, factor: number) => Array.from(mixScores(measureMix(mix({ model: factor, rule: 3 * factor }, rule), TEXTS, MODEL), TEXTS, MODEL));
    scores('questions', 1).forEach((score, i) => expect(scores('1000 * questions + 7', 0.2)[i]).toBeCloseTo(score, 4));
  });

  it('turns round with the sign of its only weight', () => {
    const scores = (weight: number) => Array.from(mixScores(measureMix(mix({ length: weight }), TEXTS, []), TEXTS, []));
    scores(-1).forEach((score, i) => expect(score).toBeCloseTo(-scores(1)[i], 5));
  });

  it('of a rule that likes all texts the same is shifted to 0 and not blown up', () => {
    const measured = measureMix(mix({ rule: 1 }, '5 + has("dragon")'), TEXTS, []);
    expect(Array.from(mixScores(measured, [...TEXTS, 'a dragon'], []))).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it('gives the lowest score where the rule has no value, and is not measured on such a text', () => {
    const rule = '1 / (words - 4)';
    const measured = measureMix(mix({ model: 1, rule: 1 }, rule), TEXTS, MODEL);
    expect(mixScores(measured, ['a b c d', 'a'], [100, 0])[0]).toBe(NO_VALUE_SCORE);
    expect(NO_VALUE_SCORE).toBe(-10);
    expect(() => measureMix(mix({ rule: 1 }, rule), [...TEXTS, 'a b c d'], [])).toThrow(RuleValueError);
    expect(() => measureMix(mix({ rule: 1 }, 'words +'), TEXTS, [])).toThrow(RuleError);
  });
});
