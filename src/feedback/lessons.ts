import type { FilledForm, Strength, Verdict } from './judgement';

/** One thing that a judgement says about the responses. */
export interface Lesson {
  verdict: Verdict;
  strength?: Strength;
}

/** All that a judgement says about the responses: of a filled-in form its verdicts, one by one. Marked spans and answers about the item are none. */
export function lessonsOf({ verdict, strength }: { verdict: Verdict | FilledForm; strength?: Strength }): Lesson[] {
  if (typeof verdict === 'string' || verdict.kind !== 'form') return [{ verdict, ...(strength !== undefined && { strength }) }];
  return verdict.answers.flatMap((answer) => ('verdict' in answer ? [{ verdict: answer.verdict, ...(answer.strength !== undefined && { strength: answer.strength }) }] : []));
}

/** The verdict on the pair that a judgement holds, if it holds one. */
export function pairVerdictOf(judged: { verdict: Verdict | FilledForm; strength?: Strength }) {
  return lessonsOf(judged).find((lesson): lesson is Lesson & { verdict: Extract<Verdict, string> } => typeof lesson.verdict === 'string')?.verdict ?? null;
}
