import { distinct2, repeatedNgrams } from '../text/diversity';
import { k1, k2, k3 } from './kl';
import { maskedMoments, validTokens } from './masked';
import type { Response } from './rollout';
import type { KlSettings } from './settings';
import type { MinibatchReport, UpdateReport } from './update';

/**
 * One PPO iteration in numbers, all over valid tokens only; names follow
 * openai/lm-human-preferences and TRL. Both clipfracs count tokens that have
 * left the clip range, |ρ − 1| > ε or |V − V_old| > ε, as openai/baselines does
 * for ρ; those two count only where the clipped loss is the larger, which is
 * never more. A metric that is undefined for an iteration (explained variance
 * of constant returns) or for an algorithm (a value without a value function) is
 * absent.
 */
export const METRIC_NAMES = [
  'objective/kl',
  'objective/kl_k2',
  'objective/kl_k3',
  'objective/kl_per_token',
  'objective/kl_coef',
  'objective/score_mean',
  'objective/score_std',
  'objective/score_disagreement',
  'objective/non_score_reward',
  'objective/rlhf_reward',
  'objective/entropy',
  'policy/approxkl_k2',
  'policy/approxkl_k3',
  'policy/clipfrac',
  'policy/ratio_mean',
  'policy/ratio_max',
  'policy/first_minibatch_max_ratio_error',
  'policy/skipped_minibatches',
  /** Largest difference between log π as the cached decoder drew a token and as the full pass finds it. */
  'policy/rollout_logprob_error',
  'loss/policy',
  'loss/value',
  /** The KL penalty where it stands in the loss, before β. */
  'loss/kl',
  'loss/total',
  'value/mean',
  'value/clipfrac',
  'value/explained_var',
  /** What REINFORCE expected of a text. */
  'adv/baseline',
  'adv/mean',
  'adv/std',
  /** 1 where the advantages were whitened, 0 where they were too few or it is switched off. */
  'adv/whitened',
  'grad_norm',
  'lr',
  'length_mean',
  'length_max',
  'eos_rate',
  'distinct_2',
  'repeat_ngram',
  'gold',
  'score_clip_frac',
  'time/rollout',
  'time/score',
  'time/train',
  'gpu/bytes',
  'gpu/dispatches',
  'episode',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

export type PpoMetrics = Partial<Record<MetricName, number>>;

/** Per-token arrays are flat [B · T], see masked.ts; per-response arrays [B]. */
export interface IterationFacts {
  logProbs: Float32Array;
  reference: Float32Array;
  entropy: Float32Array;
  values: Float32Array;
  /** Absent where there is no value function. */
  returns?: Float32Array;
  mask: Float32Array;
  scores: Float32Array;
  scoresClipped: number;
  advantageMean: number;
  advantageStd: number;
  advantagesWhitened: boolean;
  /** What REINFORCE expected; absent elsewhere. */
  baseline?: number;
  /** β of this iteration. */
  coefficient: number;
  /** Whether the rewards paid for the KL, or the loss does. */
  klPlace: KlSettings['place'];
  learningRate: number;
  responses: readonly Response[];
  /** Absent where the run stopped before its update. */
  update?: UpdateReport;
  gold?: readonly number[];
}

/** Mean KL of a response, in nats: Σ k1 over its valid tokens. */
export function meanKl(logProbs: Float32Array, reference: Float32Array, mask: Float32Array, responses: number): number {
  let sum = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) sum += k1(logProbs[i], reference[i]);
  return sum / responses;
}

