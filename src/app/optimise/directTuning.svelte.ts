import { DPO_DEFAULTS, type DpoSettings } from '../../lab/protocol';
import { queue } from '../collect/queue.svelte';
import { METHOD_NAMES } from '../library/madeBy';
import { DPO_FIELDS } from '../settings/dpoFields';
import { isSound } from '../settings/fields';
import { lab } from '../shell/lab.svelte';
import { shelf } from '../shell/shelf.svelte';
import { LossCurve } from '../shell/lossCurve.svelte';

/** Tuning a model on the judgements of the dataset in use, without a reward model. */
class DirectTuning {
  #settings = $state.raw<DpoSettings>(DPO_DEFAULTS);
  #baseModelId = $state<string | null>(null);
  readonly losses = new LossCurve();

  get settings(): DpoSettings {
    return this.#settings;
  }

  /** The chosen one, else the one that wrote the pairs, else the one in use. */
  get baseModelId(): string {
    const wanted = [this.#baseModelId, shelf.activeDataset?.modelId, shelf.activeModel?.id];
    return wanted.find((id) => shelf.languageModels.some((model) => model.id === id)) ?? '';
  }

  get job() {
    return lab.job('tuneOnPreferences');
  }

  get ready(): boolean {
    return lab.ready && !this.job && queue.judged > 1 && this.baseModelId !== '' && isSound(DPO_FIELDS, this.#settings);
  }

  change(settings: DpoSettings): void {
    this.#settings = settings;
  }

  chooseBase(id: string): void {
    this.#baseModelId = id;
  }

  async start(): Promise<void> {
    const dataset = shelf.activeDataset;
    if (!dataset || !this.ready) return;
    const { baseModelId } = this;
    const name = `${shelf.nameOf(baseModelId)}, tuned by ${METHOD_NAMES[this.#settings.method]}`;
    await this.losses.follow(() => lab.begin('tuneOnPreferences', { datasetId: dataset.id, baseModelId, name, settings: $state.snapshot(this.#settings) as DpoSettings }, 'Tuning on the judgements'));
  }
}

export const directTuning = new DirectTuning();
