import { newId } from '../../feedback/identity';
import type { Comparison, ComparisonState, JudgementEvent, Rater, Verdict } from '../../feedback/judgement';
import { deriveStates, inOrder } from '../../feedback/judgementState';
import { responseOn, verdictFor, type Side } from '../../feedback/sides';
import type { Database } from '../../store/database';
import { appendEvents, loadJudgedDataset } from '../../store/judgements';
import { Pace } from './pace.svelte';

/** The person at this browser. */
export const PERSON: Rater = { kind: 'person', name: 'you' };

/** Truthful: 'saved' only after the store's transaction is complete. */
export type Saving = { state: 'idle' } | { state: 'saving' } | { state: 'saved' } | { state: 'failed'; message: string };

type EventBase = Pick<JudgementEvent, 'id' | 'datasetId' | 'comparisonId' | 'at' | 'rater'>;

// Changes come in bursts while pairs are being written.
const RELOAD_AFTER_MS = 200;

/** The queue of one dataset, as somebody works through it: what stands, what is next, what is not saved yet. */
class Queue {
  #datasetId = $state<string | null>(null);
  #comparisons = $state.raw<readonly Comparison[]>([]);
  #events = $state.raw<readonly JudgementEvent[]>([]);
  #unsaved = $state.raw<readonly JudgementEvent[]>([]);
  #saving = $state.raw<Saving>({ state: 'idle' });
  /** A comparison that was asked for by name: reopened, or linked to. */
  #asked = $state<string | null>(null);
  #loading = $state(false);
  #database: Database | null = null;
  #writing = false;
  #reloadTimer: ReturnType<typeof setTimeout> | undefined;
  readonly pace = new Pace();

  #states = $derived<ReadonlyMap<string, ComparisonState>>(deriveStates([...this.#events, ...this.#unsaved]));
  #byId = $derived(new Map(this.#comparisons.map((comparison) => [comparison.id, comparison])));
  #judged = $derived(this.#comparisons.filter(({ id }) => this.#states.get(id)?.status === 'judged'));
  #open = $derived(this.#comparisons.filter(({ id }) => !this.#states.has(id)));
  #skipped = $derived(this.#comparisons.filter(({ id }) => this.#states.get(id)?.status === 'skipped'));

  get datasetId(): string | null {
    return this.#datasetId;
  }

  get loading(): boolean {
    return this.#loading;
  }

  get comparisons(): readonly Comparison[] {
    return this.#comparisons;
  }

