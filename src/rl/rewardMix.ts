import { normalisation } from '../reward/normalisation';
import { evaluateRule } from '../text/rule/evaluate';
import { parseRule } from '../text/rule/parser';
import { RuleValueError } from '../text/rule/ruleError';
import { FEATURES } from '../text/rule/vocabulary';
import { LEAN } from './settings';

/*
 * A reward that a person puts together: of a reward model's score, the length
 * of a response in words, and a written rule. Weights say how much each counts
 * beside the others, in units of its own spread over the base model's texts. The
 * sum is then normalised over the same texts, as a reward model alone is (Ziegler
 * et al. 2019, §2.1): mean 0, standard deviation 1, so that β keeps its meaning.
 */

/** Parts of a reward; negative weights punish. */
export type RewardPart = 'model' | 'length' | 'rule';

export interface RewardMix {
  /** Weight 0 leaves a part out. */
  weights: Record<RewardPart, number>;
  /** Source of the rule, see text/rule; '' where it is left out. */
  rule: string;
}

/** A mix with what the base model's texts made of it: score = model · the reward model's score + length · words + rule · the rule's value + constant. */
export interface MeasuredMix extends RewardMix {
  coefficients: Record<RewardPart | 'constant', number>;
}

/** Score of a text for which the rule has no value, whatever its other parts: the lowest that runs let through by default. */
export const NO_VALUE_SCORE = -LEAN.scoreClip;

/**
 * Set the coefficients of a mix on texts of the base model. A part, or a sum, that
 * is the same for all texts is only shifted to 0.
 *
 * @param modelScores the reward model's, in the texts' order; empty where it has no part
 * @throws RuleError, and RuleValueError where the rule has no value for one of the texts
 */
export function measureMix(mix: RewardMix, responses: readonly string[], modelScores: ArrayLike<number>): MeasuredMix {
  const { weights } = mix;
  const values: Record<RewardPart, Float32Array> = {
    model: Float32Array.from(weights.model === 0 ? responses.map(() => 0) : Array.from(modelScores)),
    length: Float32Array.from(responses, FEATURES.words.of),
    rule: Float32Array.from(weights.rule === 0 ? responses.map(() => 0) : ruleValues(mix, responses)),
  };
  const parts = (['model', 'length', 'rule'] as const).map((part) => ({ part, weight: weights[part], ...normalisation(values[part]) }));
  const sums = Float32Array.from(responses, (_, i) => parts.reduce((sum, { part, weight, gain, bias }) => sum + weight * (gain * values[part][i] + bias), 0));
  const whole = normalisation(sums);
  const coefficients = { model: 0, length: 0, rule: 0, constant: whole.bias };
  for (const { part, weight, gain, bias } of parts) {
    coefficients[part] = whole.gain * weight * gain;
    coefficients.constant += whole.gain * weight * bias;
  }
  return { ...mix, coefficients };
}

/** Scores of responses by a measured mix, each in the base model's standard deviations; {@link NO_VALUE_SCORE} where the rule has no value. */
export function mixScores(mix: MeasuredMix, responses: readonly string[], modelScores: ArrayLike<number>): Float32Array {
  const { model, length, rule, constant } = mix.coefficients;
  const parsed = rule === 0 ? null : parseRule(mix.rule);
  return Float32Array.from(responses, (response, i) => {
    const value = parsed && ruleValue(parsed, response);
    if (Number.isNaN(value)) return NO_VALUE_SCORE;
    return (model === 0 ? 0 : model * modelScores[i]) + length * FEATURES.words.of(response) + rule * (value ?? 0) + constant;
  });
}

function ruleValues({ rule }: RewardMix, responses: readonly string[]): number[] {
  const parsed = parseRule(rule);
  return responses.map((response) => evaluateRule(parsed, response));
}

/** NaN where there is none. */
function ruleValue(rule: ReturnType<typeof parseRule>, response: string): number {
  try {
    return evaluateRule(rule, response);
  } catch (error) {
    if (error instanceof RuleValueError) return NaN;
    throw error;
  }
}
