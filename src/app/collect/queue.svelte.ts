import { JudgedQueue } from '../../feedback/judgedQueue';
import type { Comparison, ComparisonState, JudgementEvent, Rater, Verdict } from '../../feedback/judgement';
import { recordAction, type Action } from '../../feedback/recording';
import { responseOn, verdictFor, type Side } from '../../feedback/sides';
import type { Database } from '../../store/database';
import { DatasetReader } from '../../store/datasetReader';
import { appendEvents } from '../../store/judgements';
import { Stopwatch } from './stopwatch';

/** The person at this browser. */
export const PERSON: Rater = { kind: 'person', name: 'you' };

/** Truthful: 'saved' only after the store's transaction is complete. */
export type Saving = { state: 'idle' | 'saving' | 'saved' } | { state: 'failed'; message: string };

// Changes come in bursts while pairs are being written.
const RELOAD_AFTER_MS = 200;

/** The queue of one dataset, as somebody works through it: what stands, what is next, what is not saved yet. */
class Queue {
  #datasetId = $state<string | null>(null);
  #log = $state.raw(new JudgedQueue([], []));
  /** Of the log, which is changed in place: a copy would cost time with every key. */
  #additions = $state(0);
  #unsaved = $state.raw<readonly JudgementEvent[]>([]);
  #saving = $state.raw<Saving>({ state: 'idle' });
  /** A comparison that was asked for by name: reopened, or linked to. */
  #asked = $state<string | null>(null);
  #loaded = $state(false);
  #database: Database | null = null;
  #reader: DatasetReader | null = null;
  #writing = false;
  #reloadTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #stopwatch = new Stopwatch();

  #asking = $derived(this.#judged.find(this.#asked));
  #current = $derived(this.#asking ?? this.#judged.next());
  #pace = $derived(this.#judged.pace(PERSON));
  #undoable = $derived(this.#judged.undoable(PERSON));

  /** The log, for whoever wants to hear of the next addition to it. */
  get #judged(): JudgedQueue {
    void this.#additions;
    return this.#log;
  }

  get datasetId(): string | null {
    return this.#datasetId;
  }

  /** The dataset has been read; before that, empty means nothing. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get comparisons(): readonly Comparison[] {
    return this.#judged.comparisons;
  }

  /** Every event, saved or not, as an export wants them. */
  events(): JudgementEvent[] {
    return [...this.#log.events()];
  }

  /** The log, for whoever looks at all of it. */
  get log(): JudgedQueue {
    return this.#judged;
  }

  get states(): ReadonlyMap<string, ComparisonState> {
    return this.#judged.states;
  }

  get judged(): number {
    return this.#judged.progress.judged;
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

  get canUndo(): boolean {
    return this.#undoable !== null;
  }

  /** Follow one dataset. Events that are not saved yet stay in memory, whatever dataset they belong to. */
  async follow(database: Database, datasetId: string | null): Promise<void> {
    if (this.#database !== database) {
      this.#database = database;
      database.changes.listen((change) => {
        if ((change.of === 'events' || change.of === 'comparisons') && change.datasetId === this.#datasetId) this.#reloadSoon();
      });
    }
    if (datasetId === this.#datasetId) return;
    this.#datasetId = datasetId;
    this.#reader = datasetId === null ? null : new DatasetReader(database, datasetId);
    this.#log = new JudgedQueue([], this.#unsaved);
    this.#additions = this.#log.additions;
    this.#loaded = false;
    await this.reload();
  }

  /** Take in what the database holds by now: all of it at first, later what was added. */
  async reload(): Promise<void> {
    clearTimeout(this.#reloadTimer);
    const reader = this.#reader;
    if (!reader) return;
    for await (const { comparisons, events } of reader.news()) {
      if (reader !== this.#reader) return;
      // What this screen asks is about two texts.
      this.#log.extend(comparisons.filter(({ responses }) => responses.length === 2), events);
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

  /** The better side, as the screen shows them. */
  prefer(side: Side): Promise<void> {
    return this.#current ? this.judge(verdictFor(side, this.#current)) : Promise.resolve();
  }

  judge(verdict: Verdict): Promise<void> {
    const elapsed = this.#stopwatch.stop();
    return this.#act({ kind: 'judged', verdict, ...(elapsed === undefined ? {} : { elapsed }) });
  }

  skip(): Promise<void> {
    return this.#act({ kind: 'skipped' });
  }

  /** Take back the latest judgement or skip, and show its pair again. */
  undo(): Promise<void> {
    const comparison = this.#log.find(this.#undoable);
    if (!comparison) return Promise.resolve();
    this.#asked = comparison.id;
    return this.#record([[comparison, { kind: 'undone' }]]);
  }

  /** Show a comparison again, whatever was said about it; a new judgement counts instead of the old, which stays in the log. */
  reopen(comparisonId: string | null): void {
    this.#asked = comparisonId;
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

  #act(action: Action): Promise<void> {
    const comparison = this.#current;
    if (!comparison) return Promise.resolve();
    this.#asked = null;
    return this.#record([[comparison, action]]);
  }

  #record(actions: [Comparison, Action][]): Promise<void> {
    // Later than all before it, so that "the latest" is the latest act even where the clock was set back.
    const now = Math.max(Date.now(), this.#log.latest + 1);
    this.#stopwatch.abandon();
    const events = actions.map(([comparison, action]) => recordAction(comparison, PERSON, action, now));
    for (const event of events) this.#log.add(event);
    this.#additions = this.#log.additions;
    this.#unsaved = [...this.#unsaved, ...events];
    return this.save();
  }

  #reloadSoon(): void {
    clearTimeout(this.#reloadTimer);
    this.#reloadTimer = setTimeout(() => void this.reload(), RELOAD_AFTER_MS);
  }
}

/** The response that the screen shows on a side. */
export function textOn(side: Side, comparison: Comparison): string {
  return comparison.responses[responseOn(side, comparison)];
}

export const queue = new Queue();
