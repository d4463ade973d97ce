import type { LanguageModel } from '../model/languageModel';
import { encodePrompts } from '../rl/promptTokens';
import type { RunRecord } from '../store/schema';
import { RandomStream } from '../tensor/random';
import { HELD_OUT_PROMPTS, TRAINING_PROMPTS } from '../text/prompts';

/** Below this many different prompts of its own, a run trains on all of them and is evaluated on the lab's. */
const FEWEST_TO_SPLIT = 8;

/**
 * The prompts that a run trains on and those that it never sees, neither empty:
 * the lab's openings, or its own with every fourth of the different ones held
 * out. A repeated prompt is trained on that often, and held out once.
 */
export function runPrompts({ prompts }: Pick<RunRecord, 'prompts'>): { training: readonly string[]; heldOut: readonly string[] } {
  if (!prompts?.length) return { training: TRAINING_PROMPTS, heldOut: HELD_OUT_PROMPTS };
  const distinct = [...new Set(prompts)];
  if (distinct.length < FEWEST_TO_SPLIT) return { training: prompts, heldOut: HELD_OUT_PROMPTS.filter((prompt) => !distinct.includes(prompt)) };
  const heldOut = distinct.filter((_, place) => place % 4 === 3);
  return { training: prompts.filter((prompt) => !heldOut.includes(prompt)), heldOut };
}

/** Throws PromptTooLongError unless every prompt that a run trains on has at most `promptLength` tokens. */
export function refuseLongPrompts(base: LanguageModel, { prompts }: Pick<RunRecord, 'prompts'>, promptLength: number): void {
  const room = { limit: promptLength, remedy: 'raise the longest prompt in the settings' };
  // The list that was given first, so that a prompt is named by its place there.
  encodePrompts(base, prompts ?? TRAINING_PROMPTS, room);
}

/**
 * The prompts of iteration `iteration`, counted from 0: the training prompts in
 * a fresh order each time round, each `perPrompt` times side by side. A function
 * of the seed and the place alone, so a resumed run needs no cursor.
 */
export function promptsOfIteration(prompts: readonly string[], seed: number, iteration: number, batchSize: number, perPrompt = 1): string[] {
  const random = new RandomStream(seed);
  const orders = new Map<number, Int32Array>();
  return Array.from({ length: batchSize }, (_, i) => {
    const place = Math.floor((iteration * batchSize + i) / perPrompt);
    const round = Math.floor(place / prompts.length);
    let order = orders.get(round);
    if (!order) orders.set(round, (order = random.fork(`prompts ${round}`).permutation(prompts.length)));
    return prompts[order[place % prompts.length]];
  });
}
