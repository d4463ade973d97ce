import { openLanguageModel, type LanguageModel } from '../../src/model/languageModel';
import { initWeights } from '../../src/model/parameters';
import { initRewardHead } from '../../src/model/scalarHead';
import { LEAN, type PpoSettings } from '../../src/rl/settings';
import { RandomStream } from '../../src/tensor/random';
import { TRAINING_PROMPTS } from '../../src/text/prompts';
import type { Surroundings } from './work';

export const PPO_SEED = 1;

/** A policy, a reward model on the same trunk, the preset, and one iteration's prompts. */
export interface PpoSetup {
  model: LanguageModel;
  reward: LanguageModel;
  settings: PpoSettings;
  prompts: readonly string[];
}

/** 'small': the shipped model in the lean preset. 'tiny': one layer of random weights and short rollouts, for many iterations. */
export async function ppoSetup(scale: 'small' | 'tiny', { asset }: Surroundings): Promise<PpoSetup> {
  const text = async (name: string) => new TextDecoder().decode(await asset(`models/small/${name}`));
  const shipped = openLanguageModel({
    config: await text('config.json'),
    tokenizer: await text('tokenizer.json'),
    weights: await asset('models/small/model.safetensors'),
  });
  const model = scale === 'small' ? shipped : shrunk(shipped);
  const head = initRewardHead(model.config.hidden_size, new RandomStream(PPO_SEED));
  // Short runs must not end at the cap on the KL, nor wind down.
  const settings: PpoSettings = { ...LEAN, kl: { ...LEAN.kl, cap: null }, learningRateSchedule: 'constant', ...(scale === 'tiny' && { batchSize: 4, responseLength: 8, epochs: 1 }) };
  return { model, reward: { ...model, weights: new Map([...model.weights, ...head]) }, settings, prompts: TRAINING_PROMPTS.slice(0, settings.batchSize) };
}

function shrunk({ config: shipped, tokenizer }: LanguageModel): LanguageModel {
  const config = { ...shipped, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2 };
  return { config, tokenizer, weights: initWeights(config, new RandomStream(PPO_SEED)) };
}
