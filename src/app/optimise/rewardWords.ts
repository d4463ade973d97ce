import type { MeasuredMix, RewardMix } from '../../lab/protocol';
import type { RunRecord } from '../../store/schema';

type Rewarded = Pick<RunRecord, 'rewardModelId' | 'reward'>;

/** Who gives a run's texts their score, in a word for a sentence: "the … is pleased". */
export function scoredBy({ rewardModelId, reward }: Rewarded): string {
  if (!reward) return 'reward model';
  const { weights } = reward as RewardMix;
  return rewardModelId === undefined && weights.length === 0 ? 'rule' : 'mixed reward';
}

/** What a run's texts are scored by, each part with its weight where there are several: "Cheerful (1), length (−0.5) and the rule “repeats” (−2)". */
export function rewardedBy({ rewardModelId, reward }: Rewarded, nameOf: (modelId: string | undefined) => string): string {
  if (!reward) return nameOf(rewardModelId);
  const { weights, rule } = reward as MeasuredMix;
  const parts = [
    { weight: weights.model, name: () => nameOf(rewardModelId) },
    { weight: weights.length, name: () => 'length' },
    { weight: weights.rule, name: () => `the rule “${rule}”` },
  ].filter(({ weight }) => weight !== 0);
  const named = parts.map(({ weight, name }) => (parts.length === 1 && weight > 0 ? name() : `${name()} (${String(weight).replace('-', '−')})`));
  return [named.slice(0, -1).join(', '), named.at(-1)].filter(Boolean).join(' and ');
}
