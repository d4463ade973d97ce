import { DEFAULT_FORM } from '../../feedback/formTemplates';
import { fits, type Form } from '../../feedback/form';
import type { Comparison, ComparisonState, FilledForm, JudgementEvent, Remarks, Strength, Verdict } from '../../feedback/judgement';
import { JudgedQueue } from '../../feedback/judgedQueue';
import { raterKey } from '../../feedback/judgementState';
import { recordAction, type Action } from '../../feedback/recording';
import { chosenAs } from '../../feedback/scheduling';
import { responseOn, type Side } from '../../feedback/sides';
import type { Database } from '../../store/database';
import { DatasetReader } from '../../store/datasetReader';
import { appendEvents } from '../../store/judgements';
import type { DatasetRecord } from '../../store/schema';
import { labelers } from '../shell/labelers.svelte';
import { plan } from './plan';
import { Stopwatch } from './stopwatch';

/** Truthful: 'saved' only after the store's transaction is complete. */
export type Saving = { state: 'idle' | 'saving' | 'saved' } | { state: 'failed'; message: string };

/** Why a comparison is asked for now; goes into its judgement. */
export type Mark = Pick<Extract<JudgementEvent, { kind: 'judged' }>, 'choice' | 'repeat' | 'adjudicates'>;

/** What is said of a comparison at once. */
export interface Said extends Remarks {
  verdict: Verdict | FilledForm;
  strength?: Strength;
}

interface Undone {
  /** Whose it was: nobody else does it again. */
  rater: string;
  comparisonId: string;
  action: Action;
}

// Changes come in bursts while pairs are being written.
const RELOAD_AFTER_MS = 200;

/** The queue of one dataset, as somebody works through it: what stands, what is next, what is not saved yet. */
class Queue {
  #dataset = $state.raw<DatasetRecord | null>(null);
  #log = $state.raw(new JudgedQueue([], []));
  /** Of the log, which is changed in place: a copy would cost time with every key. */
  #additions = $state(0);
  #unsaved = $state.raw<readonly JudgementEvent[]>([]);
  #saving = $state.raw<Saving>({ state: 'idle' });
  /** Comparisons that were asked for by name, the first of them next: reopened, linked to, to be adjudicated. */
  #asked = $state.raw<readonly string[]>([]);
  #mark = $state.raw<Mark>({});
  /** What was taken back and can be done again, the latest last. */
  #undone = $state.raw<readonly Undone[]>([]);
  /** Items that the form cannot be asked about. */
  #unfit = $state(0);
  #unfitSizes = $state.raw<ReadonlySet<number>>(new Set());
  #loaded = $state(false);
  /** Records of the dataset that have been read, of so many. */
  #reading = $state.raw({ done: 0, total: 0 });
  /** Whose judgements alone count on this screen; null: everybody's. */
  #seenBy: string | null = null;
  #database: Database | null = null;
  #reader: DatasetReader | null = null;
  #reloaded: Promise<unknown> = Promise.resolve();
  #writing = false;
  #reloadTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #stopwatch = new Stopwatch();

  readonly #form = $derived<Form>(this.#dataset?.form ?? DEFAULT_FORM);
  #asking = $derived(this.#judged.find(this.#asked[0]));
  readonly #next = $derived(this.#dataset ? plan.next(this.#judged, labelers.rater, this.#dataset) : null);
  #current = $derived(this.#asking ?? this.#judged.find(this.#next?.id));
  #pace = $derived(this.#judged.pace(labelers.rater));
  #undoable = $derived(this.#judged.lastAct(labelers.rater));

