import type { ModelConfig } from '../model/config';
import type { BpeTokenizer } from '../text/bpe';

/** How many tokens a prompt may have, the bos token among them, and what helps besides shortening it. */
export interface PromptRoom {
  limit: number;
  remedy: string;
}

/** A prompt that does not fit its room; nothing was done with any of them. */
export class PromptTooLongError extends Error {
  constructor(
    readonly prompt: string,
    /** From 1, in the list that was given. */
    place: number,
    tokens: number,
    { limit, remedy }: PromptRoom,
  ) {
    super(`Prompt ${place}, “${prompt.slice(0, 60)}”, has ${tokens} tokens with the one that begins it, and at most ${limit} fit. Nothing was changed. Shorten it, or ${remedy}.`);
    this.name = 'PromptTooLongError';
  }
}

/** The room that a model's context leaves before `maxNewTokens` more. */
export function roomBefore(maxNewTokens: number, { max_position_embeddings }: ModelConfig): PromptRoom {
  return { limit: Math.max(0, max_position_embeddings - maxNewTokens), remedy: 'ask for fewer new tokens' };
}

/** Token ids of prompts, each begun by the bos token. Throws {@link PromptTooLongError} for the first that does not fit. */
export function encodePrompts({ config, tokenizer }: { config: ModelConfig; tokenizer: BpeTokenizer }, prompts: readonly string[], room: PromptRoom): number[][] {
  return prompts.map((prompt, i) => {
    const tokens = [config.bos_token_id, ...tokenizer.encode(prompt)];
    if (tokens.length > room.limit) throw new PromptTooLongError(prompt, i + 1, tokens.length, room);
    return tokens;
  });
}
