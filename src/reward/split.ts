import type { RandomStream } from '../tensor/random';

/**
 * Hold out a share of the *prompts*: pairs of one prompt on both sides would
 * let the model be praised for what it remembers. A share above 0 holds out at
 * least one prompt of two or more, and never all.
 */
export function splitByPrompt<P extends { prompt: string }>(
  pairs: readonly P[],
  heldOutShare: number,
  random: RandomStream,
): { train: P[]; heldOut: P[] } {
  const prompts = [...new Set(pairs.map(({ prompt }) => prompt))];
  const wanted = heldOutShare > 0 ? Math.max(1, Math.round(heldOutShare * prompts.length)) : 0;
  const count = Math.min(wanted, prompts.length - 1);
  const chosen = new Set(Array.from(random.permutation(prompts.length).subarray(0, Math.max(0, count)), (i) => prompts[i]));
  return { train: pairs.filter(({ prompt }) => !chosen.has(prompt)), heldOut: pairs.filter(({ prompt }) => chosen.has(prompt)) };
}

/**
 * The first `count` pairs where the prompts stand in a random order, in their
 * old order; all of them where there are not more. From the same stream fewer
 * are contained in more, and all pairs of a prompt come before the next prompt
 * begins: fewer labels are labels of fewer prompts.
 */
export function firstByPrompt<P extends { prompt: string }>(pairs: readonly P[], count: number, random: RandomStream): P[] {
  const prompts = [...new Set(pairs.map(({ prompt }) => prompt))];
  const order = random.permutation(prompts.length);
  const place = new Map(prompts.map((prompt, i) => [prompt, order[i]]));
  const chosen = new Set([...pairs].sort((a, b) => place.get(a.prompt)! - place.get(b.prompt)!).slice(0, count));
  return pairs.filter((pair) => chosen.has(pair));
}
