import { randomSeed } from '../../feedback/identity';
import type { Comparison, JudgementEvent, PairVerdict } from '../../feedback/judgement';
import { pairVerdictOf } from '../../feedback/lessons';
import { deriveStates, undoable } from '../../feedback/judgementState';
import { proportion } from '../../feedback/proportion';
import { type Action, recordAction } from '../../feedback/recording';
import { type Side, verdictFor } from '../../feedback/sides';
import { addComparisons, createDataset } from '../../store/datasets';
import { appendEvents, loadJudgedDataset } from '../../store/judgements';
import { readSetting, writeSetting } from '../../store/settings';
import { lab } from '../shell/lab.svelte';
import { labelers } from '../shell/labelers.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import type { Compared } from './compared';
import { heldOutPrompts } from './comparing.svelte';

/** Pairs written at a time. */
const BATCH = 8;

/**
 * A person judges base against tuned without knowing which is which. The pairs
 * are an ordinary dataset, so sides, saving, undo and export are those of any
 * judgement; by convention the base model's text is its first response. Each
 * state of a policy has its own, for votes on different policies do not add up.
 */
export class BlindTest {
  #datasetId = $state<string | null>(null);
  #comparisons = $state.raw<readonly Comparison[]>([]);
  #events = $state.raw<readonly JudgementEvent[]>([]);
  #busy = $state(false);
  #states = $derived(deriveStates(this.#events));

  constructor(private readonly compared: Compared) {}

  /** The pair on the screen; null where none is open. */
  get current(): Comparison | null {
    return this.#comparisons.find(({ id }) => !this.#states.has(id)) ?? null;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get canUndo(): boolean {
    return undoable(this.#events, labelers.rater) !== null;
  }

  get tally(): { tuned: number; base: number; ties: number } {
    const verdicts = [...this.#states.values()].flatMap((state) => (state.status === 'judged' ? [pairVerdictOf(state)] : []));
    const count = (...kinds: PairVerdict[]) => verdicts.filter((verdict) => verdict !== null && kinds.includes(verdict)).length;
    return { tuned: count('second'), base: count('first'), ties: count('tie', 'both-bad') };
  }

  /** How often the tuned text won, of the pairs where one did; with its Wilson 95 % interval. */
  get winRate() {
    const { tuned, base } = this.tally;
    return proportion(tuned, tuned + base);
  }

  get #setting(): string {
    return `blindTest/${this.compared.key}`;
  }

  /** Find the votes of an earlier visit. */
  async open(): Promise<void> {
    const datasetId: unknown = lab.database && (await readSetting(lab.database, this.#setting));
    if (typeof datasetId !== 'string' || !shelf.datasets.some(({ id }) => id === datasetId)) return;
    this.#datasetId = datasetId;
    await this.#read();
  }

  /** Have both models write more pairs; those where both wrote the same are left out. */
  async more(): Promise<void> {
    if (this.#busy || !lab.database) return;
    this.#busy = true;
    try {
      const { policy, baseModelId, responseLength, temperature } = this.compared;
      const seed = randomSeed();
      const { rows } = await lab.ask('compare', { ...policy, prompts: heldOutPrompts(this.compared, BATCH), options: { maxNewTokens: responseLength, temperature, seed } });
      const drafts = rows
        .filter(({ base, tuned }) => base.text !== tuned.text)
        .map(({ prompt, base, tuned }) => ({ prompt, responses: [base.text, tuned.text] as [string, string], source: { kind: 'sampled' as const, modelId: baseModelId, temperature, seed } }));
      await addComparisons(lab.database, await this.#dataset(), drafts);
      await this.#read();
    } catch (error) {
      notices.report('No pairs for the blind test', error);
    } finally {
      this.#busy = false;
    }
  }

  prefer(side: Side): Promise<void> {
    return this.current ? this.judge(verdictFor(side, this.current)) : Promise.resolve();
  }

  judge(verdict: PairVerdict): Promise<void> {
    return this.current ? this.#act(this.current, { kind: 'judged', verdict }) : Promise.resolve();
  }

  async undo(): Promise<void> {
    const id = undoable(this.#events, labelers.rater);
    const comparison = this.#comparisons.find((candidate) => candidate.id === id);
    if (comparison) await this.#act(comparison, { kind: 'undone' });
  }

  /** The next pair comes when the vote is saved. */
  async #act(comparison: Comparison, action: Action): Promise<void> {
    if (this.#busy || !lab.database) return;
    this.#busy = true;
    try {
      const event = recordAction(comparison, labelers.rater, action, Date.now(), this.#events);
      await appendEvents(lab.database, [event]);
      this.#events = [...this.#events, event];
    } catch (error) {
      notices.report('Your vote was not saved', error);
    } finally {
      this.#busy = false;
    }
  }

  async #dataset(): Promise<string> {
    if (this.#datasetId) return this.#datasetId;
    // A dataset made here must not slip in as the one that is judged in Collect.
    if (shelf.activeDataset) await shelf.chooseDataset(shelf.activeDataset.id);
    const { id } = await createDataset(lab.database!, { name: `Blind test of ${this.compared.name}`, seed: randomSeed(), modelId: this.compared.baseModelId });
    await writeSetting(lab.database!, this.#setting, id);
    return (this.#datasetId = id);
  }

  async #read(): Promise<void> {
    if (!lab.database || !this.#datasetId) return;
    const { comparisons, events } = await loadJudgedDataset(lab.database, this.#datasetId);
    this.#comparisons = comparisons;
    this.#events = events;
  }
}
