import { LEAN, PPO_PRESETS, type PpoPresetName, type PpoSettings } from '../../lab/protocol';
import { listEvents } from '../../store/judgements';
import type { RunRecord } from '../../store/schema';
import { differingFields, nearestPreset } from '../settings/difference';
import { isSound } from '../settings/fields';
import { PPO_FIELDS } from '../settings/ppoFields';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';

export const PRESETS = Object.entries(PPO_PRESETS).map(([name, { title, about }]) => ({ name: name as PpoPresetName, title, about }));

const randomSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;

/** A run that is being put together. */
class NewRun {
  #preset = $state<PpoPresetName>('lean');
  #settings = $state.raw<PpoSettings>(LEAN);
  #seed = $state(randomSeed());
  #baseModelId = $state<string | null>(null);
  #rewardModelId = $state<string | null>(null);
  /** 'auto' takes the rule that labelled the reward model's dataset. */
  #goldRule = $state<string | null | 'auto'>('auto');
  #labelledBy = $state<string | null>(null);
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
    return this.#settings;
  }

  get seed(): number {
    return this.#seed;
  }

  get rewardModelId(): string {
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
    return this.#goldRule === 'auto' ? this.#labelledBy : this.#goldRule;
  }

  get creating(): boolean {
    return this.#creating;
  }

  /** How many settings differ from the preset. */
  get changed(): number {
    return differingFields(PPO_FIELDS, this.#settings, PPO_PRESETS[this.#preset].settings as PpoSettings).length;
  }

  get ready(): boolean {
    return lab.ready && !this.#creating && this.baseModelId !== '' && this.rewardModelId !== '' && Number.isInteger(this.#seed) && isSound(PPO_FIELDS, this.#settings);
  }

  open(): void {
    this.#open = true;
  }

  /** Open the form filled like a run that is there, to change what it should have been: a run's own settings never change. */
  openLike({ settings, seed, baseModelId, rewardModelId, goldRule }: RunRecord): void {
    this.#settings = settings as PpoSettings;
    this.#preset = nearestPreset(this.#settings).name;
    this.#seed = seed;
    this.#baseModelId = baseModelId;
    this.#rewardModelId = rewardModelId;
    this.#goldRule = goldRule ?? null;
    this.open();
  }

  close(): void {
    this.#open = false;
  }

  choosePreset(preset: PpoPresetName): void {
    this.#preset = preset;
    this.#settings = PPO_PRESETS[preset].settings as PpoSettings;
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

  /** Look up which rule, if any, labelled what the reward model learned from. */
  async findLabeler(): Promise<void> {
    const datasetId = shelf.rewardModels.find(({ id }) => id === this.rewardModelId)?.datasetId;
    if (!lab.database || !datasetId) return;
    const events = await listEvents(lab.database, datasetId);
    const rater = events.findLast(({ rater: { kind } }) => kind === 'simulated')?.rater;
    this.#labelledBy = rater?.kind === 'simulated' ? rater.rule : null;
  }

  /** Create the run and look at it. */
  async create(): Promise<void> {
    if (!this.ready) return;
    this.#creating = true;
    try {
      const { runId } = await lab.ask('createRun', {
        baseModelId: this.baseModelId,
        rewardModelId: this.rewardModelId,
        settings: $state.snapshot(this.#settings) as PpoSettings,
        seed: this.#seed,
        goldRule: this.goldRule ?? undefined,
      });
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
