import type { ComparisonState, JudgementEvent, Rater } from './judgement';
import { eachOf, mapOf, sortOf } from './steps';

/** The one order of events that every browser agrees on: by time, then by id. */
export const byTime = (a: JudgementEvent, b: JudgementEvent): number => a.at - b.at || (a.id < b.id ? -1 : 1);

/** Each event once, by time: merging logs in any order gives the same list, hence the same states. */
export function inOrder<Event extends JudgementEvent>(events: Iterable<Event>): Event[] {
  const unique = new Map<string, Event>();
  for (const event of events) if (!unique.has(event.id)) unique.set(event.id, event);
  return [...unique.values()].sort(byTime);
}

/** Who judges, as one string: two events of one rater, and only those, have the same key. */
export function raterKey(rater: Rater): string {
  switch (rater.kind) {
    case 'person':
      return JSON.stringify([rater.kind, ...(rater.id === undefined ? [rater.name] : ['', rater.id])]);
    case 'simulated':
      return JSON.stringify([rater.kind, rater.rule, rater.temperature, ...(rater.lengthBias === undefined ? [] : [rater.lengthBias])]);
    case 'imported':
      return JSON.stringify([rater.kind, rater.file]);
    case 'key':
      return JSON.stringify([rater.kind]);
  }
}

/** What was done and may be taken back. */
export type Standing = Exclude<JudgementEvent, { kind: 'undone' }>;

export type Judged = Extract<Standing, { kind: 'judged' }>;

/** By comparison id and rater key, the events that no undo has taken back, oldest first. */
export type StandingEvents = ReadonlyMap<string, ReadonlyMap<string, Standing[]>>;

/** What stands of a log, whatever the order of its events. */
export function standingEvents(events: Iterable<JudgementEvent>): StandingEvents {
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

/** The same with pauses, for a log that nobody should have to wait for. */
export function* standingInSteps(events: Iterable<JudgementEvent>): Generator<void, StandingEvents> {
  const logs = new Map<string, JudgementEvent[]>();
  yield* eachOf(events, (event) => {
    const log = logs.get(event.comparisonId);
    if (log) log.push(event);
    else logs.set(event.comparisonId, [event]);
  });
  const found = yield* mapOf(logs, ([id, log]) => ({ id, first: log.reduce((first, event) => (byTime(event, first) < 0 ? event : first)), raters: standingEvents(log).get(id)! }));
  const standing = new Map<string, ReadonlyMap<string, Standing[]>>();
  yield* eachOf(yield* sortOf(found, (a, b) => byTime(a.first, b.first)), ({ id, raters }) => standing.set(id, raters));
  return standing;
}

/**
 * What stands of each comparison after all its events, by comparison id; a
 * comparison without an entry is open. An undo takes back its rater's latest
 * event that still stands. Of the raters' last words the latest verdict or
 * discard counts, but an adjudication before them all, and a skip only where
 * nobody has said more; the key's is the right answer and nobody's judgement.
 */
export function deriveStates(events: Iterable<JudgementEvent>): Map<string, ComparisonState> {
  const states = new Map<string, ComparisonState>();
  for (const [comparisonId, raters] of standingEvents(events)) {
    const state = settle([...raters.values()]);
    if (state.status !== 'open') states.set(comparisonId, state);
  }
  return states;
}

/** Says something about the responses, or refuses to. */
export type Word = Exclude<Standing, { kind: 'flagged' | 'unflagged' }>;

export const isWord = (event: Standing): event is Word => event.kind !== 'flagged' && event.kind !== 'unflagged';

/** The last word of a rater on a comparison, of the events that stand. */
export const lastWord = (stack: readonly Standing[]): Word | undefined => stack.findLast(isWord);

/** What stands of a comparison after the events of its raters that stand, each rater's oldest first. */
export function settle(stacks: readonly (readonly Standing[])[]): ComparisonState {
  const words = inOrder(stacks.flatMap((stack) => lastWord(stack) ?? []).filter(({ rater }) => rater.kind !== 'key'));
  const said = words.filter(({ kind }) => kind !== 'skipped');
  const latest = said.findLast((event) => event.kind === 'judged' && event.adjudicates) ?? said.at(-1);
  if (latest?.kind === 'judged') {
    const { verdict, strength, reasons, comment, rater, at } = latest;
    // Whatever it was judged again for later does not make the sample that it belongs to any fairer.
    const { choice } = inOrder(stacks.flat().filter((event) => event.kind === 'judged')).find((event) => event.rater.kind !== 'key')!;
    return { status: 'judged', verdict, ...(strength !== undefined && { strength }), ...(reasons && { reasons }), ...(comment !== undefined && { comment }), rater, at, ...(choice && { choice }) };
  }
  if (latest) return { status: 'discarded' };
  return { status: words.length > 0 ? 'skipped' : 'open' };
}

/** Whether somebody's flag is still up on a comparison. */
export function flagged(stacks: readonly (readonly Standing[])[]): boolean {
  return stacks.some((stack) => stack.findLast((event) => !isWord(event))?.kind === 'flagged');
}

/** The comparison on which a rater acted last, of those not taken back: the one that undo concerns. Null where nothing is left to undo. */
export function undoable(events: Iterable<JudgementEvent>, rater: Rater): string | null {
  const key = raterKey(rater);
  const stacks = [...standingEvents(events).values()].flatMap((raters) => raters.get(key)?.slice(-1) ?? []);
  return inOrder(stacks).at(-1)?.comparisonId ?? null;
}
