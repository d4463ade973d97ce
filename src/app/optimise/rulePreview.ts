import { evaluateRule } from '../../text/rule/evaluate';
import type { Expression } from '../../text/rule/parser';
import { RuleValueError } from '../../text/rule/ruleError';

/** What a rule makes of some texts. */
export interface RulePreview {
  mean: number;
  /** Standard deviation, biased as the run's own measure is. */
  spread: number;
  /** Each text with its value, the highest first. */
  ranked: { text: string; value: number }[];
}

/** A text for which a rule has no value: what is wrong, as a sentence. */
export type NoPreview = { fault: string };

/** Try a rule on at least one text. */
export function previewRule(rule: Expression, texts: readonly string[]): RulePreview | NoPreview {
  try {
    const ranked = texts.map((text) => ({ text, value: evaluateRule(rule, text) })).sort((a, b) => b.value - a.value);
    const mean = ranked.reduce((sum, { value }) => sum + value, 0) / ranked.length;
    const spread = Math.sqrt(ranked.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / ranked.length);
    return { mean, spread, ranked };
  } catch (error) {
    if (error instanceof RuleValueError) return { fault: error.message };
    throw error;
  }
}
