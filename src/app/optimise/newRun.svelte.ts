import { randomSeed } from '../../feedback/identity';
import { PPO_PRESETS, presetFor, settingsOf, type PpoPresetName, type PpoSettings } from '../../lab/protocol';
import { loadJudgedDataset } from '../../store/judgements';
import type { RunRecord } from '../../store/schema';
import { OPENINGS } from '../../text/prompts';
import { count } from '../controls/wording';
import { differingFields, nearestPreset, runName } from '../settings/difference';
import { isSound } from '../settings/fields';
import { Forecast } from '../settings/forecast.svelte';
import { PPO_FIELDS } from '../settings/ppoFields';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { RewardChoice } from './rewardChoice.svelte';

/** The lab's own openings, or those of the pairs that were judged. */
export type Openings = 'lab' | 'own';

export const PRESETS = Object.entries(PPO_PRESETS).map(([name, { title, about }]) => ({ name: name as PpoPresetName, title, about }));

/** A run that is being put together. */
class NewRun {
  readonly forecast = new Forecast();
  readonly reward = new RewardChoice();
  #preset = $state<PpoPresetName>('lean');
  /** The person's own; null while they are the preset's, which go with the model. */
  #settings = $state.raw<PpoSettings | null>(null);
  #seed = $state(randomSeed());
  #baseModelId = $state<string | null>(null);
  #rewardModelId = $state<string | null>(null);
  /** 'auto' takes the rule that labelled the reward model's dataset. */
  #goldRule = $state<string | null | 'auto'>('auto');
  /** 'auto' takes the judged pairs' own openings where they have any. */
  #openings = $state<Openings | 'auto'>('auto');
  /** What the reward model learned from, once it has been looked up. */
  #learnedFrom = $state.raw<{ rewardModelId: string; rule: string | null; prompts: readonly string[] } | null>(null);
  /** The openings of the run that the form was filled like. */
  #promptsOfRun = $state.raw<readonly string[]>([]);
  #creating = $state(false);
  #open = $state(false);

  /** The form is on the screen, over the run that is looked at. */
  get isOpen(): boolean {
    return this.#open;
  }

  get preset(): PpoPresetName {
    return this.#preset;
  }

  get settings(): PpoSettings {
    return this.#settings ?? this.#fromPreset;
  }

  get seed(): number {
    return this.#seed;
  }

