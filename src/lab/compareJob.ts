import { generate } from '../model/decoding';
import { winnerOf } from '../rl/bestOfN';
import { encodePrompts, roomBefore } from '../rl/promptTokens';
import { Authors, type Author } from './authors';
import { cutText } from './cutText';
import type { Desk } from './lab';
import { loadCompared } from './policy';
import type { Commands, ComparedText, Result } from './protocol';
import type { Work } from './work';

/** Base and tuned policy on the same prompts, by the same draws. Texts are cut as they were in training. Throws PromptTooLongError. */
export async function compareTexts({ database, shelf }: Desk, { prompts, options, ...policy }: Commands['compare']['args'], work: Work): Promise<Result<'compare'>> {
  const compared = await loadCompared(database, shelf, policy);
  const { base, settings: { cut } } = compared;
  const promptTokens = encodePrompts(base, prompts, roomBefore(options.maxNewTokens, base.config));
  const authors = await Authors.open(shelf, compared);
  const { scorer, rule } = authors;
  const textOf = (tokens: readonly number[]) => cutText(base, tokens, cut);

  const responsesOf = async ({ parameters, config, guide, bestOf }: Author): Promise<number[][]> => {
    const drawn = (rows: number[][], counter: number) => generate(parameters, config, rows, { ...options, guide, counter });
    if (bestOf === undefined || !scorer) return (await drawn(promptTokens, 0)).responses;
    const best: number[][] = [];
    let next = 0;
    for (const [i, tokens] of promptTokens.entries()) {
      const { responses, counter } = await drawn(Array(bestOf).fill(tokens), next);
      const scores = await scorer.score(responses.map((response) => ({ prompt: prompts[i], response: textOf(response) })));
      best.push(responses[winnerOf(scores, 0, bestOf)]);
      next = counter;
    }
    return best;
  };

  const written = async (author: Author): Promise<ComparedText[]> => {
    const responses = await responsesOf(author);
    await work.breathe();
    const texts = responses.map(textOf);
    const rewards = await scorer?.score(texts.map((response, i) => ({ prompt: prompts[i], response })));
    // A temperature of 0 draws nothing, and then the plain probabilities are compared.
    const distances = await authors.distances(author, responses.map((tokens, i) => ({ promptTokens: promptTokens[i], tokens })), options.temperature || 1);
    return texts.map((text, i) => ({
      text,
      reward: rewards?.[i] ?? null,
      kl: distances[i].kl,
      length: responses[i].length,
      ...(rule && { gold: rule.gold(text) }),
    }));
  };
  try {
    const before = await written(authors.base);
    const after = await written(authors.tuned);
    return { rows: prompts.map((prompt, i) => ({ prompt, base: before[i], tuned: after[i] })) };
  } finally {
    authors.dispose();
  }
}
