import type { LanguageModel } from '../model/languageModel';
import { measureMix, type MeasuredMix, type RewardMix } from '../rl/rewardMix';
import type { ModelShelf } from './modelShelf';
import { REWARD_DEFAULTS, type PpoSettings } from './protocol';
import { sampleReference } from './referenceTexts';
import { runPrompts } from './runPrompts';
import { openScorer } from './runScorer';
import type { Work } from './work';

interface NewReward {
  mix: RewardMix;
  rewardModelId: string | undefined;
  settings: PpoSettings;
  prompts: string[] | undefined;
  seed: number;
}

/**
 * Measure a mix on what the base model writes where the run will write: once, before
 * it begins, and kept in its record, so that a resumed run scores as before. Throws
 * RuleValueError where the rule has no value for one of these texts.
 */
export async function measureReward(shelf: ModelShelf, base: LanguageModel, { mix, rewardModelId, settings, prompts, seed }: NewReward, work: Work): Promise<MeasuredMix> {
  const { training } = runPrompts({ prompts });
  const texts = await sampleReference(base, { prompts: training, settings, count: REWARD_DEFAULTS.normalisationSamples, seed }, work);
  const scorer = await openScorer(shelf, { rewardModelId }, settings.ensemble);
  try {
    return measureMix(mix, texts.map(({ response }) => response), (await scorer?.score(texts)) ?? []);
  } finally {
    scorer?.dispose();
  }
}
