import type { Verdict } from './judgement';

/*
 * A labeler that follows a written rule and is sometimes wrong, like a person:
 * P(A ≻ B) = σ((g(A) − g(B)) / T), Bradley and Terry's model with the rule's
 * gold score g as the true reward and T as the noise.
 */

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * The verdict on two responses with these gold scores. Equal scores are a tie:
 * the rule cannot tell them apart.
 * @param temperature T > 0, in units of the gold score; 0 never errs
 * @param uniform draws from [0, 1); called once for every verdict that is not a tie
 */
export function judgeByGold(goldFirst: number, goldSecond: number, temperature: number, uniform: () => number): Verdict {
  const gap = goldFirst - goldSecond;
  if (gap === 0) return 'tie';
  return uniform() < sigmoid(gap / temperature) ? 'first' : 'second';
}

/**
 * The best accuracy that any model of this labeler can expect on pairs with
 * these gold gaps, ties left out: E[σ(|Δ| / T)]. Null where every pair is a tie.
 */
export function bayesCeiling(gaps: readonly number[], temperature: number): number | null {
  return meanOverDecided(gaps, (gap) => sigmoid(Math.abs(gap) / temperature));
}

/**
 * How often this labeler would give the same verdict twice on pairs with these
 * gold gaps, ties left out: E[p² + (1 − p)²] with p = σ(Δ / T). Null where every
 * pair is a tie.
 */
export function expectedSelfAgreement(gaps: readonly number[], temperature: number): number | null {
  return meanOverDecided(gaps, (gap) => sigmoid(gap / temperature) ** 2 + sigmoid(-gap / temperature) ** 2);
}

function meanOverDecided(gaps: readonly number[], of: (gap: number) => number): number | null {
  const decided = gaps.filter((gap) => gap !== 0);
  return decided.length === 0 ? null : decided.reduce((sum, gap) => sum + of(gap), 0) / decided.length;
}

/** A share of right answers such as careful people reach on clear tasks, and room for a model to be wrong by itself. */
export const CALIBRATED_CEILING = 0.875;

/**
 * The temperature at which the Bayes ceiling on pairs with these gold gaps is
 * `ceiling`, by bisection; it falls from 1 at T = 0 to ½ at T = ∞.
 * @throws RangeError where every pair is a tie, or the ceiling is outside (½, 1)
 */
export function calibrateTemperature(gaps: readonly number[], ceiling: number = CALIBRATED_CEILING): number {
  if (!(ceiling > 0.5 && ceiling < 1)) throw new RangeError(`A ceiling of ${ceiling} cannot be reached: it lies between ½ and 1.`);
  const widest = Math.max(0, ...gaps.map(Math.abs));
  if (widest === 0) throw new RangeError('The rule finds every pair equal, so no temperature fits. Take another rule, or sample more pairs.');
  // At T = gap / logit(c) a pair has the ceiling c; the widest pair's T is an upper bound for all.
  let low = 0;
  let high = widest / Math.log(ceiling / (1 - ceiling));
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (bayesCeiling(gaps, middle)! > ceiling) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
