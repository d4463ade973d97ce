import type { Expression } from './parser';
import { RuleValueError } from './ruleError';
import { FEATURES, FUNCTIONS, INFIX, TEXT_FUNCTIONS, type FeatureName } from './vocabulary';

/** A value beyond this, either way, is no score: float32 would hold little of what tells two of them apart. */
const LARGEST = 1e12;

/**
 * What a rule gives a text. Every step must come to a finite number; what `if`,
 * `and` and `or` don't need they don't compute. The same for the same text, always.
 * Throws {@link RuleValueError}.
 */
export function evaluateRule(rule: Expression, text: string): number {
  const plain = text.trim().toLowerCase();
  const features = new Map<FeatureName, number>();
  const valueOf = (step: Expression): number => {
    const value = compute(step);
    if (Number.isFinite(value)) return value;
    throw new RuleValueError(step.column, text);
  };
  const compute = (step: Expression): number => {
    switch (step.kind) {
      case 'number':
        return step.value;
      case 'feature':
        if (!features.has(step.name)) features.set(step.name, FEATURES[step.name].of(text));
        return features.get(step.name)!;
      case 'text':
        return TEXT_FUNCTIONS[step.name].of(plain, step.text.toLowerCase());
      case 'function': {
        const [first, second, third] = step.values;
        if (step.name === 'if') return valueOf(valueOf(first) !== 0 ? second : third);
        if (step.name === 'not') return Number(valueOf(first) === 0);
        if (step.name === 'negative') return -valueOf(first);
        const apply: (...values: number[]) => number = FUNCTIONS[step.name].of;
        return apply(...step.values.map(valueOf));
      }
      case 'infix': {
        const left = valueOf(step.left);
        if (step.name === 'and' && left === 0) return 0;
        if (step.name === 'or' && left !== 0) return 1;
        return INFIX[step.name].of(left, valueOf(step.right));
      }
    }
  };
  const score = valueOf(rule);
  if (Math.abs(score) > LARGEST) throw new RuleValueError(rule.column, text);
  return score;
}
