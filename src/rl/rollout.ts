import { generate } from '../model/decoding';
import type { ModelConfig } from '../model/config';
import type { Parameters } from '../model/parameters';
import type { BpeTokenizer } from '../text/bpe';
import { endsSentence } from '../text/sentence';
import { cutResponse } from './cut';
import { TOP_K } from './mistakes';
import { encodePrompts } from './promptTokens';
import type { PpoSettings } from './settings';

/** A language model on the device. */
export interface Writer {
  parameters: Parameters;
  config: ModelConfig;
  tokenizer: BpeTokenizer;
}

/** A prompt, what the policy answered, and the part of it that is judged and scored. */
export interface Response {
  prompt: string;
  /** Begun by the bos token. */
  promptTokens: number[];
  /** Up to and including the end-of-sequence token where there is one. */
  tokens: number[];
  /** log π of each as the decoder drew it, in nats. */
  logProbs: number[];
  /** The cut response; tokens beyond the cut still pay for their KL. */
  text: string;
  /** Whether the cut response ended by itself. */
  ended: boolean;
  hasEos: boolean;
}

export type RolloutSettings = Pick<PpoSettings, 'promptLength' | 'responseLength' | 'temperature' | 'cut'> & Partial<Pick<PpoSettings, 'mistake'>>;

/**
 * One response to each prompt: pure samples of softmax(logits / τ), for top-k
 * and top-p would make the measured KL negative. `counter` is the seed's first
 * unused number; the next one comes back. Throws PromptTooLongError.
 */
export async function sampleResponses(
  { parameters, config, tokenizer }: Writer,
  prompts: readonly string[],
  { promptLength, responseLength, temperature, cut, mistake }: RolloutSettings,
  random: { seed: number; counter: number },
): Promise<{ responses: Response[]; counter: number }> {
  const promptTokens = encodePrompts({ config, tokenizer }, prompts, { limit: promptLength, remedy: 'allow longer prompts' });
  const { responses, logProbs, counter } = await generate(parameters, config, promptTokens, {
    maxNewTokens: responseLength,
    promptWidth: promptLength,
    temperature,
    topK: mistake === 'top-k' ? TOP_K : undefined,
    ...random,
  });
  const mayEnd = (response: readonly number[], count: number) =>
    endsSentence(tokenizer.decode(response.slice(0, count)), tokenizer.decode(response.slice(count, count + 1)));
  return {
    counter,
    responses: responses.map((tokens, row) => {
      const scored = cutResponse(tokens, config.eos_token_id, cut, mayEnd);
      return {
        prompt: prompts[row],
        promptTokens: promptTokens[row],
        tokens,
        logProbs: logProbs[row],
        text: tokenizer.decode(scored.tokens),
        ended: scored.ended,
        hasEos: tokens.includes(config.eos_token_id),
      };
    }),
  };
}
