import { readModelConfig } from '../model/config';
import type { ImageModelConfig } from '../model/imageModel';
import { openLanguageModel, type LanguageModel } from '../model/languageModel';
import { countParameters, type Weights } from '../model/parameters';
import type { Database } from '../store/database';
import { loadModel } from '../store/models';
import type { ModelRecord, StoredTensors } from '../store/schema';
import { BpeTokenizer } from '../text/bpe';
import type { LabEnvironment } from './environment';
import { LabFailure } from './failure';
import type { RewardReport, RewardSettings } from './protocol';
import { fetchShipped, isShipped } from './shippedModels';

/** What is kept beside a reward model's weights. */
export interface RewardModelReport extends RewardReport {
  settings: RewardSettings;
}

/** A network that reads images, with its weights. */
export interface ImageModel {
  config: ImageModelConfig;
  weights: Weights;
}

const KIND_WORDS: Record<ModelRecord['kind'], string> = { language: 'a language model', reward: 'a reward model', 'image-reward': 'a reward model of images', critic: 'a critic model' };

// A base and a reward model in use, and two that were in use before.
const KEPT_IN_MEMORY = 4;

/** Models by kind and id, shipped or stored, opened once and kept while they are in use. They are not on the device. */
export class ModelShelf {
  private readonly open = new Map<string, Promise<LanguageModel | ImageModel>>();

  constructor(
    private readonly database: Database,
    private readonly assets: LabEnvironment['assets'],
  ) {}

  /** Throws `ModelUnavailable` where a shipped model's files don't arrive, `NotFoundError` where a stored one is gone. */
  language(id: string): Promise<LanguageModel> {
    return this.fetch('language', id, async () => (isShipped(id) ? this.openShipped(id) : openStored(await this.load(id, 'language'))));
  }

  /** A trunk with its score head, which holds the normalisation. */
  reward(id: string): Promise<LanguageModel> {
    return this.fetch('reward', id, async () => openStored(await this.load(id, 'reward')));
  }

  /** A trunk with the heads that guide another model (critic.ts). */
  critic(id: string): Promise<LanguageModel> {
    return this.fetch('critic', id, async () => openStored(await this.load(id, 'critic')));
  }

  /** A network that scores images; its head holds the normalisation. */
  imageReward(id: string): Promise<ImageModel> {
    return this.fetch('image-reward', id, async () => {
      const { model, tensors } = await this.load(id, 'image-reward');
      return { config: model.config as ImageModelConfig, weights: weightsOf(tensors) };
    });
  }

  private async openShipped(id: string): Promise<LanguageModel> {
    const files = await fetchShipped(this.assets, id);
    try {
      return openLanguageModel(files);
    } catch (error) {
      throw new LabFailure('ModelUnavailable', `The model's files arrived damaged. ${(error as Error).message} Nothing is lost; reload the page to fetch them again.`);
    }
  }

  private async load(id: string, kind: ModelRecord['kind']) {
    const stored = await loadModel(this.database, id);
    if (stored.model.kind !== kind)
      throw new LabFailure('BadCommand', `“${stored.model.name}” is ${KIND_WORDS[stored.model.kind]}, and ${KIND_WORDS[kind]} is needed here. Choose another.`);
    return stored;
  }

  /** By kind too: what is open as one kind must not pass for another. */
  private fetch<M extends LanguageModel | ImageModel>(kind: ModelRecord['kind'], id: string, open: () => Promise<M>): Promise<M> {
    const key = `${kind} ${id}`;
    const model = (this.open.get(key) as Promise<M> | undefined) ?? open();
    // The last used stands last. What failed is forgotten, so asking again tries again.
    this.open.delete(key);
    this.open.set(key, model);
    model.catch(() => this.open.delete(key));
    for (const oldest of this.open.keys()) if (this.open.size > KEPT_IN_MEMORY) this.open.delete(oldest);
    return model;
  }
}

/** A stored model, whose weights were checked when it was kept. */
export function openStored({ model, tensors }: { model: ModelRecord; tensors: StoredTensors }): LanguageModel {
  return { config: readModelConfig(model.config), tokenizer: BpeTokenizer.fromJson(model.tokenizer), weights: weightsOf(tensors) };
}

/** Tensors as the database keeps them, as the model takes them. */
export function weightsOf(tensors: StoredTensors): Weights {
  return new Map(Object.entries(tensors));
}

/** Weights as the database keeps them. */
export function tensorsOf(weights: Weights): StoredTensors {
  return Object.fromEntries(weights);
}

/** The fields of a record that say how to read a model's weights. */
export function recordOf({ config, tokenizer, weights }: LanguageModel): Pick<ModelRecord, 'config' | 'tokenizer' | 'parameters'> {
  return { config, tokenizer: tokenizer.toJson(), parameters: countParameters(weights.values()) };
}
