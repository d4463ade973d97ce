import { generate } from '../model/decoding';
import { disposeParameters, toParameters } from '../model/parameters';
import { encodePrompts, roomBefore } from '../rl/promptTokens';
import type { ModelShelf } from './modelShelf';
import type { Commands, Result } from './protocol';

/** Continuations of one prompt, to be read; here top-k and top-p may be used. Throws PromptTooLongError. */
export async function writeTexts(shelf: ModelShelf, { modelId, prompt, count, options }: Commands['write']['args']): Promise<Result<'write'>> {
  const { config, tokenizer, weights } = await shelf.language(modelId);
  const [tokens] = encodePrompts({ config, tokenizer }, [prompt], roomBefore(options.maxNewTokens, config));
  const parameters = toParameters(weights);
  try {
    const prompts = Array.from({ length: count }, () => tokens);
    const { responses } = await generate(parameters, config, prompts, { ...options, counter: 0 });
    return { texts: responses.map((response) => tokenizer.decode(response)) };
  } finally {
    disposeParameters(parameters);
  }
}
