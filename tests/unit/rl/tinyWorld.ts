import type { LanguageModel } from '../../../src/model/languageModel';
import { LEAN, type PpoSettings } from '../../../src/rl/settings';
import { BpeTokenizer, END_OF_TEXT, PADDING } from '../../../src/text/bpe';
import { sharpWeights, TINY } from '../model/tinyModel';

/** One token a character: small letters, full stop, exclamation mark, space and quotation mark. */
export function letterTokenizer(): BpeTokenizer {
  const letters = [...'abcdefghijklmnopqrstuvwxyz', '.', '!', 'Ġ', '"'];
  return new BpeTokenizer({ tokens: [PADDING, END_OF_TEXT, ...letters], merges: [], special: [PADDING, END_OF_TEXT] });
}

export function tinyModel(seed = 1): LanguageModel {
  return { config: TINY, tokenizer: letterTokenizer(), weights: sharpWeights(TINY, seed) };
}

/** LEAN at a size that takes a processor milliseconds. */
export const TINY_PPO: PpoSettings = {
  ...LEAN,
  batchSize: 6,
  promptLength: 5,
  responseLength: 7,
  iterations: 6,
  cut: { at: 'sentence', afterTokens: 3 },
  learningRate: 3e-3,
};

export const PROMPTS = ['a', 'bc', 'the', 'i am', 'no', 'z'];

/** A reward that a policy can learn: the share of vowels. */
export async function vowels(texts: readonly { response: string }[]): Promise<number[]> {
  return texts.map(({ response }) => (response.match(/[aeiou]/g)?.length ?? 0) - 1);
}
