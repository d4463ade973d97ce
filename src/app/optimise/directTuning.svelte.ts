import { DPO_DEFAULTS, ILQL_DEFAULTS, type DpoSettings, type IlqlSettings } from '../../lab/protocol';
import { queue } from '../collect/queue.svelte';
import { DPO_FIELDS } from '../settings/dpoFields';
import { isSound } from '../settings/fields';
import { ILQL_FIELDS } from '../settings/ilqlFields';
import { lab } from '../shell/lab.svelte';
import { shelf } from '../shell/shelf.svelte';
import { LossCurve } from '../shell/lossCurve.svelte';
import { METHODS, type TuningMethod } from './tuningMethods';

/** Tuning a model on the judgements of the dataset in use, without a reward model and without a run. */
class DirectTuning {
  #method = $state<TuningMethod>('dpo');
  #dpo = $state.raw<DpoSettings>(DPO_DEFAULTS);
  #ilql = $state.raw<IlqlSettings>(ILQL_DEFAULTS);
  #baseModelId = $state<string | null>(null);
  readonly losses = new LossCurve();

  get method(): TuningMethod {
    return this.#method;
  }

  /** Of the three methods on pairs. */
  get dpo(): DpoSettings {
    return this.#dpo;
  }

  get ilql(): IlqlSettings {
    return this.#ilql;
  }

  /** The chosen one, else the one that wrote the pairs, else the one in use. */
  get baseModelId(): string {
    const wanted = [this.#baseModelId, shelf.activeDataset?.modelId, shelf.activeModel?.id];
    return wanted.find((id) => shelf.languageModels.some((model) => model.id === id)) ?? '';
  }

  get job() {
    return lab.job('tuneOnPreferences') ?? lab.job('tuneByValues');
  }

  get ready(): boolean {
    const sound = this.#method === 'ilql' ? isSound(ILQL_FIELDS, this.#ilql) : isSound(DPO_FIELDS, this.#dpo);
    return lab.ready && !this.job && queue.judged > 1 && this.baseModelId !== '' && sound;
  }

  chooseMethod(method: TuningMethod): void {
    this.#method = method;
  }

  changeDpo(settings: DpoSettings): void {
    this.#dpo = settings;
  }

  changeIlql(settings: IlqlSettings): void {
    this.#ilql = settings;
  }

  chooseBase(id: string): void {
    this.#baseModelId = id;
  }

  async start(): Promise<void> {
    const dataset = shelf.activeDataset;
    if (!dataset || !this.ready) return;
    const { baseModelId } = this;
    const method = this.#method;
    const words = method === 'ilql' ? 'guided' : 'tuned';
    const about = { datasetId: dataset.id, baseModelId, name: `${shelf.nameOf(baseModelId)}, ${words} by ${METHODS[method].label}` };
    if (method === 'ilql') await this.losses.follow(() => lab.begin('tuneByValues', { ...about, settings: $state.snapshot(this.#ilql) as IlqlSettings }, 'Learning from the judgements'));
    else await this.losses.follow(() => lab.begin('tuneOnPreferences', { ...about, settings: { ...($state.snapshot(this.#dpo) as DpoSettings), method } }, 'Tuning on the judgements'));
  }
}

export const directTuning = new DirectTuning();
