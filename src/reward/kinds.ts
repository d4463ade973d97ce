import { add, mul, square, stack, sum, tensor1d, tensor2d, type Scalar, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { PairVerdict } from '../feedback/judgement';
import { raterKey } from '../feedback/judgementState';
import type { Parameters, Weights } from '../model/parameters';
import { bothBadLosses } from './losses/bothBad';
import { davidsonLosses } from './losses/davidson';
import { handicapped, pairLosses } from './losses/pair';
import { plackettLuceLosses, subsetWeights } from './losses/plackettLuce';
import { raoKupperLosses } from './losses/raoKupper';
import { ratingLosses, standardised } from './losses/rating';
import { thumbsLosses } from './losses/thumbs';
import type { Kind, Preference } from './preference';
import type { Ranking } from './ranking/rankingTerms';
import type { RewardSettings } from './settings';

/*
 * How each kind of judgement is learned from: its target, and the loss of its
 * texts' scores. The idea of one such map is that of openai/lm-human-preferences,
 * `label_types.py` (Ziegler et al. 2019).
 */

/** The target probability that the first response is better: ties, and pairs where both are bad, are soft. */
export const LABELS: Record<PairVerdict, number> = { first: 1, second: 0, tie: 0.5, 'both-bad': 0.5 };

export interface Targets {
  /** `strength` is 0 where nobody said how much better; `bothBad` is 1 or 0. */
  pair: { label: number; strength: number; bothBad: number };
  ranking: Ranking;
  /** In standard deviations from the mean of those by the same rater, criterion and scale. */
  rating: number;
  /** 1 for up, 0 for down. */
  thumb: number;
}

export type Target = { [K in Kind]: { kind: K; target: Targets[K] } }[Kind];

/** What is to be learned from each of these judgements. */
export function targetsOf(preferences: readonly Preference[]): Target[] {
  const given = preferences.map(({ verdict, rater }) =>
    typeof verdict === 'object' && verdict.kind === 'rating' ? [{ rater: JSON.stringify([rater && raterKey(rater), verdict.criterion, verdict.scale]), value: verdict.value }] : [],
  );
  const ratings = standardised(given.flat()).values();
  return preferences.map((preference): Target => {
    const { verdict, strength = 0 } = preference;
    if (typeof verdict === 'string') return { kind: 'pair', target: { label: LABELS[verdict], strength, bothBad: Number(verdict === 'both-bad') } };
    switch (verdict.kind) {
      case 'rewrite':
        return { kind: 'pair', target: { label: LABELS.first, strength: 0, bothBad: 0 } };
      case 'ranking':
        return { kind: 'ranking', target: verdict };
      case 'rating':
        return { kind: 'rating', target: ratings.next().value! };
      case 'thumb':
        return { kind: 'thumb', target: Number(verdict.up) };
    }
  });
}

export type LossSettings = Pick<RewardSettings, 'ties' | 'bothBad' | 'margin' | 'centring'>;

/** Numbers that are learned beside the model, because scores alone cannot say them. */
export interface Thresholds {
  /** How readily two responses are called a tie; its meaning is that of the chosen loss. */
  tie?: Scalar;
  /** The score of a response that is neither good nor bad. */
  zero?: Scalar;
}

/** The thresholds that these kinds need, by the names that they have among the parameters; all begin at 0. */
export function initThresholds(kinds: readonly Kind[], { ties, bothBad }: LossSettings): Weights {
  const pairs = kinds.includes('pair');
  const names = [...(pairs && ties !== 'soft' ? ['score.tie'] : []), ...(kinds.includes('thumb') || (pairs && bothBad === 'zero') ? ['score.zero'] : [])];
  return new Map(names.map((name) => [name, { shape: [], data: new Float32Array(1) }]));
}

export const thresholdsOf = (parameters: Parameters): Thresholds => ({
  tie: parameters.get('score.tie') as unknown as Scalar | undefined,
  zero: parameters.get('score.zero') as unknown as Scalar | undefined,
});

/**
 * Losses of N judgements of a kind, [N], from the scores of their first texts,
 * their second, and so on, each [N]. Where scores are only compared with each
 * other, centring·(2·mean score)² holds them near 0: centring·(r₁ + r₂)² of a
 * pair (Eisenstein et al. 2023).
 */
export const LOSSES: { [K in Kind]: (scores: readonly Tensor1D[], targets: readonly Targets[K][], settings: LossSettings, thresholds: Thresholds) => Tensor1D } = {
  pair([first, second], targets, { ties, bothBad, margin, centring }, { tie, zero }) {
    const labels = tensor1d(targets.map(({ label }) => label));
    const ahead = margin > 0 ? handicapped(first, labels, tensor1d(targets.map(({ strength }) => margin * strength))) : first;
    const judged = ties === 'soft' ? pairLosses(ahead, second, labels) : (ties === 'davidson' ? davidsonLosses : raoKupperLosses)(ahead, second, labels, tie!);
    const losses = add(judged, mul(centring, square(add(first, second)))) as Tensor1D;
    return bothBad === 'tie' ? losses : add(losses, mul(tensor1d(targets.map((target) => target.bothBad)), bothBadLosses(first, second, zero!)));
  },
  ranking(columns, rankings, { centring }) {
    const scores = stack([...columns], 1) as Tensor2D;
    const named = rankings.map(({ groups }) => groups.flat());
    const shares = tensor2d(named.map((places) => columns.map((_, place) => (places.includes(place) ? 2 / places.length : 0))));
    return add(plackettLuceLosses(scores, subsetWeights(rankings, columns.length)), mul(centring, square(sum(mul(scores, shares), 1))));
  },
  rating: ([scores], targets) => ratingLosses(scores, tensor1d([...targets])),
  thumb: ([scores], labels, _, { zero }) => thumbsLosses(scores, tensor1d([...labels]), zero!),
};

/** {@link LOSSES} of judgements that are all of this kind. */
export function lossesOf(kind: Kind, scores: readonly Tensor1D[], judged: readonly Target[], settings: LossSettings, thresholds: Thresholds): Tensor1D {
  const losses = LOSSES[kind] as (scores: readonly Tensor1D[], targets: readonly Target['target'][], settings: LossSettings, thresholds: Thresholds) => Tensor1D;
  return losses(scores, judged.map(({ target }) => target), settings, thresholds);
}
