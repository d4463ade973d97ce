import { LEARNING_CURVE_FRACTIONS, type LearningCurve, type RewardSettings } from '../../lab/protocol';
import type { ModelRecord } from '../../store/schema';
import { lab } from '../shell/lab.svelte';
import { shelf } from '../shell/shelf.svelte';

/** Whether more labels would help a reward model: asked in this visit, and not kept beyond it. */
class LearningCurves {
  #curves = $state.raw<ReadonlyMap<string, LearningCurve>>(new Map());

  get job() {
    return lab.job('learningCurve');
  }

  of(modelId: string): LearningCurve | undefined {
    return this.#curves.get(modelId);
  }

  /** Whether what it was trained on is still here. */
  canDraw({ datasetId, baseModelId, report }: ModelRecord): boolean {
    return report !== undefined && shelf.datasets.some(({ id }) => id === datasetId) && shelf.languageModels.some(({ id }) => id === baseModelId);
  }

  /** Train on parts of the labels as the model was trained. */
  async draw({ id, datasetId, baseModelId, report }: ModelRecord): Promise<void> {
    if (!datasetId || !baseModelId || this.job) return;
    const { settings } = report as { settings: RewardSettings };
    try {
      const curve = await lab.begin('learningCurve', { datasetId, baseModelId, settings, fractions: LEARNING_CURVE_FRACTIONS }, 'Training on parts of the labels').result;
      this.#curves = new Map([...this.#curves, [id, curve]]);
    } catch {
      // The job has told the person.
    }
  }
}

export const learningCurves = new LearningCurves();
