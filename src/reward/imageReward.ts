import { tensor4d, tidy, type Tensor4D } from '@tensorflow/tfjs-core';
import { COLOURS, IMAGE_MODEL, initImageWeights, scoreImages, type ImageModelConfig } from '../model/imageModel';
import { disposeParameters, toParameters, toWeights, type Parameters, type Weights } from '../model/parameters';
import { RandomStream } from '../tensor/random';
import { disputesOf, hardestPulls } from './dispute';
import { fitScores, RewardTrainingError, type Example, type Scoring } from './fit';
import type { ImageRewardReport, ImageRewardSettings } from './imageSettings';
import { impliedPairs } from './impliedPairs';
import { initThresholds, targetsOf } from './kinds';
import { countKinds } from './minibatches';
import { foldIntoHead, normalisation } from './normalisation';
import { judgedResponses, kindOf, type Preference } from './preference';
import { heldOutReport } from './report';
import { SCORING_ROWS } from './rewardModel';
import { splitByImage } from './split';
import { labelerNoise, scorePairs, watch, type Learning } from './training';

/** Red, green and blue of each pixel of an image, row by row, from 0 to 255: [S, S, 3]. */
export type Pixels = Uint8Array;

export interface ImageLearning extends Pick<Learning, 'selfAgreement' | 'onProgress' | 'signal'> {
  /** Judgements whose responses are names of images. */
  preferences: readonly Preference[];
  /** By name; every image that was judged, of the size that {@link IMAGE_MODEL} reads. */
  images: ReadonlyMap<string, Pixels>;
  settings: ImageRewardSettings;
}

export interface TrainedImageReward {
  config: ImageModelConfig;
  /** The normalisation is in the head, so scores of this model are rewards as they are. */
  weights: Weights;
  report: Omit<ImageRewardReport, 'leftOut' | 'simulatedPairs'>;
}

/**
 * Train a reward model on judgements of images: a convolutional network from
 * scratch (imageModel.ts), by the losses of kinds.ts, split by image, with the
 * report of the text reward model. It sees images alone, no prompt. The images
 * that were judged stand for the reference policy: over them rewards have mean 0
 * and standard deviation 1. The same settings and data give the same model.
 * Throws {@link RewardTrainingError}.
 */
export async function trainImageReward(learning: ImageLearning): Promise<TrainedImageReward> {
  const { preferences, images, settings, selfAgreement } = learning;
  const started = performance.now();
  if (preferences.length === 0) throw new RewardTrainingError('There is no judgement of images to learn from. Judge some images first.');
  const seeded = new RandomStream(settings.seed);
  const { train, heldOut, mixed } = splitByImage(preferences, judgedResponses, settings.heldOutShare, seeded.fork('split'));
  const config = IMAGE_MODEL;
  const start = initImageWeights(config, seeded.fork('weights'));
  const parameters = toParameters(new Map([...start, ...initThresholds(train.map(kindOf), settings)]));
  const pixelsOf = (names: readonly string[]) => names.map((name) => images.get(name)!);
  try {
    const shifts = seeded.fork('shift');
    const scoring: Scoring<Pixels> = { parameters, score: (pixels) => scoreImages(parameters, config, batchOf(pixels, config, pixels.map(() => randomShift(settings.shift, shifts)))) };
    const targets = targetsOf(train);
    const examples = train.map((judged, i): Example<Pixels> => ({ ...targets[i], items: pixelsOf(judgedResponses(judged)) }));
    const { lossCurve, pulls } = await fitScores(scoring, examples, countKinds(train), settings, seeded.fork('order'), watch(learning, 'train'));
    // Nothing is said of length, so all are as long.
    const scoresOf = (judged: readonly Preference[], phase: 'evaluate' | 'review') =>
      scorePairs(impliedPairs(judged), () => 0, (shown) => scorePixels({ parameters, config }, pixelsOf(shown.map(({ response }) => response)), watch(learning, phase)));
    const [scored, known] = [await scoresOf(heldOut, 'evaluate'), { judged: train, scored: await scoresOf(train, 'review') }];
    const judgedImages = [...new Set(preferences.flatMap(judgedResponses))];
    const scale = normalisation(await scorePixels({ parameters, config }, pixelsOf(judgedImages), watch(learning, 'normalise')));
    const weights = await toWeights(new Map([...start.keys()].map((name) => [name, parameters.get(name)!])));
    const { lengthCorrelation: _, accuracyByLength: __, ...found } = heldOutReport(scored);
    return {
      config,
      weights: foldIntoHead(weights, scale),
      report: {
        trainPairs: train.length,
        heldOutPairs: heldOut.length,
        mixed: mixed.length,
        ...found,
        ...labelerNoise(heldOut, { selfAgreement }),
        disputes: disputesOf(known, { judged: heldOut, scored }),
        pulls: hardestPulls(known, pulls),
        heldOut: heldOut.map(({ comparisonId }) => comparisonId),
        lossCurve,
        ...scale,
        seconds: (performance.now() - started) / 1000,
      },
    };
  } finally {
    disposeParameters(parameters);
  }
}

/** A network on the device. */
export interface ImageRewardModel {
  parameters: Parameters;
  config: ImageModelConfig;
}

/** Scores of images, in their order. */
export async function scorePixels({ parameters, config }: ImageRewardModel, images: readonly Pixels[], onProgress?: (done: number, total: number) => void | Promise<void>): Promise<Float32Array> {
  const scores = new Float32Array(images.length);
  for (let start = 0; start < images.length; start += SCORING_ROWS) {
    const rows = images.slice(start, start + SCORING_ROWS);
    const filled = [...rows, ...Array.from({ length: SCORING_ROWS - rows.length }, () => rows[0])];
    const batch = tidy(() => scoreImages(parameters, config, batchOf(filled, config)));
    scores.set((await batch.data()).subarray(0, rows.length), start);
    batch.dispose();
    await onProgress?.(Math.min(start + SCORING_ROWS, images.length), images.length);
  }
  return scores;
}

/** How far an image is moved, in pixels to the right and down. */
type Shift = readonly [right: number, down: number];

/** Up to `most` pixels along each axis, all as likely. */
function randomShift(most: number, random: RandomStream): Shift {
  const along = () => random.integer(2 * most + 1) - most;
  return [along(), along()];
}

/** Images as [N, S, S, 3] with colours from −1 to 1, moved by their shifts; what a shift uncovers is like the edge beside it. */
export function batchOf(images: readonly Pixels[], { image_size: S }: ImageModelConfig, shifts?: readonly Shift[]): Tensor4D {
  const values = new Float32Array(images.length * S * S * COLOURS);
  const inside = (place: number) => Math.min(S - 1, Math.max(0, place));
  let at = 0;
  images.forEach((pixels, n) => {
    const [right, down] = shifts?.[n] ?? [0, 0];
    for (let row = 0; row < S; row++)
      for (let column = 0; column < S; column++) {
        const from = (inside(row - down) * S + inside(column - right)) * COLOURS;
        for (let colour = 0; colour < COLOURS; colour++) values[at++] = pixels[from + colour] / 127.5 - 1;
      }
  });
  return tensor4d(values, [images.length, S, S, COLOURS]);
}
