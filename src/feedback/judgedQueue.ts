import type { Comparison, ComparisonState, JudgementEvent, Rater } from './judgement';
import { byTime, flagged, isWord, raterKey, settle, standingEvents, type Standing, type Word } from './judgementState';
import { answersIn, pace, PACED, type Progress } from './queue';
import { SortedList } from './sortedList';

/** A rater's events in order of time. */
class Acts {
  readonly judged = new SortedList<JudgementEvent>(byTime);
  readonly standing = new SortedList<Standing>(byTime);
}

/** When somebody did something about a comparison. */
interface Touch {
  comparisonId: string;
  at: number;
}

/** All that is known of one comparison. */
class Entry {
  /** In the queue; null while only events have come. */
  place: number | null = null;
  readonly events: JudgementEvent[] = [];
  /** Of the events, those that stand. */
  standing: readonly Standing[] = [];
  /** How many of those are answers. */
  answers = 0;
  /** The latest. */
  touch: Touch | null = null;
}

/**
 * A dataset's queue and what stands of it, kept up to date event by event. It
 * says what `deriveStates`, `progress`, `pace` and `undoable` say of the whole
 * log, but a new event costs no more than the events of its own comparison,
 * however long the log is: a person may judge for hours, and each key answers
 * at once. A large one is built piece by piece, in any order of the pieces'
 * events.
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
  readonly #comparisons: Comparison[] = [];
  /** One table for all that is looked up by comparison: a large table takes a while where it grows. */
  readonly #entries = new Map<string, Entry>();
  /** Of the events. */
  readonly #ids = new Set<string>();
  readonly #acts = new Map<string, Acts>();
  /** The latest of each comparison, and some that no longer are. */
  readonly #touches = new SortedList<Touch>((a, b) => a.at - b.at);
  /** Of what stands of all that are in the queue. */
  #allAnswers = 0;
  /** What is open, in the order of the queue, once somebody has asked. */
  #open: SortedList<Comparison> | null = null;

  /** @param comparisons in the order of the queue */
  constructor(comparisons: readonly Comparison[], events: Iterable<JudgementEvent>) {
    this.states = this.#states;
    this.flagged = this.#flagged;
    this.progress = this.#progress = { total: 0, judged: 0, simulated: 0, skipped: 0, discarded: 0, open: 0 };
    this.extend(comparisons, events);
  }

  /** In the order of the queue. */
  get comparisons(): readonly Comparison[] {
    return this.#comparisons;
  }

  /** As `answersIn` counts them, over the comparisons of the queue. */
  get answers(): number {
    return this.#allAnswers;
  }

  /** Comparisons and events so far: as long as this is the same, so is all that stands. */
  get additions(): number {
    return this.#comparisons.length + this.#ids.size;
  }

  /** Append comparisons to the queue and events to the log; what they have already changes nothing. An event may come before its comparison. */
  extend(comparisons: readonly Comparison[], events: Iterable<JudgementEvent>): void {
    for (const comparison of comparisons) {
      const entry = this.#entryOf(comparison.id);
      if (entry.place !== null) continue;
      entry.place = this.#comparisons.push(comparison) - 1;
      this.#progress.total++;
      const state = this.#states.get(comparison.id);
      this.#count(state, 1);
      this.#allAnswers += entry.answers;
      if (!state) this.#open?.add(comparison);
    }
    for (const event of events) this.add(event);
  }

  /** Append an event to the log; one that it has already changes nothing. */
  add(event: JudgementEvent): void {
    if (this.#ids.has(event.id)) return;
    const entry = this.#entryOf(event.comparisonId);
    this.#note(event, entry);
    this.#settle(event.comparisonId, entry);
  }

  /** The comparison of this id, if it is in the queue. */
  find(id: string | null | undefined): Comparison | null {
    const place = id == null ? null : (this.#entries.get(id)?.place ?? null);
    return place === null ? null : this.#comparisons[place];
  }

  /** The first comparison that nobody has judged or skipped; null where all is done. */
  next(): Comparison | null {
    return this.openTo()[0] ?? null;
  }

  /** What is open now, in the order of the queue; to a rater, all that it has not spoken of, whatever others said. */
  openTo(rater?: Rater): readonly Comparison[] {
    if (!rater) return (this.#open ??= this.#allOpen()).items;
    const said = new Set(this.saidBy(rater).map(({ comparisonId }) => comparisonId));
    return this.#comparisons.filter(({ id }) => !said.has(id));
  }

  /** What a rater said and did not take back, oldest first. */
  saidBy(rater: Rater): Word[] {
    return this.#actsOf(rater).standing.items.filter(isWord);
  }

  /** What a rater did last, of what still stands: the event that an undo takes back. Null where nothing is left to undo. */
  lastAct(rater: Rater): Standing | null {
    return this.#actsOf(rater).standing.items.at(-1) ?? null;
  }

  /** As `undoable` says. */
  undoable(rater: Rater): string | null {
    return this.lastAct(rater)?.comparisonId ?? null;
  }

  /** As `pace` says. */
  pace(rater: Rater): number | null {
    return pace(this.#actsOf(rater).judged.items.slice(-PACED), rater);
  }

  /** Every event, those of one comparison together. */
  *events(): Generator<JudgementEvent> {
    for (const { events } of this.#entries.values()) yield* events;
  }

  /** When somebody last did something about a comparison, in milliseconds since 1970; null where nobody did. */
  touched(id: string): number | null {
    return this.#entries.get(id)?.touch?.at ?? null;
  }

  /** The place of every comparison once: of those about which somebody did something, the latest first, then of the others in the order of the queue. What is touched before it has come to it may be left out. */
  *placesLatestFirst(): Generator<number> {
    const touches = this.#touches.items;
    for (let i = touches.length - 1; i >= 0; i--) {
      const { place, touch } = this.#entries.get(touches[i].comparisonId)!;
      if (touch === touches[i] && place !== null) yield place;
    }
    for (const [place, { id }] of this.#comparisons.entries()) if (!this.#entries.get(id)!.touch) yield place;
  }

  #entryOf(id: string): Entry {
    let entry = this.#entries.get(id);
    if (!entry) this.#entries.set(id, (entry = new Entry()));
    return entry;
  }

  #note(event: JudgementEvent, entry: Entry): void {
    this.#ids.add(event.id);
    this.latest = Math.max(this.latest, event.at);
    entry.events.push(event);
    if (event.kind === 'judged') this.#actsOf(event.rater).judged.add(event);
    if (event.at <= (entry.touch?.at ?? -Infinity)) return;
    entry.touch = { comparisonId: event.comparisonId, at: event.at };
    this.#touches.add(entry.touch);
  }

  /** Take over what stands of a comparison. */
  #settle(id: string, entry: Entry): void {
    const stacks = [...standingEvents(entry.events).get(id)!.values()];
    const standing = stacks.flat();
    for (const event of entry.standing) if (!standing.includes(event)) this.#actsOf(event.rater).standing.remove(event);
    for (const event of standing) if (!entry.standing.includes(event)) this.#actsOf(event.rater).standing.add(event);
    entry.standing = standing;
    if (flagged(stacks)) this.#flagged.add(id);
    else this.#flagged.delete(id);
    const answers = answersIn(stacks);
    if (entry.place !== null) this.#allAnswers += answers - entry.answers;
    entry.answers = answers;
    this.#change(id, entry.place, settle(stacks));
  }

  #actsOf(rater: Rater): Acts {
    const key = raterKey(rater);
    let acts = this.#acts.get(key);
    if (!acts) this.#acts.set(key, (acts = new Acts()));
    return acts;
  }

  #change(id: string, place: number | null, state: ComparisonState): void {
    const before = this.#states.get(id);
    if (state.status === 'open') this.#states.delete(id);
    else this.#states.set(id, state);
    if (place === null) return;
    this.#count(before, -1);
    this.#count(state, 1);
    if ((before === undefined) === (state.status === 'open')) return;
    if (state.status === 'open') this.#open?.add(this.#comparisons[place]);
    else this.#open?.remove(this.#comparisons[place]);
  }

  #allOpen(): SortedList<Comparison> {
    const open = new SortedList<Comparison>((a, b) => this.#entries.get(a.id)!.place! - this.#entries.get(b.id)!.place!);
    for (const comparison of this.#comparisons) if (!this.#states.has(comparison.id)) open.add(comparison);
    return open;
  }

  #count(state: ComparisonState | undefined, by: 1 | -1): void {
    this.#progress[state?.status ?? 'open'] += by;
    if (state?.status === 'judged' && state.rater.kind === 'simulated') this.#progress.simulated += by;
  }
}
