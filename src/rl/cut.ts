import type { PpoSettings } from './settings';

/** A response as it is scored. */
export interface CutResponse {
  /** Tokens of the scored part, without the end-of-sequence token. */
  tokens: number[];
  /** Whether it ended by itself: at the end-of-sequence, or at a sentence end if those count. */
  ended: boolean;
}

/**
 * Cut a response at its end-of-sequence token or, if the settings say so, at
 * the first sentence end that leaves at least `afterTokens` tokens (Ziegler et
 * al. 2019, §3.1.1). `endsSentence` belongs to the codec: it says whether a
 * response may end after its first `count` tokens.
 */
export function cutResponse(
  response: readonly number[],
  endOfSequence: number,
  cut: PpoSettings['cut'],
  endsSentence: (response: readonly number[], count: number) => boolean,
): CutResponse {
  const end = response.indexOf(endOfSequence);
  const tokens = response.slice(0, end < 0 ? response.length : end);
  if (cut.at === 'sentence')
    for (let count = Math.max(1, cut.afterTokens); count <= tokens.length; count++)
      if (endsSentence(tokens, count)) return { tokens: tokens.slice(0, count), ended: true };
  return { tokens, ended: end >= 0 };
}
