import { kindOf, judgedResponses, type Kind, type Preference } from './preference';

/** Judgements of one kind: how many, and of how many texts each, the most where they differ. */
export interface KindCount {
  judgements: number;
  texts: number;
}

export function countKinds(preferences: readonly Preference[]): Map<Kind, KindCount> {
  const counts = new Map<Kind, KindCount>();
  for (const preference of preferences) {
    const { judgements, texts } = counts.get(kindOf(preference)) ?? { judgements: 0, texts: 0 };
    counts.set(kindOf(preference), { judgements: judgements + 1, texts: Math.max(texts, judgedResponses(preference).length) });
  }
  return counts;
}

/**
 * How many judgements of each kind a step has: the same in every step, so that
 * its tensors have the same shapes, and in proportion, so that the kinds run out
 * together. Rounded up: `size` in all, or a few more where kinds are mixed.
 * @param counts none of them 0
 * @param size judgements of a step; fewer where there are not so many
 */
export function shares(counts: readonly KindCount[], size: number): number[] {
  const all = counts.reduce((sum, { judgements }) => sum + judgements, 0);
  return counts.map(({ judgements }) => Math.ceil((Math.min(size, all) * judgements) / all));
}

/** Steps until every kind has run out. */
export function stepsOf(counts: readonly KindCount[], size: number): number {
  const each = shares(counts, size);
  return Math.max(0, ...counts.map(({ judgements }, i) => Math.ceil(judgements / each[i])));
}

/** The judgements of one kind in a step, all of one shape. */
export interface Part<E> {
  kind: Kind;
  /** Filled up to the kind's share. */
  filled: E[];
  /** The first so many count. */
  counted: number;
  /** Texts of each, those with fewer filled up. */
  texts: number;
}

/** The steps of one epoch: every example once, in this order within its kind. A kind that has run out is filled up with what does not count. */
export function minibatches<E extends { kind: Kind }>(examples: readonly E[], counts: ReadonlyMap<Kind, KindCount>, order: Int32Array, size: number): Part<E>[][] {
  const each = shares([...counts.values()], size);
  const kinds = [...counts].map(([kind, { texts }], i) => ({ kind, texts, share: each[i], members: Array.from(order, (at) => examples[at]).filter((example) => example.kind === kind) }));
  return Array.from({ length: stepsOf([...counts.values()], size) }, (_, step) =>
    kinds.map(({ kind, texts, share, members }) => {
      const counting = members.slice(step * share, (step + 1) * share);
      const filler = counting[0] ?? members[0];
      return { kind, texts, counted: counting.length, filled: [...counting, ...Array.from({ length: share - counting.length }, () => filler)] };
    }),
  );
}
