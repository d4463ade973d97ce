import type { LanguageModel } from '../model/languageModel';
import { cutResponse } from '../rl/cut';
import { endsSentence } from '../text/sentence';
import type { PpoSettings } from './protocol';

type Reader = Pick<LanguageModel, 'config' | 'tokenizer'>;

/** The part of a response, in token ids, that is judged and scored; as text. */
export function cutText({ config, tokenizer }: Reader, response: readonly number[], cut: PpoSettings['cut']): string {
  const mayEnd = (tokens: readonly number[], count: number) =>
    endsSentence(tokenizer.decode(tokens.slice(0, count)), tokenizer.decode(tokens.slice(count, count + 1)));
  return tokenizer.decode(cutResponse(response, config.eos_token_id, cut, mayEnd).tokens);
}
