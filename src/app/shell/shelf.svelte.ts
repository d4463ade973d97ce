import type { Form } from '../../feedback/form';
import { randomSeed } from '../../feedback/identity';
import type { ModelConfig, RewardReport } from '../../lab/protocol';
import type { Database } from '../../store/database';
import { createDataset, listDatasets } from '../../store/datasets';
import { listModels } from '../../store/models';
import { listRuns } from '../../store/runs';
import type { DatasetRecord, ModelRecord, RunRecord } from '../../store/schema';
import { readSetting, writeSetting } from '../../store/settings';
import { lab } from './lab.svelte';

/** A language model that can be chosen: shipped with the lab, or kept in this browser. */
export interface LanguageModelEntry {
  id: string;
  title: string;
  about: string;
  parameters: number;
  /** Of its hidden states. */
  width: number;
  shipped: boolean;
}

/** What the person works with now; each id may name something that is gone. */
interface Active {
  model: string | null;
  dataset: string | null;
  rewardModel: string | null;
  run: string | null;
}

const SETTING = 'active';

/** Everything that is kept, and which of it is in use. Follows every change, also from the worker and other tabs. */
class Shelf {
  #models = $state.raw<readonly ModelRecord[]>([]);
  #datasets = $state.raw<readonly DatasetRecord[]>([]);
  #runs = $state.raw<readonly RunRecord[]>([]);
  #active = $state.raw<Active>({ model: null, dataset: null, rewardModel: null, run: null });
  #loaded = $state(false);
  #database: Database | null = null;

  #languageModels = $derived<readonly LanguageModelEntry[]>([
    ...lab.shipped.map(({ id, title, about, parameters, width }) => ({ id, title, about, parameters, width, shipped: true })),
    ...this.#models
      .filter(({ kind }) => kind === 'language')
      .map(({ id, name, parameters, config, runId, report }) => ({
        id,
        title: name,
        about: runId || report ? 'Tuned in this browser.' : 'Imported.',
        parameters,
        width: (config as unknown as ModelConfig).hidden_size,
        shipped: false,
      })),
  ]);

  /** The lists have been read once; before that, empty means nothing. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get languageModels(): readonly LanguageModelEntry[] {
    return this.#languageModels;
  }

  /** Kept models of both kinds, oldest first. */
  get models(): readonly ModelRecord[] {
    return this.#models;
  }

  get rewardModels(): readonly ModelRecord[] {
    return this.#models.filter(({ kind }) => kind === 'reward');
  }

  /** Models that were tuned here without a run and critics that guide one, oldest first; their report says how. */
  get tunedModels(): readonly ModelRecord[] {
    return this.#models.filter(({ kind, report, baseModelId }) => kind !== 'reward' && kind !== 'image-reward' && report && baseModelId !== undefined);
  }

  get datasets(): readonly DatasetRecord[] {
    return this.#datasets;
  }

  get runs(): readonly RunRecord[] {
    return this.#runs;
  }

  /** The model that writes: the chosen one; else, on a slow device, the smallest; else the first. */
  get activeModel(): LanguageModelEntry | null {
    const chosen = this.#languageModels.find(({ id }) => id === this.#active.model);
    if (chosen) return chosen;
    const shipped = this.#languageModels.filter((model) => model.shipped);
    const bySize = [...(shipped.length ? shipped : this.#languageModels)].sort((a, b) => a.parameters - b.parameters);
    return (lab.adapter?.slow ? bySize[0] : bySize.at(-1)) ?? null;
  }

  get activeDataset(): DatasetRecord | null {
    return this.#datasets.find(({ id }) => id === this.#active.dataset) ?? this.#datasets.at(-1) ?? null;
  }

  get activeRewardModel(): ModelRecord | null {
    return this.rewardModels.find(({ id }) => id === this.#active.rewardModel) ?? this.rewardModels.at(-1) ?? null;
  }

  get activeRewardReport(): RewardReport | null {
    return (this.activeRewardModel?.report as RewardReport | undefined) ?? null;
  }

  get activeRun(): RunRecord | null {
    return this.#runs.find(({ id }) => id === this.#active.run) ?? this.#runs.at(-1) ?? null;
  }

  /** Name of any model by its id, for a sentence. */
  nameOf(modelId: string | undefined): string {
    const entry = this.#languageModels.find(({ id }) => id === modelId) ?? undefined;
    return entry?.title ?? this.#models.find(({ id }) => id === modelId)?.name ?? 'a model that is gone';
  }

  /** Width of a language model by its id; undefined of one that is gone. */
  widthOf(modelId: string): number | undefined {
    return this.#languageModels.find(({ id }) => id === modelId)?.width;
  }

  async open(database: Database): Promise<void> {
    this.#database = database;
    database.changes.listen((change) => {
      if (change.of === 'models') void this.#readModels();
      else if (change.of === 'datasets') void this.#readDatasets();
      else if (change.of === 'runs') void this.#readRuns();
    });
    const [stored] = await Promise.all([readSetting(database, SETTING), this.#readModels(), this.#readDatasets(), this.#readRuns()]);
    if (stored && typeof stored === 'object') this.#active = { ...this.#active, ...stored };
    this.#loaded = true;
  }

  chooseModel(id: string): Promise<void> {
    return this.#choose({ model: id });
  }

  chooseDataset(id: string): Promise<void> {
    return this.#choose({ dataset: id });
  }

  chooseRewardModel(id: string): Promise<void> {
    return this.#choose({ rewardModel: id });
  }

  chooseRun(id: string): Promise<void> {
    return this.#choose({ run: id });
  }

  /** A new, empty dataset, which becomes the one in use; `modelId` is the model that will write into it, `form` what is asked about its items. */
  async addDataset(name: string, modelId?: string, form?: Form): Promise<DatasetRecord> {
    if (!this.#database) throw new Error(lab.storageError ?? 'The storage is not open yet. Try again in a moment.');
    const dataset = await createDataset(this.#database, { name, seed: randomSeed(), ...(modelId !== undefined && { modelId }), ...(form && { form }) });
    await this.#readDatasets();
    await this.chooseDataset(dataset.id);
    return dataset;
  }

  async #choose(part: Partial<Active>): Promise<void> {
    this.#active = { ...this.#active, ...part };
    if (this.#database) await writeSetting(this.#database, SETTING, this.#active);
  }

  async #readModels(): Promise<void> {
    if (this.#database) this.#models = await listModels(this.#database);
  }

  async #readDatasets(): Promise<void> {
    if (this.#database) this.#datasets = await listDatasets(this.#database);
  }

  async #readRuns(): Promise<void> {
    if (this.#database) this.#runs = await listRuns(this.#database);
  }
}

export const shelf = new Shelf();
