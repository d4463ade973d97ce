import { demandCount } from './bestOfNCurve';
import { sampleResponses, type Response, type RolloutSettings, type Writer } from './rollout';
import type { ScoredText } from './ppo';

/*
 * Best-of-n: sample n responses and keep the one that scores highest. No
 * training at all, and hard to beat for its KL (Gao et al. 2022; Beirami et al. 2024).
 */

export interface BestOfN {
  /** The highest of each prompt's n responses, the first of them where several are. */
  best: Response[];
  /** What each of those scored. */
  scores: number[];
  /** The seed's first unused number. */
  counter: number;
}

/**
 * The best of `n` responses of a policy to each prompt, all sampled in one batch
 * of prompts × n. `score` gives one number a text, in order. Throws RangeError
 * for an n that is no positive whole number, and PromptTooLongError.
 */
export async function sampleBestOfN(
  writer: Writer,
  prompts: readonly string[],
  n: number,
  score: (texts: readonly ScoredText[]) => Promise<ArrayLike<number>>,
  settings: RolloutSettings,
  random: { seed: number; counter: number },
): Promise<BestOfN> {
  demandCount(n);
  const repeated = prompts.flatMap((prompt) => Array<string>(n).fill(prompt));
  const { responses, counter } = await sampleResponses(writer, repeated, settings, random);
  const scores = await score(responses.map(({ prompt, text }) => ({ prompt, response: text })));
  const winners = prompts.map((_, group) => {
    let winner = group * n;
    for (let i = winner + 1; i < (group + 1) * n; i++) if (scores[i] > scores[winner]) winner = i;
    return winner;
  });
  return { best: winners.map((i) => responses[i]), scores: winners.map((i) => scores[i]), counter };
}
