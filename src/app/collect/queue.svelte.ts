import { JudgedQueue, type JudgedComparison } from '../../feedback/judgedQueue';
import type { Comparison, ComparisonState, JudgementEvent, Verdict } from '../../feedback/judgement';
import { recordAction, type Action } from '../../feedback/recording';
import { responseOn, verdictFor, type Side } from '../../feedback/sides';
import type { Database } from '../../store/database';
import { appendEvents, loadJudgedDataset } from '../../store/judgements';
import { labelers } from '../shell/labelers.svelte';
import { Stopwatch } from './stopwatch';

/** Truthful: 'saved' only after the store's transaction is complete. */
export type Saving = { state: 'idle' | 'saving' | 'saved' } | { state: 'failed'; message: string };

/** What makes a verdict more than a first answer. */
export type Mark = Pick<JudgementEvent & { kind: 'judged' }, 'repeat' | 'adjudicates'>;

/** Comparisons that are asked one by one, and those of them that are behind: answered, or left out. */
interface Round {
  ids: readonly string[];
  past: readonly { id: string; answered: boolean }[];
  mark: Mark;
}

// Changes come in bursts while pairs are being written.
const RELOAD_AFTER_MS = 200;

/** The queue of one dataset, as somebody works through it: what stands, what is next, what is not saved yet. */
class Queue {
  #datasetId = $state<string | null>(null);
  #log = $state.raw(new JudgedQueue([], []));
  /** Counts what was added to the log, which is changed in place: a copy would cost time with every key. */
  #additions = $state(0);
  #saved: JudgementEvent[] = [];
  #unsaved = $state.raw<readonly JudgementEvent[]>([]);
  #saving = $state.raw<Saving>({ state: 'idle' });
  /** A comparison that was asked for by name: reopened, or linked to. */
  #asked = $state<string | null>(null);
  /** What is asked one by one instead of what is open, and what its verdicts are marked with. */
  #round = $state.raw<Round | null>(null);
  #loaded = $state(false);
  #database: Database | null = null;
  #writing = false;
  #reloadTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #stopwatch = new Stopwatch();

  #asking = $derived(this.#judged.find(this.#asked));
  #current = $derived(this.#asking ?? (this.#round ? this.#judged.find(this.#round.ids[0]) : this.#judged.next()));
  #pace = $derived(this.#judged.pace(labelers.rater));
  #undoable = $derived(this.#judged.undoable(labelers.rater));

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
    return this.#log.comparisons;
  }

  /** Every event, saved or not, as an export wants them. */
  get events(): readonly JudgementEvent[] {
    return [...this.#saved, ...this.#unsaved];
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

  /** Judged comparisons, the latest first, so many at most. */
  recent(most: number): readonly JudgedComparison[] {
    return this.#judged.recent(most);
  }

  get canUndo(): boolean {
    return this.#round ? this.#round.past.length > 0 : this.#undoable !== null;
  }

  /** Follow one dataset. Events that are not saved yet stay in memory, whatever dataset they belong to. */
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
    this.#round = null;
    this.#take([], []);
    this.#loaded = false;
    if (datasetId) await this.reload();
  }

  async reload(): Promise<void> {
    clearTimeout(this.#reloadTimer);
    const id = this.#datasetId;
    if (!this.#database || !id) return;
    const { comparisons, events } = await loadJudgedDataset(this.#database, id);
    if (id !== this.#datasetId) return;
    this.#take(comparisons, events);
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
    return this.#act({ kind: 'judged', verdict, ...(elapsed === undefined ? {} : { elapsed }), ...(this.#inRound && this.#round?.mark) });
  }

  /** Not now; of what is asked one by one it is only left out, for it was judged already. */
  skip(): Promise<void> {
    if (!this.#inRound) return this.#act({ kind: 'skipped' });
    this.#advance(false);
    return Promise.resolve();
  }

  /** Take back the latest judgement or skip, and show its pair again. */
  undo(): Promise<void> {
    if (this.#round) return this.#stepBack(this.#round);
    const comparison = this.#log.find(this.#undoable);
    if (!comparison) return Promise.resolve();
    this.#asked = comparison.id;
    return this.#record([[comparison, { kind: 'undone' }]]);
  }

  /** Ask these one by one, whatever was said about them, and mark the verdicts; none ends it. */
  ask(ids: readonly string[], mark: Mark): void {
    const known = ids.filter((id) => this.#log.find(id));
    this.#asked = null;
    this.#round = known.length > 0 ? { ids: known, past: [], mark } : null;
  }

  /** What is still to be asked of those. */
  get asked(): readonly string[] {
    return this.#round?.ids ?? [];
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
        this.#saved.push(...batch.filter(({ datasetId }) => datasetId === this.#datasetId));
      }
      this.#saving = { state: 'saved' };
    } catch (error) {
      this.#saving = { state: 'failed', message: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#writing = false;
    }
  }

  /** What the database holds, and what it does not hold yet. */
  #take(comparisons: readonly Comparison[], saved: JudgementEvent[]): void {
    this.#saved = saved;
    // What this screen asks is about two texts.
    this.#log = new JudgedQueue(comparisons.filter(({ responses }) => responses.length === 2), this.events);
  }

  #act(action: Action): Promise<void> {
    const comparison = this.#current;
    if (!comparison) return Promise.resolve();
    if (this.#inRound) this.#advance(true);
    this.#asked = null;
    return this.#record([[comparison, action]]);
  }

  get #inRound(): boolean {
    return this.#round !== null && this.#asking === null;
  }

  #advance(answered: boolean): void {
    if (!this.#round) return;
    const { ids: [id, ...ids], past, mark } = this.#round;
    this.#round = ids.length > 0 ? { ids, past: [...past, { id, answered }], mark } : null;
  }

  /** To the one before, whose answer is taken back if it has one. */
  #stepBack({ ids, past, mark }: Round): Promise<void> {
    const last = past.at(-1);
    const comparison = this.#log.find(last?.id);
    if (!last || !comparison) return Promise.resolve();
    this.#round = { ids: [last.id, ...ids], past: past.slice(0, -1), mark };
    return last.answered ? this.#record([[comparison, { kind: 'undone' }]]) : Promise.resolve();
  }

  #record(actions: [Comparison, Action][]): Promise<void> {
    // Later than all before it, so that "the latest" is the latest act even where the clock was set back.
    const now = Math.max(Date.now(), this.#log.latest + 1);
    this.#stopwatch.abandon();
    const events = actions.map(([comparison, action]) => recordAction(comparison, labelers.rater, action, now));
    for (const event of events) this.#log.add(event);
    this.#additions++;
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