/** Everything that follows from one iteration's numbers; clocks and counters of the device are the caller's. */
export function iterationMetrics(facts: IterationFacts): PpoMetrics {
  const { logProbs, reference, mask, values, returns, scores, update } = facts;
  const B = scores.length;
  const T = mask.length / B;
  const lengths = Array.from(scores, (_, row) => validTokens(mask, row, T));
  const tokens = lengths.reduce((a, b) => a + b, 0);
  const kl = meanKl(logProbs, reference, mask, B);
  const score = momentsOf(scores);
  const texts = facts.responses.map(({ text }) => text);
  const sumOf = (estimate: typeof k1) => logProbs.reduce((sum, logProb, i) => (mask[i] === 0 ? sum : sum + estimate(logProb, reference[i])), 0);

  const metrics: PpoMetrics = {
    'objective/kl': kl,
    'objective/kl_k2': sumOf(k2) / B,
    'objective/kl_k3': sumOf(k3) / B,
    'objective/kl_per_token': (kl * B) / tokens,
    'objective/kl_coef': facts.coefficient,
    'objective/score_mean': score.mean,
    'objective/score_std': Math.sqrt(score.variance),
    ...(facts.klPlace === 'reward' && {
      'objective/non_score_reward': -facts.coefficient * kl,
      'objective/rlhf_reward': score.mean - facts.coefficient * kl,
    }),
    'objective/entropy': maskedMoments(facts.entropy, mask).mean,
    'policy/rollout_logprob_error': rolloutError(logProbs, facts.responses, T),
    ...(returns && valueMetrics(values, returns, mask)),
    'adv/baseline': facts.baseline,
    'adv/mean': facts.advantageMean,
    'adv/std': facts.advantageStd,
    'adv/whitened': facts.advantagesWhitened ? 1 : 0,
    lr: facts.learningRate,
    length_mean: tokens / B,
    length_max: Math.max(...lengths),
    eos_rate: facts.responses.filter(({ hasEos }) => hasEos).length / B,
    distinct_2: distinct2(texts),
    repeat_ngram: repeatedNgrams(texts),
    gold: facts.gold && mean(facts.gold),
    score_clip_frac: facts.scoresClipped,
    ...(update && updateMetrics(update)),
  };
  return onlyFinite(metrics);
}

/** Near rounding where decoding and training agree about the model: wrong positions, a stale cache or another temperature show here first. */
function rolloutError(logProbs: Float32Array, responses: readonly Response[], T: number): number {
  return responses.reduce((largest, drawn, row) => drawn.logProbs.reduce((most, logProb, t) => Math.max(most, Math.abs(logProb - logProbs[row * T + t])), largest), 0);
}

function valueMetrics(values: Float32Array, returns: Float32Array, mask: Float32Array): PpoMetrics {
  const errors = returns.map((value, i) => value - values[i]);
  const returnVariance = maskedMoments(returns, mask).variance;
  return {
    'value/mean': maskedMoments(values, mask).mean,
    'value/explained_var': returnVariance === 0 ? undefined : 1 - maskedMoments(errors, mask).variance / returnVariance,
  };
}

function updateMetrics({ minibatches, gradientNorms, skipped }: UpdateReport): PpoMetrics {
  const meanOf = (name: keyof MinibatchReport) => mean(minibatches.map((minibatch) => minibatch[name]).filter((value) => value !== undefined));
  return {
    'policy/approxkl_k2': meanOf('approxKl2'),
    'policy/approxkl_k3': meanOf('approxKl3'),
    'policy/clipfrac': meanOf('clipFraction'),
    'policy/ratio_mean': meanOf('ratioMean'),
    'policy/ratio_max': Math.max(...minibatches.map(({ ratioMax }) => ratioMax)),
    'policy/first_minibatch_max_ratio_error': minibatches[0]?.ratioError,
    'policy/skipped_minibatches': skipped,
    'loss/policy': meanOf('policyLoss'),
    'loss/value': meanOf('valueLoss'),
    'loss/kl': meanOf('klLoss'),
    'loss/total': meanOf('totalLoss'),
    'value/clipfrac': meanOf('valueClipFraction'),
    grad_norm: mean(gradientNorms),
  };
}

function momentsOf(values: Float32Array) {
  return maskedMoments(values, new Float32Array(values.length).fill(1));
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length;
}

/** A metric that is not a number is absent: charts and stores then need no special case. */
function onlyFinite(metrics: PpoMetrics): PpoMetrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}
