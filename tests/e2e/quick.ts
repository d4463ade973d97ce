import type { Page } from '@playwright/test';
import type { PpoSettings, RewardSettings, SamplingOptions } from '../../src/lab/protocol';
import { REWARD_DEFAULTS } from '../../src/reward/settings';
import { LEAN } from '../../src/rl/settings';
import { send } from './lab';

/* Settings that keep a test short; what they leave out is as people get it. */

export const QUICK_SAMPLING: SamplingOptions = { maxNewTokens: 8, temperature: 1, seed: 1 };

export const QUICK_REWARD: RewardSettings = { ...REWARD_DEFAULTS, epochs: 1, batchSize: 8, normalisationSamples: 16 };

export const QUICK_PPO: PpoSettings = {
  ...LEAN,
  iterations: 4,
  batchSize: 4,
  promptLength: 64,
  responseLength: 8,
  epochs: 1,
  checkpointEvery: 1,
};

/** Twelve pairs judged by a rule and a reward model made of them, by commands alone: what a run needs. */
export async function prepareReward(page: Page, prompts?: string[]): Promise<{ baseModelId: string; rewardModelId: string }> {
  const { shipped } = await send(page, 'start', {});
  const baseModelId = shipped[0].id;
  const { datasetId } = await send(page, 'createDataset', { name: 'pairs', seed: 1, modelId: baseModelId });
  await send(page, 'sampleComparisons', { datasetId, modelId: baseModelId, count: 12, prompts, options: QUICK_SAMPLING, cut: QUICK_PPO.cut });
  await send(page, 'labelWithRule', { datasetId, rule: 'long-words', temperature: 0.1, seed: 1 });
  const { modelId } = await send(page, 'trainReward', { datasetId, baseModelId, name: 'reward', settings: QUICK_REWARD });
  return { baseModelId, rewardModelId: modelId };
}
