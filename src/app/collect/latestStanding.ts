import type { JudgementEvent } from '../../feedback/judgement';
import { inOrder } from '../../feedback/judgementState';

/** The latest judgement or skip of a person that is not taken back: what an undo would take back; null where there is none. */
export function latestStanding(events: readonly JudgementEvent[]): JudgementEvent | null {
  const standing = new Map<string, JudgementEvent[]>();
  for (const event of inOrder(events)) {
    if (event.rater.kind !== 'person') continue;
    const stack = standing.get(event.comparisonId) ?? [];
    if (event.kind === 'undone') stack.pop();
    else stack.push(event);
    standing.set(event.comparisonId, stack);
  }
  return inOrder([...standing.values()].flatMap((stack) => stack.slice(-1))).at(-1) ?? null;
}
