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
 * Hold out a share of the *images*, whatever they were an answer to: one that is
 * learned from must not be among those that a model is tried on. Judgements in
 * random order give their images to the held-out side until it has that share of
 * all appearances; held out are those whose images are all there. Those that
 * compare such an image with another are `mixed`, and on neither side: none where
 * every image was judged once, many where few images were judged often. Where
 * nothing would be left to learn from, nothing is held out.
 * @param imagesOf names of the images that a judgement speaks of, at least one
 */
export function splitByImage<P>(
  judged: readonly P[],
  imagesOf: (judgement: P) => readonly string[],
  heldOutShare: number,
  random: RandomStream,
): { train: P[]; heldOut: P[]; mixed: P[] } {
  const appearances = new Map<string, number>();
  for (const judgement of judged) for (const image of imagesOf(judgement)) appearances.set(image, (appearances.get(image) ?? 0) + 1);
  let wanted = heldOutShare * [...appearances.values()].reduce((sum, count) => sum + count, 0);
  const chosen = new Set<string>();
  for (const i of random.permutation(judged.length)) {
    if (wanted <= 0) break;
    for (const image of new Set(imagesOf(judged[i]))) {
      if (!chosen.has(image)) wanted -= appearances.get(image)!;
      chosen.add(image);
    }
  }
  const held = (judgement: P) => imagesOf(judgement).filter((image) => chosen.has(image)).length;
  const train = judged.filter((judgement) => held(judgement) === 0);
  if (train.length === 0) return { train: [...judged], heldOut: [], mixed: [] };
  return {
    train,
    heldOut: judged.filter((judgement) => held(judgement) === imagesOf(judgement).length),
    mixed: judged.filter((judgement) => held(judgement) > 0 && held(judgement) < imagesOf(judgement).length),
  };
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
