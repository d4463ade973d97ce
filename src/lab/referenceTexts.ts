import type { LanguageModel } from '../model/languageModel';
import { disposeParameters, toParameters } from '../model/parameters';
import type { JudgedText } from '../reward/rewardModel';
import { sampleResponses, type RolloutSettings } from '../rl/rollout';
import { RandomStream } from '../tensor/random';
import { TRAINING_PROMPTS } from '../text/prompts';
import type { BpeTokenizer } from '../text/bpe';
import { LEAN, type PpoSettings } from './protocol';
import { promptsOfIteration } from './runPrompts';
import type { Work } from './work';

interface Sampling {
  prompts: readonly string[];
  settings: RolloutSettings & Pick<PpoSettings, 'batchSize'>;
  count: number;
  seed: number;
}

/** Samples of the base model, written and cut as a run's rollouts are: what gain and bias of a reward are set on. Throws PromptTooLongError. */
export async function sampleReference({ config, tokenizer, weights }: LanguageModel, { prompts, settings, count, seed }: Sampling, work: Work): Promise<JudgedText[]> {
  const texts: JudgedText[] = [];
  const parameters = toParameters(weights);
  try {
    for (let batch = 0; texts.length < count; batch++) {
      const random = new RandomStream(seed).fork(`normalisation ${batch}`).state();
      const { responses } = await sampleResponses({ parameters, config, tokenizer }, promptsOfIteration(prompts, seed, batch, settings.batchSize), settings, random);
      for (const { prompt, text } of responses) texts.push({ prompt, response: text });
      work.progress('Sampling the base model', Math.min(texts.length, count), count);
      await work.breathe();
    }
  } finally {
    disposeParameters(parameters);
  }
  return texts.slice(0, count);
}

/** How a run writes by default, with room for all of the lab's openings. */
export function usualSampling(tokenizer: BpeTokenizer): Pick<Sampling, 'prompts' | 'settings'> {
  const promptLength = Math.max(...TRAINING_PROMPTS.map((prompt) => tokenizer.encode(prompt).length)) + 1;
  return { prompts: TRAINING_PROMPTS, settings: { ...LEAN, promptLength } };
}
