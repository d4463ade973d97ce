import { newId } from './identity';
import type { Comparison, JudgementEvent, Rater } from './judgement';

/** What a rater did about a comparison, before it is an event. */
export type Action = JudgementEvent extends infer Event ? (Event extends JudgementEvent ? Omit<Event, 'id' | 'datasetId' | 'comparisonId' | 'at' | 'rater'> : never) : never;

/**
 * The event of a rater's action. Its time is later than that of every event
 * of the same comparison so far, even if the clock was set back or two keys
 * fell into one millisecond: an undo must sort after what it takes back.
 * @param now milliseconds since 1970
 * @param earlier events known so far, of this comparison at least
 */
export function recordAction(comparison: Comparison, rater: Rater, action: Action, now: number, earlier: Iterable<JudgementEvent> = []): JudgementEvent {
  let at = now;
  for (const event of earlier) if (event.comparisonId === comparison.id && event.at >= at) at = event.at + 1;
  return { id: newId(), datasetId: comparison.datasetId, comparisonId: comparison.id, at, rater, ...action };
}