  /** '' where none has a part in the reward. */
  get rewardModelId(): string {
    if (!this.reward.usesModel) return '';
    const wanted = shelf.rewardModels.find(({ id }) => id === this.#rewardModelId) ?? shelf.activeRewardModel;
    return wanted?.id ?? '';
  }

  /** The chosen one, else the one that the reward model was trained from. */
  get baseModelId(): string {
    const reward = shelf.rewardModels.find(({ id }) => id === this.rewardModelId);
    const wanted = [this.#baseModelId, reward?.baseModelId, shelf.activeModel?.id];
    return wanted.find((id) => shelf.languageModels.some((model) => model.id === id)) ?? '';
  }

  /** The rule that the run is judged by, though nobody trains on it; null for none. */
  get goldRule(): string | null {
    return this.#goldRule === 'auto' ? (this.#learnedFrom?.rule ?? null) : this.#goldRule;
  }

  /** Openings that are not the lab's: of the pairs that the reward model learned from, else of the run that this one is like. */
  get ownPrompts(): readonly string[] {
    const judged = this.#learnedFrom?.prompts ?? [];
    return judged.length > 0 ? judged : this.#promptsOfRun;
  }

  /** From which openings the policy writes on. */
  get openings(): Openings {
    if (this.ownPrompts.length === 0) return 'lab';
    return this.#openings === 'auto' ? 'own' : this.#openings;
  }

  get creating(): boolean {
    return this.#creating;
  }

  /** How many settings differ from the preset. */
  get changed(): number {
    return differingFields(PPO_FIELDS, this.settings, this.#fromPreset).length;
  }

  get #fromPreset(): PpoSettings {
    return presetFor(this.#preset, shelf.widthOf(this.baseModelId));
  }

  get ready(): boolean {
    const known = this.#learnedFrom?.rewardModelId === this.rewardModelId;
    return lab.ready && known && !this.#creating && this.baseModelId !== '' && this.reward.sound && Number.isInteger(this.#seed) && isSound(PPO_FIELDS, this.settings);
  }

  open(): void {
    this.#open = true;
  }

  /** Open the form filled like a run that is there, to change what it should have been: a run's own settings never change. */
  openLike({ settings, seed, baseModelId, rewardModelId, reward, goldRule, prompts }: RunRecord): void {
    this.#settings = settingsOf({ settings });
    this.#preset = nearestPreset(this.#settings, shelf.widthOf(baseModelId)).name;
    this.#seed = seed;
    this.#baseModelId = baseModelId;
    this.#rewardModelId = rewardModelId ?? null;
    this.reward.fillLike({ rewardModelId, reward });
    this.#goldRule = goldRule ?? null;
    this.#openings = prompts ? 'own' : 'lab';
    this.#promptsOfRun = prompts ?? [];
    this.open();
  }

  close(): void {
    this.#open = false;
  }

  choosePreset(preset: PpoPresetName): void {
    this.#preset = preset;
    this.backToPreset();
  }

  backToPreset(): void {
    this.#settings = null;
  }

  change(settings: PpoSettings): void {
    this.#settings = settings;
  }

  chooseSeed(seed: number): void {
    this.#seed = seed;
  }

  chooseBase(id: string): void {
    this.#baseModelId = id;
  }

  chooseReward(id: string): void {
    this.#rewardModelId = id;
  }

  chooseGold(rule: string | null): void {
    this.#goldRule = rule;
  }

  chooseOpenings(openings: Openings): void {
    this.#openings = openings;
  }

  /** Look up what the reward model learned from: which rule, if any, labelled it, and on which openings. */
  async lookUpDataset(): Promise<void> {
    const { rewardModelId } = this;
    const datasetId = shelf.rewardModels.find(({ id }) => id === rewardModelId)?.datasetId;
    const { comparisons, events } = lab.database && datasetId ? await loadJudgedDataset(lab.database, datasetId) : { comparisons: [], events: [] };
    const rater = events.findLast(({ rater: { kind } }) => kind === 'simulated')?.rater;
    const prompts = [...new Set(comparisons.map(({ prompt }) => prompt))];
    if (rewardModelId !== this.rewardModelId) return;
    this.#learnedFrom = {
      rewardModelId,
      rule: rater?.kind === 'simulated' ? rater.rule : null,
      prompts: prompts.every((prompt) => OPENINGS.includes(prompt)) ? [] : prompts,
    };
  }

  /** Ask the lab what the run would take. */
  async foresee(): Promise<void> {
    const { baseModelId, rewardModelId, settings } = this;
    await this.forecast.ask(() => lab.ask('estimateRun', { baseModelId, rewardModelId: rewardModelId || undefined, settings }));
  }

  /** Create the run and look at it. */
  async create(): Promise<void> {
    if (!this.ready) return;
    this.#creating = true;
    try {
      const settings = $state.snapshot(this.settings) as PpoSettings;
      const { runId, leftOut } = await lab.ask('createRun', {
        name: runName(settings, shelf.widthOf(this.baseModelId), shelf.runs.length + 1),
        baseModelId: this.baseModelId,
        rewardModelId: this.rewardModelId || undefined,
        reward: this.reward.mix,
        settings,
        seed: this.#seed,
        goldRule: this.goldRule ?? undefined,
        prompts: this.openings === 'own' ? [...this.ownPrompts] : undefined,
      });
      if (leftOut > 0) notices.tell('Some openings are too long', `${count(leftOut, 'opening')} of the judged pairs did not fit into ${this.settings.promptLength} tokens, and will not be used by this run.`);
      await shelf.chooseRun(runId);
      this.#seed = randomSeed();
      this.close();
    } catch (error) {
      notices.report('The run could not be created', error);
    } finally {
      this.#creating = false;
    }
  }
}

export const newRun = new NewRun();
