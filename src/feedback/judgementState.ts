import type { ComparisonState, JudgementEvent, Rater } from './judgement';

/** The one order of events that every browser agrees on: by time, then by id. */
export const byTime = (a: JudgementEvent, b: JudgementEvent): number => a.at - b.at || (a.id < b.id ? -1 : 1);

/** Each event once, by time: merging logs in any order gives the same list, hence the same states. */
export function inOrder(events: Iterable<JudgementEvent>): JudgementEvent[] {
  const unique = new Map<string, JudgementEvent>();
  for (const event of events) if (!unique.has(event.id)) unique.set(event.id, event);
  return [...unique.values()].sort(byTime);
}

/** Who judges, as one string: two events of one rater, and only those, have the same key. */
export function raterKey(rater: Rater): string {
  switch (rater.kind) {
    case 'person':
      return JSON.stringify([rater.kind, rater.name]);
    case 'simulated':
      return JSON.stringify([rater.kind, rater.rule, rater.temperature, ...(rater.lengthBias === undefined ? [] : [rater.lengthBias])]);
    case 'imported':
      return JSON.stringify([rater.kind, rater.file]);
  }
}

/** A judgement or a skip. */
export type Standing = Exclude<JudgementEvent, { kind: 'undone' }>;

/** For each comparison and rater, the events that no undo has taken back, oldest first. */
export function standingEvents(events: Iterable<JudgementEvent>): Map<string, Map<string, Standing[]>> {
  const standing = new Map<string, Map<string, Standing[]>>();
  for (const event of inOrder(events)) {
    let raters = standing.get(event.comparisonId);
    if (!raters) standing.set(event.comparisonId, (raters = new Map()));
    const key = raterKey(event.rater);
    let stack = raters.get(key);
    if (!stack) raters.set(key, (stack = []));
    if (event.kind === 'undone') stack.pop();
    else stack.push(event);
  }
  return standing;
}

/**
 * What stands of each comparison after all its events, by comparison id; a
 * comparison without an entry is open. An undo takes back its rater's latest
 * event that still stands; of the raters' last words the latest verdict counts,
 * and a skip only where nobody has judged.
 */
export function deriveStates(events: Iterable<JudgementEvent>): Map<string, ComparisonState> {
  const states = new Map<string, ComparisonState>();
  for (const [comparisonId, raters] of standingEvents(events)) {
    const state = settle([...raters.values()].flatMap((stack) => stack.slice(-1)));
    if (state.status !== 'open') states.set(comparisonId, state);
  }
  return states;
}

/** What stands of a comparison after the last words of its raters. */
export function settle(lastWords: Standing[]): ComparisonState {
  const latest = inOrder(lastWords).findLast((event) => event.kind === 'judged');
  if (latest?.kind === 'judged') {
    const { verdict, strength, rater, at } = latest;
    return { status: 'judged', verdict, ...(strength !== undefined && { strength }), rater, at };
  }
  return { status: lastWords.length > 0 ? 'skipped' : 'open' };
}

/** The comparison on which a rater acted last, of those not taken back: the one that undo concerns. Null where nothing is left to undo. */
export function undoable(events: Iterable<JudgementEvent>, rater: Rater): string | null {
  const key = raterKey(rater);
  const stacks = [...standingEvents(events).values()].flatMap((raters) => raters.get(key)?.slice(-1) ?? []);
  return inOrder(stacks).at(-1)?.comparisonId ?? null;
}
