import * as v from 'valibot';
import { progress } from '../feedback/queue';
import { selfAgreement } from '../feedback/selfAgreement';
import { IMAGE_MODEL } from '../model/imageModel';
import { countParameters, disposeParameters, toParameters } from '../model/parameters';
import { scorePixels, trainImageReward as train } from '../reward/imageReward';
import { judgedResponses } from '../reward/preference';
import type { Database } from '../store/database';
import { loadJudgedDataset } from '../store/judgements';
import { saveModel } from '../store/models';
import { releaseFreeBuffers } from '../tensor/storage';
import { checked } from './checkedSettings';
import { EPOCH_SETTINGS } from './epochSchema';
import { LabFailure } from './failure';
import { imageNames, imagePreferences, loadPixels, type Decoder } from './judgedImages';
import { tensorsOf, type ModelShelf } from './modelShelf';
import type { Commands, ImageRewardReport, ImageRewardSettings, Result } from './protocol';
import { PHASES } from './rewardJob';
import { LearningSchema } from './rewardSchema';
import type { Work } from './work';

const { epochs, batchSize, learningRate, adam, maxGradNorm, heldOutShare, seed } = EPOCH_SETTINGS;
const { ties, bothBad, margin } = LearningSchema.entries;
const ImageRewardSettingsSchema: v.GenericSchema<unknown, ImageRewardSettings> = v.object({
  ...{ epochs, batchSize, learningRate, adam, maxGradNorm, heldOutShare, seed, ties, bothBad, margin },
  centring: v.pipe(v.number(), v.finite(), v.minValue(0)),
  shift: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(IMAGE_MODEL.image_size / 2)),
});

/** Settings that a command brings. Throws `BadCommand`. */
export function readImageRewardSettings(given: ImageRewardSettings): ImageRewardSettings {
  return checked(ImageRewardSettingsSchema, given, 'A setting');
}

/** What is kept beside the weights of a reward model of images. */
export interface ImageRewardModelReport extends ImageRewardReport {
  settings: ImageRewardSettings;
}

/** Train a reward model on a dataset's judgements of images, and keep it. Throws `NothingToLearnFrom`, and what opening the images throws. */
export async function trainImageReward(database: Database, decode: Decoder, { datasetId, name, settings }: Commands['trainImageReward']['args'], work: Work): Promise<Result<'trainImageReward'>> {
  const { comparisons, events, states } = await loadJudgedDataset(database, datasetId);
  const { preferences, leftOut } = imagePreferences(comparisons, states);
  if (preferences.length === 0) throw new LabFailure('NothingToLearnFrom', 'No image of this dataset is judged yet. Judge some of its images, then train.');
  const names = imageNames(comparisons);
  const images = await loadPixels(database, preferences.flatMap(judgedResponses), IMAGE_MODEL.image_size, decode, work, (id) => names.get(id)!);
  releaseFreeBuffers();
  const { config, weights, report: learned } = await train({
    preferences,
    images,
    settings,
    selfAgreement: selfAgreement(events),
    onProgress: async (phase, done, total, loss) => {
      work.progress(PHASES[phase], done, total, loss);
      await work.breathe();
    },
    signal: work.signal,
  });
  const report: ImageRewardReport = { ...learned, leftOut, simulatedPairs: progress(comparisons, states).simulated };
  const kept: ImageRewardModelReport = { ...report, settings };
  const record = await saveModel(database, { name, kind: 'image-reward', config, tokenizer: null, parameters: countParameters(weights.values()), datasetId, report: kept }, tensorsOf(weights));
  return { modelId: record.id, report };
}

/** Rewards of images that are kept here, in their order. */
export async function scoreImages(database: Database, shelf: ModelShelf, decode: Decoder, { rewardModelId, mediaIds }: Commands['scoreImages']['args'], work: Work): Promise<Result<'scoreImages'>> {
  const { config, weights } = await shelf.imageReward(rewardModelId);
  const pixels = await loadPixels(database, mediaIds, config.image_size, decode, work);
  const parameters = toParameters(weights);
  try {
    return { scores: Array.from(await scorePixels({ parameters, config }, mediaIds.map((id) => pixels.get(id)!), () => work.breathe())) };
  } finally {
    disposeParameters(parameters);
  }
}
