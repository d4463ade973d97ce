import { longest } from '../model/batch';
import { sampleBestOfN } from '../rl/bestOfN';
import { encodePrompts, roomBefore } from '../rl/promptTokens';
import { sampleResponses, type Response, type RolloutSettings } from '../rl/rollout';
import type { RandomState } from '../tensor/random';
import { RandomStream } from '../tensor/random';
import type { Author, Authors, Distance } from './authors';
import type { Compared } from './policy';
import type { SampleScores } from './protocol';
import { promptsOfIteration } from './runPrompts';

/** A text on a prompt that training never saw, and what it was found to be. */
export interface HeldOutSample extends Omit<SampleScores, 'kl'>, Distance {
  tokens: number;
}

/**
 * So many texts of one of two authors on the prompts that training never saw,
 * judged; both write on the same prompts, by the same draws, which `seed`
 * determines. `onBatch` is awaited after each batch, and told how many there are.
 */
export async function heldOutSamples(
  authors: Authors,
  author: Author,
  { base, heldOut, settings: trained }: Pick<Compared, 'base' | 'heldOut' | 'settings'>,
  { samples, seed }: { samples: number; seed: number },
  onBatch: (done: number) => Promise<void>,
): Promise<HeldOutSample[]> {
  // A run on short prompts of its own may be judged on the lab's, which need not be as short.
  const longestPrompt = longest(encodePrompts(base, heldOut, roomBefore(trained.responseLength, base.config)));
  const settings = { ...trained, promptLength: Math.max(trained.promptLength, longestPrompt) };
  const widths = { prompt: settings.promptLength, response: settings.responseLength };
  const rows: HeldOutSample[] = [];
  for (let batch = 0; rows.length < samples; batch++) {
    // Whole batches keep one shape on the device; what is too much of the last is left out.
    const prompts = promptsOfIteration(heldOut, seed, batch, Math.ceil(settings.batchSize / (author.bestOf ?? 1)));
    const random = new RandomStream(seed).fork(`evaluation ${batch}`).state();
    const { responses, scores } = await written(authors, author, prompts, settings, random);
    const distances = await authors.distances(author, responses, settings.temperature, widths);
    responses.slice(0, samples - rows.length).forEach(({ prompt, text, tokens }, i) =>
      rows.push({ prompt, response: text, score: scores?.[i] ?? null, gold: authors.rule?.gold(text) ?? null, ...distances[i], tokens: tokens.length }),
    );
    await onBatch(rows.length);
  }
  return rows;
}

/** One text for each prompt, with what scores it makes of it. */
async function written({ scorer }: Authors, author: Author, prompts: readonly string[], settings: RolloutSettings, random: RandomState): Promise<{ responses: Response[]; scores?: ArrayLike<number> }> {
  if (author.bestOf !== undefined && scorer) {
    const { best, scores } = await sampleBestOfN(author, prompts, author.bestOf, (texts) => scorer.score(texts), settings, random);
    return { responses: best, scores };
  }
  const { responses } = await sampleResponses(author, prompts, settings, random);
  return { responses, scores: await scorer?.score(responses.map(({ prompt, text }) => ({ prompt, response: text }))) };
}
