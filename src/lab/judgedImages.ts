import type { Comparison, ComparisonState } from '../feedback/judgement';
import { picturesSpokenOf, responsePictures } from '../feedback/judgedPictures';
import { lessonsOf } from '../feedback/lessons';
import type { Preference } from '../reward/preference';
import type { Pixels } from '../reward/imageReward';
import type { Database } from '../store/database';
import { readMedia } from '../store/media';
import { LabFailure } from './failure';
import type { Work } from './work';

/*
 * Where judgements of images and the files that are kept of them come together:
 * the only place that knows how an item holds its pictures.
 */

/**
 * What judgements teach about images: responses give way to the ids of the images
 * that they are. Judgements that speak of a response without one are left out, and
 * so are rewrites, whose better text nobody drew; `leftOut` counts both.
 */
export function imagePreferences(comparisons: readonly Comparison[], states: ReadonlyMap<string, ComparisonState>): { preferences: Preference[]; leftOut: number } {
  const judged = comparisons.flatMap((comparison): (Preference | null)[] => {
    const state = states.get(comparison.id);
    if (state?.status !== 'judged') return [];
    const { id: comparisonId, prompt, swapped } = comparison;
    const responses = responsePictures(comparison);
    return lessonsOf(state).map(({ verdict, strength }) => picturesSpokenOf(verdict, responses) && { comparisonId, prompt, responses, swapped, verdict, strength, rater: state.rater });
  });
  const preferences = judged.filter((preference) => preference !== null);
  return { preferences, leftOut: judged.length - preferences.length };
}

/** Turns an image file into the pixels that a model reads; see imagePixels.ts. */
export type Decoder = (file: Blob, name: string, side: number) => Promise<Pixels>;

/** Pixels by id of the images that are kept under these, each decoded once. Throws `NotFound`, and what the decoder throws. */
export async function loadPixels(database: Database, ids: readonly string[], side: number, decode: Decoder, work: Work, nameOf: (id: string) => string = (id) => id): Promise<Map<string, Pixels>> {
  const pixels = new Map<string, Pixels>();
  const wanted = [...new Set(ids)];
  for (const id of wanted) {
    // One at a time: files are as large as they come, and of each only a few kilobytes are kept here.
    const [media] = await readMedia(database, [id]);
    if (!media) throw new LabFailure('NotFound', `The image “${nameOf(id)}” is not in this browser any more. Import its dataset again.`);
    pixels.set(id, await decode(media.bytes, nameOf(id), side));
    work.progress('Reading the images', pixels.size, wanted.length);
    await work.breathe();
  }
  return pixels;
}

/** What the file of each image was called, by its id. */
export function imageNames(comparisons: readonly Comparison[]): Map<string, string> {
  return new Map(comparisons.flatMap(({ attachments = [] }) => attachments.map(({ mediaId, name }) => [mediaId, name] as const)));
}
