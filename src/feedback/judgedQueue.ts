import type { Comparison, ComparisonState, JudgementEvent, Rater } from './judgement';
import { byTime, flagged, inOrder, isWord, raterKey, settle, standingEvents, type Standing, type Word } from './judgementState';
import { pace, PACED, type Progress } from './queue';

export interface JudgedComparison {
  comparison: Comparison;
  state: ComparisonState & { status: 'judged' };
}

/** A rater's events in order of time. */
interface Acts {
  judged: JudgementEvent[];
  /** All that stand, and some that no longer do. */
  standing: Standing[];
}

/**
 * A dataset's queue and what stands of it, kept up to date event by event. It
 * says what `deriveStates`, `progress`, `pace` and `undoable` say of the whole
 * log, but a new event costs no more than the events of its own comparison,
 * however long the log is: a person may judge for hours, and each key answers
 * at once.
 */
export class JudgedQueue {
  /** As `deriveStates` gives them. */
  readonly states: ReadonlyMap<string, ComparisonState>;
  readonly progress: Readonly<Progress>;
  /** Comparisons on which somebody's flag is up. */
  readonly flagged: ReadonlySet<string>;
  /** Time of the latest event, in milliseconds since 1970; −∞ without any. */
  latest = -Infinity;

  readonly #states = new Map<string, ComparisonState>();
  readonly #progress: Progress;
  readonly #flagged = new Set<string>();
  readonly #places: ReadonlyMap<string, number>;
  readonly #ids = new Set<string>();
  readonly #events = new Map<string, JudgementEvent[]>();
  readonly #standing = new Set<Standing>();
  readonly #acts = new Map<string, Acts>();
  /** Judged comparisons by the time of their verdict; entries whose state is no longer that of their comparison are void. */
  readonly #recent: JudgedComparison[] = [];
  /** What is open, in the order of the queue, once somebody has asked. */
  #open: Comparison[] | null = null;

  /** @param comparisons in the order of the queue */
  constructor(
    readonly comparisons: readonly Comparison[],
    events: Iterable<JudgementEvent>,
  ) {
    this.states = this.#states;
    this.flagged = this.#flagged;
    this.progress = this.#progress = { total: comparisons.length, judged: 0, simulated: 0, skipped: 0, discarded: 0, open: comparisons.length };
    this.#places = new Map(comparisons.map(({ id }, place) => [id, place]));
    const log = inOrder(events);
    for (const event of log) this.#note(event);
    for (const [id, raters] of standingEvents(log)) this.#settle(id, raters);
  }

  /** Append an event to the log; one that it has already changes nothing. */
  add(event: JudgementEvent): void {
    if (this.#ids.has(event.id)) return;
    this.#note(event);
    const id = event.comparisonId;
    this.#settle(id, standingEvents(this.#events.get(id)!).get(id)!);
  }

  /** The comparison of this id, if it is in the queue. */
  find(id: string | null | undefined): Comparison | null {
    const place = id == null ? undefined : this.#places.get(id);
    return place === undefined ? null : this.comparisons[place];
  }

  /** The first comparison that nobody has judged or skipped; null where all is done. */
  next(): Comparison | null {
    return this.openTo()[0] ?? null;
  }

  /** What is open now, in the order of the queue; to a rater, all that it has not spoken of, whatever others said. */
  openTo(rater?: Rater): readonly Comparison[] {
    if (!rater) return (this.#open ??= this.comparisons.filter(({ id }) => !this.#states.has(id)));
    const said = new Set(this.saidBy(rater).map(({ comparisonId }) => comparisonId));
    return this.comparisons.filter(({ id }) => !said.has(id));
  }

  /** What a rater said and did not take back, oldest first. */
  saidBy(rater: Rater): Word[] {
    return this.#actsOf(rater).standing.filter((event): event is Word => this.#standing.has(event) && isWord(event as Standing));
  }

  /** What a rater did last, of what still stands: the event that an undo takes back. Null where nothing is left to undo. */
  lastAct(rater: Rater): Standing | null {
    const { standing } = this.#actsOf(rater);
    while (standing.length > 0 && !this.#standing.has(standing[standing.length - 1])) standing.pop();
    return standing.at(-1) ?? null;
  }

  /** As `undoable` says. */
  undoable(rater: Rater): string | null {
    return this.lastAct(rater)?.comparisonId ?? null;
  }

  /** As `pace` says. */
  pace(rater: Rater): number | null {
    return pace(this.#actsOf(rater).judged.slice(-PACED), rater);
  }

  /** The judged comparisons, the latest first, so many at most. */
  recent(most: number): JudgedComparison[] {
    const found: JudgedComparison[] = [];
    for (let i = this.#recent.length - 1; i >= 0 && found.length < most; i--) {
      const { comparison, state } = this.#recent[i];
      if (this.#states.get(comparison.id) === state) found.push(this.#recent[i]);
    }
    return found;
  }

  #note(event: JudgementEvent): void {
    this.#ids.add(event.id);
    this.latest = Math.max(this.latest, event.at);
    const events = this.#events.get(event.comparisonId);
    if (events) events.push(event);
    else this.#events.set(event.comparisonId, [event]);
    if (event.kind === 'judged') insert(this.#actsOf(event.rater).judged, event, byTime);
  }

  /** Take over what stands of a comparison, by rater. */
  #settle(id: string, raters: ReadonlyMap<string, Standing[]>): void {
    const stacks = [...raters.values()];
    const standing = new Set<JudgementEvent>(stacks.flat());
    for (const event of this.#events.get(id)!) {
      if (event.kind === 'undone') continue;
      if (!standing.has(event)) this.#standing.delete(event);
      else if (!this.#standing.has(event)) {
        this.#standing.add(event);
        insert(this.#actsOf(event.rater).standing, event, byTime);
      }
    }
    if (flagged(stacks)) this.#flagged.add(id);
    else this.#flagged.delete(id);
    this.#change(id, settle(stacks));
  }

  #actsOf(rater: Rater): Acts {
    const key = raterKey(rater);
    let acts = this.#acts.get(key);
    if (!acts) this.#acts.set(key, (acts = { judged: [], standing: [] }));
    return acts;
  }

  #change(id: string, state: ComparisonState): void {
    const before = this.#states.get(id);
    if (state.status === 'open') this.#states.delete(id);
    else this.#states.set(id, state);
    const comparison = this.find(id);
    if (!comparison) return;
    this.#count(before, -1);
    this.#count(state, 1);
    if (this.#open && (before === undefined) !== (state.status === 'open')) this.#reopen(comparison, state.status === 'open');
    if (state.status === 'judged') insert(this.#recent, { comparison, state }, (a, b) => a.state.at - b.state.at);
  }

  #reopen(comparison: Comparison, open: boolean): void {
    const place = ({ id }: Comparison) => this.#places.get(id)!;
    if (open) insert(this.#open!, comparison, (a, b) => place(a) - place(b));
    else this.#open!.splice(this.#open!.indexOf(comparison), 1);
  }

  #count(state: ComparisonState | undefined, by: 1 | -1): void {
    this.#progress[state?.status ?? 'open'] += by;
    if (state?.status === 'judged' && state.rater.kind === 'simulated') this.#progress.simulated += by;
  }
}

/** Insert into a sorted list, after its equals. */
function insert<T>(list: T[], item: T, order: (a: T, b: T) => number): void {
  let [from, to] = [0, list.length];
  // New things belong at the end.
  if (to > 0 && order(list[to - 1], item) <= 0) from = to;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (order(list[middle], item) <= 0) from = middle + 1;
    else to = middle;
  }
  list.splice(from, 0, item);
}
