import { learningCurve } from '../reward/learningCurve';
import { releaseFreeBuffers } from '../tensor/storage';
import type { Desk } from './lab';
import type { Commands, Result } from './protocol';
import { loadJudged } from './rewardJob';
import type { Work } from './work';

/** Held-out accuracy against the number of labels that are learned from. */
export async function drawLearningCurve({ database, shelf }: Pick<Desk, 'database' | 'shelf'>, { datasetId, baseModelId, settings, fractions }: Commands['learningCurve']['args'], work: Work): Promise<Result<'learningCurve'>> {
  const { preferences, simulated, selfAgreement } = await loadJudged(database, datasetId);
  const model = await shelf.language(baseModelId);
  releaseFreeBuffers();
  const onProgress = async (done: number, total: number, loss?: number) => {
    work.progress('Training on parts of the labels', done, total, loss);
    await work.breathe();
  };
  return learningCurve({ model, preferences, simulated, selfAgreement, settings, onProgress, signal: work.signal }, fractions);
}