  /** Every event, saved or not, as an export wants them. */
  get events(): readonly JudgementEvent[] {
    return [...this.#events, ...this.#unsaved];
  }

  get states(): ReadonlyMap<string, ComparisonState> {
    return this.#states;
  }

  get judged(): number {
    return this.#judged.length;
  }

  /** Of these, by people rather than by a rule. */
  get judgedByPeople(): number {
    return this.#judged.filter(({ id }) => byPerson(this.#states.get(id))).length;
  }

  get open(): number {
    return this.#open.length;
  }

  get skipped(): number {
    return this.#skipped.length;
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
    return (this.#asked !== null ? this.#byId.get(this.#asked) : undefined) ?? this.#open[0] ?? null;
  }

  /** The latest judgements, newest first. */
  get recent(): readonly { comparison: Comparison; state: ComparisonState & { status: 'judged' } }[] {
    return this.#judged
      .map((comparison) => ({ comparison, state: this.#states.get(comparison.id) as ComparisonState & { status: 'judged' } }))
      .sort((a, b) => b.state.at - a.state.at)
      .slice(0, 30);
  }

  /** The person's latest event that still stands in this dataset. */
  get #latestOwn(): JudgementEvent | undefined {
    const stacks = new Map<string, JudgementEvent[]>();
    for (const event of inOrder(this.events)) {
      if (event.rater.kind !== 'person') continue;
      const stack = stacks.get(event.comparisonId) ?? [];
      if (event.kind === 'undone') stack.pop();
      else stack.push(event);
      stacks.set(event.comparisonId, stack);
    }
    return inOrder([...stacks.values()].flatMap((stack) => stack.slice(-1))).at(-1);
  }

  get canUndo(): boolean {
    return this.#latestOwn !== undefined;
  }

  /** Follow one dataset; events that are not saved yet stay in memory and are tried again. */
  async follow(database: Database, datasetId: string | null): Promise<void> {
    if (this.#database !== database) {
      this.#database = database;
      database.changes.listen((change) => {
        const ours = (change.of === 'events' && !this.#writing) || change.of === 'comparisons';
        if (ours && change.datasetId === this.#datasetId) this.#reloadSoon();
      });
    }
    if (datasetId === this.#datasetId) return;
    this.#datasetId = datasetId;
    this.#asked = null;
    this.#comparisons = [];
    this.#events = [];
    this.#saving = { state: 'idle' };
    if (datasetId) await this.reload();
  }

  async reload(): Promise<void> {
    clearTimeout(this.#reloadTimer);
    const id = this.#datasetId;
    if (!this.#database || !id) return;
    this.#loading = true;
    const { comparisons, events } = await loadJudgedDataset(this.#database, id).finally(() => (this.#loading = false));
    if (id !== this.#datasetId) return;
    this.#comparisons = comparisons;
    this.#events = events;
  }

  /** The better side, as the screen shows them. */
  prefer(side: Side): Promise<void> {
    return this.current ? this.judge(verdictFor(side, this.current)) : Promise.resolve();
  }

  judge(verdict: Verdict): Promise<void> {
    const elapsed = this.pace.finish();
    return this.#append((base) => ({ ...base, kind: 'judged', verdict, ...(elapsed === null ? {} : { elapsed }) }));
  }

  skip(): Promise<void> {
    this.pace.abandon();
    return this.#append((base) => ({ ...base, kind: 'skipped' }));
  }

  /** Take back the latest judgement or skip, and show its pair again. */
  async undo(): Promise<void> {
    const latest = this.#latestOwn;
    if (!latest) return;
    this.#asked = latest.comparisonId;
    this.pace.abandon();
    await this.#add({ ...this.#base(latest.comparisonId), kind: 'undone' });
  }

  /** Show a comparison again, whatever was said about it; a new judgement replaces the old, which stays in the log. */
  reopen(comparisonId: string): void {
    this.#asked = comparisonId;
  }

  /** Back to the first that is open. */
  close(): void {
    this.#asked = null;
  }

  /** Put the skipped ones back: each skip is taken back in the log. */
  async reopenSkipped(): Promise<void> {
    const events = this.#skipped.map(({ id }): JudgementEvent => ({ ...this.#base(id), kind: 'undone' }));
    this.#unsaved = [...this.#unsaved, ...events];
    await this.save();
  }

  /** Write what is only in memory; called again by the person where it failed. */
  async save(): Promise<void> {
    if (this.#writing || !this.#database || this.#unsaved.length === 0) return;
    this.#writing = true;
    this.#saving = { state: 'saving' };
    try {
      while (this.#unsaved.length > 0) {
        const batch = this.#unsaved;
        await appendEvents(this.#database, batch);
        const saved = new Set(batch.map(({ id }) => id));
        this.#unsaved = this.#unsaved.filter(({ id }) => !saved.has(id));
        this.#events = [...this.#events, ...batch.filter(({ datasetId }) => datasetId === this.#datasetId)];
      }
      this.#saving = { state: 'saved' };
    } catch (error) {
      this.#saving = { state: 'failed', message: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#writing = false;
    }
  }

  /** The response that the screen shows on a side. */
  text(side: Side, comparison: Comparison): string {
    return comparison.responses[responseOn(side, comparison)];
  }

  #append(event: (base: EventBase) => JudgementEvent): Promise<void> {
    const comparison = this.current;
    if (!comparison) return Promise.resolve();
    this.#asked = null;
    return this.#add(event(this.#base(comparison.id)));
  }

  #add(event: JudgementEvent): Promise<void> {
    this.#unsaved = [...this.#unsaved, event];
    return this.save();
  }

  #base(comparisonId: string): EventBase {
    return { id: newId(), datasetId: this.#datasetId ?? '', comparisonId, at: this.#now(), rater: PERSON };
  }

  /** Later than every event of the log, so that the log's order is the order of the person's acts. */
  #now(): number {
    return this.events.reduce((latest, { at }) => Math.max(latest, at + 1), Date.now());
  }

  #reloadSoon(): void {
    clearTimeout(this.#reloadTimer);
    this.#reloadTimer = setTimeout(() => void this.reload(), RELOAD_AFTER_MS);
  }
}

function byPerson(state: ComparisonState | undefined): boolean {
  return state?.status === 'judged' && state.rater.kind === 'person';
}

export const queue = new Queue();
