import type { Aggregation } from '../reward/ensemble';
import type { JudgedText } from '../reward/rewardModel';
import { mixScores, type MeasuredMix } from '../rl/rewardMix';
import type { ModelShelf } from './modelShelf';
import { RewardScorer } from './rewardScorer';

/** What scores a run's texts, as its record has it: a reward model, a mix with a rule, or both. */
export interface RunReward {
  rewardModelId?: string;
  reward?: MeasuredMix;
}

/** Scores of texts in the base model's standard deviations; a reward model is on the device until `dispose`. `disagreement` is that of its members, before any mix. */
export type TextScorer = Pick<RewardScorer, 'score' | 'disagreement' | 'dispose'>;

/**
 * Null where nothing scores.
 * @param ensemble what is made of the reward model's members, where it has several
 * @param width see `scoreTexts`
 */
export async function openScorer(shelf: ModelShelf, { rewardModelId, reward }: RunReward, ensemble: Aggregation, width?: number): Promise<TextScorer | null> {
  const model = rewardModelId === undefined ? null : new RewardScorer(await shelf.reward(rewardModelId), width, ensemble);
  if (!reward) return model;
  return {
    get disagreement() {
      return model?.disagreement;
    },
    score: async (texts: readonly JudgedText[]) => mixScores(reward, texts.map(({ response }) => response), (await model?.score(texts)) ?? []),
    dispose: () => model?.dispose(),
  };
}
