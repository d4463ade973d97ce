import { EXPERIMENTS, type Experiment } from '../../experiments';
import type { Figure, Table } from '../../experiments/figure';
import { Workbench, type Memory, type Send } from '../../experiments/workbench';
import { RULES } from '../../feedback/rules';
import { readSetting, writeSetting } from '../../store/settings';
import type { Job } from '../shell/jobs.svelte';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';

/** What some seeds found. */
export interface Finding {
  seeds: number;
  figure: Figure;
  table: Table;
}

/** Finished steps, one setting each, so that an experiment goes on where it was cut off. */
const memory: Memory = {
  get: (key) => readSetting(lab.database!, `experiment ${key}`),
  put: (key, value) => writeSetting(lab.database!, `experiment ${key}`, value),
};

class Stopped extends Error {}

/** An experiment of the list, run in the lab step by step. */
class Experimenting {
  #experiment = $state.raw<Experiment>(EXPERIMENTS[0]);
  #seeds = $state(1);
  #rule = $state('long-words');
  #modelId = $state<string | null>(null);
  #finding = $state.raw<Finding | null>(null);
  #running = $state(false);
  #stopping = $state(false);
  /** The step under way, and the lab's work on it. */
  #step = $state('');
  #job = $state.raw<Job | null>(null);

  get experiment(): Experiment {
    return this.#experiment;
  }

  get seeds(): number {
    return this.#seeds;
  }

  get rule(): string {
    return this.#rule;
  }

  get finding(): Finding | null {
    return this.#finding;
  }

  get running(): boolean {
    return this.#running;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  get step(): string {
    return this.#step;
  }

  get job(): Job | null {
    return this.#job;
  }

  /** The chosen one, else the one in use. */
  get modelId(): string {
    return shelf.languageModels.find(({ id }) => id === this.#modelId)?.id ?? shelf.activeModel?.id ?? '';
  }

  get ready(): boolean {
    return lab.ready && lab.database !== null && !this.#running && this.modelId !== '';
  }

  choose(name: string): void {
    this.#experiment = EXPERIMENTS.find((each) => each.name === name) ?? this.#experiment;
    void this.recall();
  }

  chooseSeeds(seeds: number): void {
    this.#seeds = seeds;
    void this.recall();
  }

  chooseRule(rule: string): void {
    this.#rule = RULES.find(({ id }) => id === rule)?.id ?? this.#rule;
    void this.recall();
  }

  chooseModel(id: string): void {
    this.#modelId = id;
    void this.recall();
  }

  /** Show what is known of the chosen experiment without doing anything. */
  async recall(): Promise<void> {
    this.#finding = null;
    if (!lab.database || this.modelId === '') return;
    const { experiment, seeds } = this;
    const key = this.#key;
    const nothingNew: Send = () => Promise.reject(new Stopped());
    const outcomes: unknown[] = [];
    try {
      for (let seed = 1; seed <= seeds; seed++) outcomes.push(await experiment.measure(this.#bench(nothingNew), seed));
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
    // Meanwhile another may have been chosen, or this one started.
    if (outcomes.length > 0 && !this.#running && experiment === this.experiment && seeds === this.seeds && key === this.#key) this.#show(experiment, outcomes);
  }

  /** Do what is not known yet, seed by seed; what is finished is kept. */
  async start(): Promise<void> {
    if (!this.ready) return;
    const { experiment, seeds } = this;
    this.#running = true;
    this.#finding = null;
    const bench = this.#bench(this.#send);
    const outcomes: unknown[] = [];
    try {
      for (let seed = 1; seed <= seeds; seed++) {
        outcomes.push(await experiment.measure(bench, seed));
        this.#show(experiment, outcomes);
      }
      notices.tell('The experiment is finished', `“${experiment.title}” Its figure stands in Optimise; its runs and models are in the Library.`);
    } catch (error) {
      // A command that failed has said so itself.
      if (!(error instanceof Stopped) && (error as Error).name !== 'Cancelled') notices.report('The experiment stopped', error);
    } finally {
      this.#running = this.#stopping = false;
      this.#job = null;
      this.#step = '';
    }
  }

  /** Give up the step under way; those before it are kept. */
  stop(): void {
    this.#stopping = true;
    this.#job?.stop();
  }

  /** What all steps stand on, to know whether it is still the same. */
  get #key(): string {
    return JSON.stringify([this.modelId, this.#rule]);
  }

  #bench(send: Send): Workbench {
    const ground = { modelId: this.modelId, width: shelf.widthOf(this.modelId)!, rule: this.#rule };
    return new Workbench(send, memory, ground, (what) => (this.#step = what));
  }

  #show(experiment: Experiment, outcomes: readonly unknown[]): void {
    this.#finding = { seeds: outcomes.length, figure: experiment.figure(outcomes), table: experiment.table(outcomes) };
  }

  readonly #send: Send = async (type, args, onProgress) => {
    if (this.#stopping) throw new Stopped();
    if (!onProgress) return lab.ask(type, args);
    const job = lab.begin(type, args, 'An experiment', 'The experiment stopped');
    this.#job = job as unknown as Job;
    return job.result;
  };
}

export const experimenting = new Experimenting();
