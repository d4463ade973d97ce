import { REWARD_DEFAULTS, type RewardSettings } from '../../lab/protocol';
import { withSuitedRate } from '../settings/rewardFields';
import { Forecast } from '../settings/forecast.svelte';
import { lab } from '../shell/lab.svelte';
import { LossCurve } from '../shell/lossCurve.svelte';
import { shelf } from '../shell/shelf.svelte';
import type { ModelRecord } from '../../store/schema';
import { otherWay, rewardSettingsOf } from './ways';

/** The training of a reward model: what it will use, and how its loss falls. */
class Training {
  readonly forecast = new Forecast();
  #settings = $state.raw<RewardSettings>(REWARD_DEFAULTS);
  #baseModelId = $state<string | null>(null);
  readonly #curve = new LossCurve();

  get settings(): RewardSettings {
    return this.#settings;
  }

  /** The model it starts as a copy of: the chosen one, else the one that wrote the pairs, else the one in use. */
  get baseModelId(): string {
    const wanted = [this.#baseModelId, shelf.activeDataset?.modelId, shelf.activeModel?.id];
    return wanted.find((id) => shelf.languageModels.some((model) => model.id === id)) ?? '';
  }

  /** Loss of each step so far, of the training under way or of the last one in this visit. */
  get losses(): readonly { step: number; loss: number }[] {
    return this.#curve.points;
  }

  /** How many steps there will be. */
  get steps(): number {
    return this.#curve.steps;
  }

  get job() {
    return lab.job('trainReward');
  }

  change(settings: RewardSettings): void {
    this.#settings = withSuitedRate(this.#settings, settings);
  }

  chooseBase(id: string): void {
    this.#baseModelId = id;
  }

  /** Ask the lab what training on the dataset in use would take. */
  async foresee(): Promise<void> {
    const { baseModelId, settings } = this;
    const datasetId = shelf.activeDataset?.id;
    if (datasetId) await this.forecast.ask(() => lab.ask('estimateReward', { datasetId, baseModelId, settings }));
  }

  /** Train once more on the judgements that a reward model learned from, as it was trained but for its pipeline. */
  async startOtherWay(model: ModelRecord): Promise<void> {
    if (this.job) return;
    const settings = rewardSettingsOf(model);
    this.#settings = { ...settings, pipeline: otherWay(settings.pipeline) };
    this.#baseModelId = model.baseModelId ?? null;
    if (model.datasetId) await shelf.chooseDataset(model.datasetId);
    await this.start();
  }

  /** Train on the judgements of the dataset in use; the new model becomes the one in use. */
  async start(): Promise<void> {
    const dataset = shelf.activeDataset;
    if (!dataset || this.job) return;
    const done = await this.#curve.follow(() =>
      lab.begin(
        'trainReward',
        { datasetId: dataset.id, baseModelId: this.baseModelId, name: `Reward model ${shelf.rewardModels.length + 1}${this.#settings.pipeline === 'modular' ? ', modular' : ''}`, settings: this.#settings },
        'Training the reward model',
      ),
    );
    if (done) await shelf.chooseRewardModel(done.modelId);
  }
}

export const training = new Training();
