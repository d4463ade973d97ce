import { MOST_RESPONSES, type PairVerdict, type Strength, type Verdict } from './judgement';
import { quantile } from './quantile';
import type { Rule } from './rules';
import { words } from './rules/words';

/*
 * A labeler that follows a written rule and is sometimes wrong, like a person:
 * P(A ≻ B) = σ((g(A) − g(B)) / T), Bradley and Terry's model with the rule's
 * gold score g as the true reward and T as the noise. All kinds of judgement
 * have the same noise, so that what is learned from them can be compared.
 */

/**
 * What a labeler goes by: the rule's gold score and, where it has a weakness for
 * length, so much more for each word. A gold score is measured without it.
 * @param lengthBias in units of the gold score
 */
export function taste(rule: Rule, lengthBias = 0): (response: string) => number {
  return lengthBias === 0 ? (response) => rule.gold(response) : (response) => rule.gold(response) + lengthBias * words(response).length;
}

/** The weakness for length that sways a labeler `share` times as much as the rule does, by their spreads over these texts; 0 where one of them does not vary. */
export function lengthBiasOf(rule: Rule, responses: readonly string[], share: number): number {
  const spread = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  };
  const ofWords = spread(responses.map((response) => words(response).length));
  return ofWords === 0 ? 0 : (share * spread(responses.map((response) => rule.gold(response)))) / ofWords;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The inverse of σ: of a uniform draw, a draw from the logistic distribution. */
const logit = (p: number) => Math.log(p / (1 - p));

/**
 * The verdict on two responses with these gold scores. Equal scores are a tie:
 * the rule cannot tell them apart.
 * @param temperature T > 0, in units of the gold score; 0 never errs
 * @param uniform draws from [0, 1); called once for every verdict that is not a tie
 */
export function judgeByGold(goldFirst: number, goldSecond: number, temperature: number, uniform: () => number): PairVerdict {
  const gap = goldFirst - goldSecond;
  if (gap === 0) return 'tie';
  return uniform() < sigmoid(gap / temperature) ? 'first' : 'second';
}

/**
 * The same verdict from the same draw, with how strong the preference felt: its
 * noisy log-odds are (g₁ − g₂)/T plus logistic noise, whose sign is the verdict.
 * Slight below odds of 3 to 1, clear below 9 to 1, else by far. Ties have none.
 * @param uniform draws from (0, 1)
 */
export function judgeStrengthByGold(goldFirst: number, goldSecond: number, temperature: number, uniform: () => number): { verdict: PairVerdict; strength?: Strength } {
  const gap = goldFirst - goldSecond;
  if (gap === 0) return { verdict: 'tie' };
  const draw = uniform();
  const felt = Math.abs(gap / temperature - logit(draw));
  return { verdict: judgeByGold(goldFirst, goldSecond, temperature, () => draw), strength: felt < Math.log(3) ? 1 : felt < Math.log(9) ? 2 : 3 };
}

/**
 * A ranking by Plackett and Luce's model, of rewards g/T: in order of g plus T
 * times a draw from Gumbel's distribution (Yellott 1977), so that any two are
 * ordered as a pair would be. Equal scores share a draw and are tied.
 * @param uniform draws from (0, 1)
 * @returns places in `golds`, as those of a ranking verdict
 */
export function rankByGold(golds: readonly number[], temperature: number, uniform: () => number): number[][] {
  const felt = new Map<number, number>();
  for (const gold of golds) if (!felt.has(gold)) felt.set(gold, gold - temperature * Math.log(-Math.log(uniform())));
  const order = [...felt.keys()].sort((a, b) => felt.get(b)! - felt.get(a)!);
  return order.map((gold) => golds.flatMap((other, place) => (other === gold ? [place] : [])));
}

/**
 * How many of these bars a response is felt to clear, P(above t) = σ((g − t)/T)
 * for each from one and the same draw (the proportional odds of McCullagh 1980).
 * With the median as the one bar it is a thumb.
 * @param uniform draws from (0, 1)
 */
export function clearedByGold(gold: number, bars: readonly number[], temperature: number, uniform: () => number): number {
  const noise = temperature * logit(uniform());
  return bars.filter((bar) => gold - bar > noise).length;
}

/** What is usual among the texts that a rule judges, by which it judges each of them alone. */
export interface GoldBars {
  median: number;
  /** Four bars that part the texts into fifths. */
  fifths: readonly number[];
}

/** @param golds scores of all the texts, one at least */
export function goldBars(golds: readonly number[]): GoldBars {
  const sorted = Float64Array.from(golds).sort();
  return { median: quantile(sorted, 0.5), fifths: [0.2, 0.4, 0.6, 0.8].map((share) => quantile(sorted, share)) };
}

interface SimulatedForm {
  /** The fewest and the most responses that can be judged in it. */
  responses: readonly [number, number];
  /** Whether a text is judged by itself, against the median of all, and not against the others of its comparison. */
  alone: boolean;
  judge(golds: readonly number[], labeler: GoldBars & { temperature: number }, uniform: () => number): { verdict: Verdict; strength?: Strength };
}

/** The forms in which a rule can judge the responses of a comparison, by their gold scores. */
export const SIMULATED_FORMS = {
  pair: { responses: [2, 2], alone: false, judge: ([first, second], { temperature }, uniform) => ({ verdict: judgeByGold(first, second, temperature, uniform) }) },
  strength: { responses: [2, 2], alone: false, judge: ([first, second], { temperature }, uniform) => judgeStrengthByGold(first, second, temperature, uniform) },
  ranking: { responses: [2, MOST_RESPONSES], alone: false, judge: (golds, { temperature }, uniform) => ({ verdict: { kind: 'ranking', groups: rankByGold(golds, temperature, uniform) } }) },
  rating: {
    responses: [1, MOST_RESPONSES],
    alone: true,
    judge: (golds, { fifths, temperature }, uniform) => {
      const response = anyOf(golds, uniform);
      return { verdict: { kind: 'rating', response, criterion: 'quality', scale: '1 to 5', value: 1 + clearedByGold(golds[response], fifths, temperature, uniform) } };
    },
  },
  thumb: {
    responses: [1, MOST_RESPONSES],
    alone: true,
    judge: (golds, { median, temperature }, uniform) => {
      const response = anyOf(golds, uniform);
      return { verdict: { kind: 'thumb', response, up: clearedByGold(golds[response], [median], temperature, uniform) === 1 } };
    },
  },
} as const satisfies Record<string, SimulatedForm>;

export type SimulatedFormName = keyof typeof SIMULATED_FORMS;

/** Of several responses, one by chance. */
const anyOf = (golds: readonly number[], uniform: () => number) => (golds.length === 1 ? 0 : Math.floor(uniform() * golds.length));

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
