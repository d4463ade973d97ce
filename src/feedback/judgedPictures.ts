import type { Comparison, ComparisonState, Verdict } from './judgement';
import { lessonsOf } from './lessons';

/** The id of each response's first picture, '' where it has none. */
export function responsePictures({ responses, attachments = [] }: Pick<Comparison, 'responses' | 'attachments'>): string[] {
  return responses.map((_, place) => attachments.find(({ of, type }) => of === place && type.startsWith('image/'))?.mediaId ?? '');
}

/** Those of the responses' pictures that a verdict speaks of; null where it speaks of a response without one, or of a rewrite, whose better text nobody drew. */
export function picturesSpokenOf(verdict: Verdict, pictures: readonly string[]): string[] | null {
  if (typeof verdict !== 'string' && verdict.kind === 'rewrite') return null;
  const spokenOf = typeof verdict === 'string' || verdict.kind === 'ranking' ? [...pictures] : [pictures[verdict.response]];
  return spokenOf.includes('') ? null : spokenOf;
}

/** Of each standing judgement of pictures, the pictures that it speaks of, in the order of the queue. */
export function judgedPictures(comparisons: readonly Comparison[], states: ReadonlyMap<string, ComparisonState>): string[][] {
  return comparisons.flatMap((comparison) => {
    const state = states.get(comparison.id);
    if (state?.status !== 'judged' || !comparison.attachments) return [];
    const pictures = responsePictures(comparison);
    return lessonsOf(state).flatMap(({ verdict }) => {
      const spokenOf = picturesSpokenOf(verdict, pictures);
      return spokenOf ? [spokenOf] : [];
    });
  });
}
