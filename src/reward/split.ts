import type { RandomStream } from '../tensor/random';

/**
 * Hold out a share of the *prompts*: pairs of one prompt on both sides would
 * let the model be praised for what it remembers. A share above 0 holds out at
 * least one prompt of two or more, and never all.
 *
 * Pairs that a strategy chose are harder than others – those on which models
 * disagree are those that they get wrong – so an accuracy on them is too low. As
 * long as there are others, only prompts of such others are held out, and what
 * was chosen of those prompts is on neither side: `setAside`. Where all are
 * chosen, so are the held-out ones.
 */
export function splitByPrompt<P extends { prompt: string; chosen?: true }>(
  pairs: readonly P[],
  heldOutShare: number,
  random: RandomStream,
): { train: P[]; heldOut: P[]; setAside: P[] } {
  const fair = pairs.filter(({ chosen }) => !chosen);
  const testable = fair.length > 0 ? fair : pairs;
  const all = new Set(pairs.map(({ prompt }) => prompt)).size;
  const prompts = [...new Set(testable.map(({ prompt }) => prompt))];
  const wanted = heldOutShare > 0 ? Math.max(1, Math.round(heldOutShare * all)) : 0;
  const count = Math.min(wanted, all - 1);
  const taken = new Set(Array.from(random.permutation(prompts.length).subarray(0, Math.max(0, count)), (i) => prompts[i]));
  const held = pairs.filter(({ prompt }) => taken.has(prompt));
  const tested = new Set(testable);
  return { train: pairs.filter(({ prompt }) => !taken.has(prompt)), heldOut: held.filter((pair) => tested.has(pair)), setAside: held.filter((pair) => !tested.has(pair)) };
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
