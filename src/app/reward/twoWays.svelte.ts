import type { RewardComparison, RewardReport } from '../../lab/protocol';
import type { ModelRecord } from '../../store/schema';
import { lab } from '../shell/lab.svelte';
import { shelf } from '../shell/shelf.svelte';
import { training } from './training.svelte';
import { otherWay, rewardSettingsOf } from './ways';

/** Older reports don't say what was held out, so nobody knows what such a model has not seen. */
const isComparable = ({ report }: ModelRecord) => (report as RewardReport | undefined)?.heldOut !== undefined;

/** A reward model beside another that learned from the same judgements. */
export class TwoWays {
  #chosen = $state<string | null>(null);
  #comparison = $state.raw<{ otherId: string; figures: RewardComparison } | null>(null);

  constructor(readonly model: ModelRecord) {}

  get comparable(): boolean {
    return isComparable(this.model) && this.model.datasetId !== undefined;
  }

  /** Whom it can be compared with, oldest first. */
  get others(): readonly ModelRecord[] {
    return shelf.rewardModels.filter((other) => other.id !== this.model.id && other.datasetId === this.model.datasetId && isComparable(other));
  }

  /** The chosen one, else the latest that came the other way, else the latest; null where there is none. */
  get other(): ModelRecord | null {
    const { others } = this;
    return others.find(({ id }) => id === this.#chosen) ?? this.#latestOtherWay ?? others.at(-1) ?? null;
  }

  /** Of these two; null before they were compared. */
  get comparison(): RewardComparison | null {
    return this.#comparison && this.#comparison.otherId === this.other?.id ? this.#comparison.figures : null;
  }

  /** Nobody has come the other way yet, and all that it takes is still there. */
  get canTrain(): boolean {
    const { baseModelId, datasetId } = this.model;
    return !this.#latestOtherWay && shelf.languageModels.some(({ id }) => id === baseModelId) && shelf.datasets.some(({ id }) => id === datasetId);
  }

  get job() {
    return lab.job('compareRewards');
  }

  get #latestOtherWay(): ModelRecord | undefined {
    const wanted = otherWay(rewardSettingsOf(this.model).pipeline);
    return this.others.findLast((other) => rewardSettingsOf(other).pipeline === wanted);
  }

  choose(id: string): void {
    this.#chosen = id;
  }

  train(): Promise<void> {
    return training.startOtherWay(this.model);
  }

  async compare(): Promise<void> {
    const { other } = this;
    if (!other || this.job) return;
    try {
      const figures = await lab.begin('compareRewards', { a: this.model.id, b: other.id }, 'Comparing two reward models', 'The two could not be compared').result;
      this.#comparison = { otherId: other.id, figures };
    } catch {
      // The job has told the person already.
    }
  }
}
