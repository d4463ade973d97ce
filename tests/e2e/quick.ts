import type { PpoSettings, RewardSettings, SamplingOptions } from '../../src/lab/protocol';
import { REWARD_DEFAULTS } from '../../src/reward/settings';
import { LEAN } from '../../src/rl/settings';

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
