import { sigmoid, softplus } from '../logistic';
import { minimise, type Expansion } from './newton';
import { checkPrior, PRIOR } from './prior';
import { checkItems } from './rankingTerms';

/** A judged pair of items. */
export interface JudgedPair {
  /** Two different numbers from 0 to items − 1. */
  first: number;
  second: number;
  /** 1 where the first is better, 0 where the second is, ½ for a tie (`LABELS`). */
  label: number;
}

/** What a tie is: half a win each; or a verdict with a chance of its own, as Rao and Kupper or Davidson have it. */
export type TieModel = 'half' | 'rao-kupper' | 'davidson';

export interface BradleyTerryFit {
  /** In log-odds: the first is better with chance σ(score₁ − score₂) where ties are half wins. */
  scores: Float64Array;
  /** θ of Rao and Kupper, from 1 (never ties) on; ν of Davidson, from 0 on; null where ties are half wins. */
  tie: number | null;
  /** log-likelihood of the judgements, without the prior. */
  logLikelihood: number;
  iterations: number;
}

/**
 * Scores of items under Bradley and Terry's model (1952) with a normal prior: the
 * minimum of −log-likelihood + ½·prior·Σ score², which is unique. The readiness to
 * tie is fitted with them where the model has one, as log ν or log(θ² − 1), under
 * the same prior. The losses of the same names say the formulas. Throws FitError,
 * RankingError where a pair names an item that is not there, and RangeError for a
 * prior that is not above 0.
 */
export function fitBradleyTerry(
  pairs: readonly JudgedPair[],
  items: number,
  { ties = 'half', prior = PRIOR }: { ties?: TieModel; prior?: number } = {},
): BradleyTerryFit {
  checkPrior(prior);
  for (const { first, second } of pairs) checkItems([first, second], items);
  const model = MODELS[ties];
  const expand = (x: Float64Array): Expansion => {
    const tie = x[items];
    const bends = pairs.map(({ first, second, label }) => model(x[first] - x[second], tie, label));
    const gradient = x.map((value) => prior * value);
    let value = x.reduce((sum, one) => sum + (prior / 2) * one ** 2, 0);
    bends.forEach((bend, n) => {
      const { first, second } = pairs[n];
      value += bend.value;
      gradient[first] += bend.gap;
      gradient[second] -= bend.gap;
      gradient[items] += bend.tie;
    });
    const curve = (v: Float64Array) => {
      const curved = v.map((one) => prior * one);
      bends.forEach((bend, n) => {
        const { first, second } = pairs[n];
        const along = v[first] - v[second];
        const pull = bend.gapGap * along + bend.gapTie * v[items];
        curved[first] += pull;
        curved[second] -= pull;
        curved[items] += bend.gapTie * along + bend.tieTie * v[items];
      });
      return curved;
    };
    return { value, gradient, curve };
  };
  const { x, iterations } = minimise(expand, new Float64Array(items + 1));
  const surprise = pairs.reduce((sum, { first, second, label }) => sum + model(x[first] - x[second], x[items], label).value, 0);
  return { scores: x.slice(0, items), tie: TIE_PARAMETERS[ties](x[items]), logLikelihood: -surprise, iterations };
}

/** −log-likelihood of one pair, with its slopes and curvatures in the gap of scores and in the readiness to tie. */
interface Bend {
  value: number;
  gap: number;
  tie: number;
  gapGap: number;
  gapTie: number;
  tieTie: number;
}

const TIE_PARAMETERS: Record<TieModel, (tie: number) => number | null> = {
  half: () => null,
  'rao-kupper': (tie) => Math.sqrt(1 + Math.exp(tie)),
  davidson: Math.exp,
};

const MODELS: Record<TieModel, (gap: number, tie: number, label: number) => Bend> = {
  half(gap, _tie, label) {
    const p = sigmoid(gap);
    return { value: softplus(gap) - label * gap, gap: p - label, tie: 0, gapGap: p * (1 - p), gapTie: 0, tieTie: 0 };
  },
  'rao-kupper'(gap, tie, label) {
    const threshold = softplus(tie) / 2;
    const [slope, bend] = [sigmoid(tie) / 2, (sigmoid(tie) * sigmoid(-tie)) / 2];
    const [ahead, behind] = [label > 0 ? 1 : 0, label < 1 ? 1 : 0];
    const tied = ahead * behind;
    const a = ahead * sigmoid(threshold - gap);
    const b = behind * sigmoid(threshold + gap);
    const [bendA, bendB] = [a * (1 - a), b * (1 - b)];
    return {
      value: ahead * softplus(threshold - gap) + behind * softplus(threshold + gap) - tied * tie,
      gap: b - a,
      tie: (a + b) * slope - tied,
      gapGap: bendA + bendB,
      gapTie: (bendB - bendA) * slope,
      tieTie: (bendA + bendB) * slope ** 2 + (a + b) * bend,
    };
  },
  davidson(gap, tie, label) {
    const top = Math.max(Math.abs(gap) / 2, tie);
    const [ahead, behind, tied] = [gap / 2, -gap / 2, tie].map((exponent) => Math.exp(exponent - top));
    const all = ahead + behind + tied;
    const [lead, equal] = [(ahead - behind) / all, tied / all];
    const isTie = label === 0.5 ? 1 : 0;
    return {
      value: top + Math.log(all) - ((2 * label - 1) * gap) / 2 - isTie * tie,
      gap: (lead - (2 * label - 1)) / 2,
      tie: equal - isTie,
      gapGap: (1 - equal - lead ** 2) / 4,
      gapTie: (-equal * lead) / 2,
      tieTie: equal * (1 - equal),
    };
  },
};
