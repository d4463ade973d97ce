import { brokenImage, imageSize } from './imageHeader';

/** What the model sees where an image has nothing: its middle, neither light nor dark. */
const GROUND = 'rgb(128 128 128)';

/**
 * The pixels of an image file as a model reads them: red, green and blue, row by
 * row, from 0 to 255, [side, side, 3]. The whole image is scaled to fit and stands
 * in the middle, its proportions kept: cutting it or stretching it would change
 * where things are. The first picture of an animation counts. Needs a browser.
 * @param name what to call it in an error
 * @throws LabFailure named `NotAnImage`, `BrokenImage` or `ImageTooLarge`; the last before anything is decoded
 */
export async function imagePixels(file: Blob, name: string, side: number): Promise<Uint8Array> {
  imageSize(new Uint8Array(await file.arrayBuffer()), name);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw brokenImage(name);
  }
  try {
    const { left, top, width, height } = letterbox(bitmap, side);
    const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true })!;
    context.fillStyle = GROUND;
    context.fillRect(0, 0, side, side);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, left, top, width, height);
    return withoutAlpha(context.getImageData(0, 0, side, side).data);
  } finally {
    bitmap.close();
  }
}

/** Where an image stands in a square that it fits, in whole pixels, at least one each way. */
export function letterbox({ width, height }: { width: number; height: number }, side: number): { left: number; top: number; width: number; height: number } {
  const scale = side / Math.max(width, height);
  const scaled = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  return { left: Math.floor((side - scaled(width)) / 2), top: Math.floor((side - scaled(height)) / 2), width: scaled(width), height: scaled(height) };
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  return Uint8Array.from({ length: (rgba.length / 4) * 3 }, (_, i) => rgba[Math.floor(i / 3) * 4 + (i % 3)]);
}