  /** The log, for whoever wants to hear of the next addition to it. */
  get #judged(): JudgedQueue {
    void this.#additions;
    return this.#log;
  }

  get datasetId(): string | null {
    return this.#dataset?.id ?? null;
  }

  /** What is asked about each item. */
  get form(): Form {
    return this.#form;
  }

  /** Items of the dataset that have too many or too few texts for its form, and do not come. */
  get unfit(): number {
    return this.#unfit;
  }

  /** How many texts those have. */
  get unfitSizes(): ReadonlySet<number> {
    return this.#unfitSizes;
  }

  /** The dataset has been read; before that, empty means nothing. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** How far the dataset has been read. */
  get reading(): { done: number; total: number } {
    return this.#reading;
  }

  get comparisons(): readonly Comparison[] {
    return this.#judged.comparisons;
  }

  /** Every event that counts here, saved or not. */
  events(): JudgementEvent[] {
    return [...this.#log.events()];
  }

  /** The log, for whoever looks at all of it. */
  get log(): JudgedQueue {
    return this.#judged;
  }

  /** Everybody's judgements count on this screen. */
  get showsAll(): boolean {
    return this.#seenBy === null;
  }

  get states(): ReadonlyMap<string, ComparisonState> {
    return this.#judged.states;
  }

  get judged(): number {
    return this.#judged.progress.judged;
  }

  /** As they were given: one for each item that was judged, and one for each time that it was asked again. */
  get answers(): number {
    return this.#judged.answers;
  }

  /** Some come again unannounced; nothing on the screen may give them away. */
  get asksAgain(): boolean {
    return (this.#dataset?.collecting?.repeatShare ?? 0) > 0;
  }

  get simulated(): number {
    return this.#judged.progress.simulated;
  }

  get open(): number {
    return this.#judged.progress.open;
  }

  get skipped(): number {
    return this.#judged.progress.skipped;
  }

  get discarded(): number {
    return this.#judged.progress.discarded;
  }

  /** Comparisons with somebody's flag on them. */
  get flagged(): ReadonlySet<string> {
    return this.#judged.flagged;
  }

  /** Usual seconds for one judgement; null before there are two. */
  get pace(): number | null {
    return this.#pace;
  }

  get saving(): Saving {
    return this.#saving;
  }

  /** Judgements that are only in this tab's memory. */
  get unsaved(): readonly JudgementEvent[] {
    return this.#unsaved;
  }

  /** What is on the screen: the one that was asked for, else the first that is open. */
  get current(): Comparison | null {
    return this.#current;
  }

  /** The one on the screen was asked for, so it may be judged already. */
  get reopened(): boolean {
    return this.#asking !== null;
  }

  /** The comparison of this id, if the form can be asked about it. */
  find(id: string): Comparison | null {
    return this.#judged.find(id);
  }

  /** The next open ones, so many at most. */
  upcoming(most: number): readonly Comparison[] {
    return this.#judged.openTo().slice(0, most);
  }

  get canUndo(): boolean {
    return this.#undoable !== null;
  }

  /** What was said of a comparison and has just been taken back. */
  takenBack(comparisonId: string): Said | null {
    const mine = raterKey(labelers.rater);
    const action = this.#undone.findLast((undone) => undone.comparisonId === comparisonId && undone.rater === mine)?.action;
    return action?.kind === 'judged' ? action : null;
  }

  get canRedo(): boolean {
    return this.#undone.at(-1)?.rater === raterKey(labelers.rater);
  }

  /** Those that were asked for by name and are not done, the first of them on the screen. */
  get asked(): readonly string[] {
    return this.#asked;
  }

  /** Why the one on the screen is asked for now. */
  get mark(): Mark {
    if (this.#asking) return this.#mark;
    return this.#next ? chosenAs(this.#next) : {};
  }

  /** Follow one dataset. Events that are not saved yet stay in memory, whatever dataset they belong to. */
  async follow(database: Database, dataset: DatasetRecord | null): Promise<void> {
    if (this.#database !== database) {
      this.#database = database;
      database.changes.listen((change) => {
        if ((change.of === 'events' || change.of === 'comparisons') && change.datasetId === this.datasetId) this.#reloadSoon();
      });
    }
    const before = this.#dataset;
    const seenBy = dataset?.collecting?.everyone ? raterKey(labelers.rater) : null;
    const anotherSees = seenBy !== this.#seenBy;
    this.#dataset = dataset;
    this.#seenBy = seenBy;
    if (dataset?.id !== before?.id || anotherSees) {
      this.#asked = [];
      this.#undone = [];
      // Its name, or how its items come, changes nothing of what was read.
    } else if (JSON.stringify(dataset?.form) === JSON.stringify(before?.form)) return;
    this.#reader = dataset && new DatasetReader(database, dataset.id);
    this.#unfit = 0;
    this.#unfitSizes = new Set();
    this.#log = new JudgedQueue([], this.#counting(this.#unsaved));
    this.#additions = this.#log.additions;
    this.#loaded = false;
    await this.reload();
  }

  /** Take in what the database holds by now: all of it at first, later what was added. */
  reload(): Promise<void> {
    clearTimeout(this.#reloadTimer);
    // One after the other: two at once would both get the same, and count it twice.
    const reloaded = this.#reloaded.then(() => this.#readOn());
    this.#reloaded = reloaded.catch(() => undefined);
    return reloaded;
  }

  async #readOn(): Promise<void> {
    const reader = this.#reader;
    if (!reader) return;
    if (!this.#loaded) this.#reading = { done: 0, total: await reader.size() };
    for await (const { comparisons, events } of reader.news()) {
      if (reader !== this.#reader) return;
      if (!this.#loaded) this.#reading = { ...this.#reading, done: this.#reading.done + comparisons.length + events.length };
      const [fitting, unfit] = [true, false].map((suited) => comparisons.filter((comparison) => fits(this.#form, comparison) === suited));
      this.#unfit += unfit.length;
      this.#unfitSizes = new Set([...this.#unfitSizes, ...unfit.map(({ responses }) => responses.length)]);
      this.#log.extend(fitting, this.#counting(events));
    }
    if (reader !== this.#reader) return;
    // What this tab saved itself comes back from the database, and is nothing new.
    this.#additions = this.#log.additions;
    this.#loaded = true;
  }

  /** The current pair has been drawn. */
  shown(): void {
    this.#stopwatch.start();
  }

  submit(said: Said): Promise<void> {
    const elapsed = this.#stopwatch.stop();
    return this.#act({ kind: 'judged', ...said, ...this.mark, ...(elapsed === undefined ? {} : { elapsed }) });
  }

  /** Not now: it comes again when the skipped ones are looked at. A conflict is only left unsettled, for a skip would stand instead of what the rater said before. */
  skip(): Promise<void> {
    if (!this.mark.adjudicates) return this.#act({ kind: 'skipped' });
    this.#asked = this.#asked.slice(1);
    return Promise.resolve();
  }

  /** Never: nothing can be learned from it. */
  discard(remarks: Remarks = {}): Promise<void> {
    return this.#act({ kind: 'discarded', ...remarks });
  }

  /** Put a flag on the one that is on the screen, or take it down; it stays there. */
  async flag(remarks: Remarks = {}): Promise<void> {
    const comparison = this.#current;
    if (!comparison) return;
    await this.#record([[comparison, this.flagged.has(comparison.id) ? { kind: 'unflagged' } : { kind: 'flagged', ...remarks }]]);
  }

  /** Take back what was done last, and show where it was done. */
  undo(): Promise<void> {
    const event = this.#undoable;
    const comparison = this.#log.find(event?.comparisonId);
    if (!event || !comparison) return Promise.resolve();
    const { id: _id, datasetId: _datasetId, comparisonId, at: _at, rater, ...action } = event;
    const undone = [...this.#undone, { rater: raterKey(rater), comparisonId, action }];
    this.#asked = [comparisonId, ...this.#asked.filter((id) => id !== comparisonId)];
    // What is said instead is said for the same reason.
    this.#mark = markOf(action);
    return this.#record([[comparison, { kind: 'undone' }]], undone);
  }

  /** Do again what was taken back last: the same words, as a new event. */
  redo(): Promise<void> {
    const last = this.#undone.at(-1);
    const comparison = this.#log.find(last?.comparisonId);
    if (!last || !comparison || !this.canRedo) return Promise.resolve();
    const undone = this.#undone.slice(0, -1);
    this.#asked = this.#asked.filter((id) => id !== comparison.id);
    return this.#record([[comparison, last.action]], undone);
  }

  /** Show a comparison again, whatever was said about it; a new judgement counts instead of the old, which stays in the log. */
  reopen(comparisonId: string | null): void {
    this.ask(comparisonId === null ? [] : [comparisonId]);
  }

  /** Ask about these next, one after the other; their judgements bear the mark. */
  ask(comparisonIds: readonly string[], mark: Mark = {}): void {
    this.#asked = comparisonIds;
    this.#mark = mark;
  }

  /** Put the skipped ones back into the queue: each skip is taken back in the log. */
  reopenSkipped(): Promise<void> {
    const skipped = this.#log.comparisons.filter(({ id }) => this.#log.states.get(id)?.status === 'skipped');
    return this.#record(skipped.map((comparison) => [comparison, { kind: 'undone' }]));
  }

  /** Write what is only in memory; asked for again by the person where it failed. */
  async save(): Promise<void> {
    if (this.#writing || !this.#database || this.#unsaved.length === 0) return;
    this.#writing = true;
    this.#saving = { state: 'saving' };
    try {
      while (this.#unsaved.length > 0) {
        const batch = this.#unsaved;
        await appendEvents(this.#database, batch);
        this.#unsaved = this.#unsaved.slice(batch.length);
      }
      this.#saving = { state: 'saved' };
    } catch (error) {
      this.#saving = { state: 'failed', message: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#writing = false;
    }
  }

  /** The events that count on this screen: where every labeler judges everything, nobody sees what others said. */
  #counting(events: readonly JudgementEvent[]): readonly JudgementEvent[] {
    return this.#seenBy === null ? events : events.filter(({ rater }) => raterKey(rater) === this.#seenBy);
  }

  #act(action: Action): Promise<void> {
    const comparison = this.#current;
    if (!comparison) return Promise.resolve();
    if (this.#asking) this.#asked = this.#asked.slice(1);
    return this.#record([[comparison, action]]);
  }

  /** @param undone what can be done again after this: nothing, where it is something new */
  #record(actions: [Comparison, Action][], undone: readonly Undone[] = []): Promise<void> {
    // Later than all before it, so that "the latest" is the latest act even where the clock was set back.
    const now = Math.max(Date.now(), this.#log.latest + 1);
    this.#stopwatch.abandon();
    const events = actions.map(([comparison, action]) => recordAction(comparison, labelers.rater, action, now));
    for (const event of events) this.#log.add(event);
    this.#undone = undone;
    this.#additions = this.#log.additions;
    this.#unsaved = [...this.#unsaved, ...events];
    return this.save();
  }

  #reloadSoon(): void {
    clearTimeout(this.#reloadTimer);
    this.#reloadTimer = setTimeout(() => void this.reload(), RELOAD_AFTER_MS);
  }
}

function markOf(action: Action): Mark {
  if (action.kind !== 'judged') return {};
  const { choice, repeat, adjudicates } = action;
  return { ...(choice && { choice }), ...(repeat && { repeat }), ...(adjudicates && { adjudicates }) };
}

/** The response that the screen shows on a side. */
export function textOn(side: Side, comparison: Comparison): string {
  return comparison.responses[responseOn(side, comparison)];
}

export const queue = new Queue();
