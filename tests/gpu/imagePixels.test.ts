import { describe, expect, it } from 'vitest';
import { imagePixels, letterbox } from '../../src/lab/imagePixels';

/*
 * Image files as a browser writes them, opened by the lab.
 */

const SIDE = 8;
/** The colour of what no image covers, by its docstring neither light nor dark. */
const GROUND = [128, 128, 128];

/** A file of an image with its left half red and its right half blue, or whatever is drawn over it. */
async function file(width: number, height: number, type = 'image/png', draw: (context: OffscreenCanvasRenderingContext2D) => void = () => undefined): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#f00';
  context.fillRect(0, 0, width / 2, height);
  context.fillStyle = '#00f';
  context.fillRect(width / 2, 0, width / 2, height);
  draw(context);
  return canvas.convertToBlob({ type, quality: 1 });
}

const at = (pixels: Uint8Array, row: number, column: number) => [...pixels.subarray((row * SIDE + column) * 3, (row * SIDE + column) * 3 + 3)];
const near = (found: number[], expected: number[]) => expected.forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThan(25));
const [RED, BLUE] = [[255, 0, 0], [0, 0, 255]];

describe('imagePixels', () => {
  it.each(['image/png', 'image/jpeg', 'image/webp'])('opens %s, and keeps left and right', async (type) => {
    const pixels = await imagePixels(await file(64, 64, type), 'cat', SIDE);
    expect(pixels).toHaveLength(SIDE * SIDE * 3);
    for (const row of [0, 4, 7]) {
      near(at(pixels, row, 1), RED);
      near(at(pixels, row, 6), BLUE);
    }
  });

  it('keeps the whole of a wide and of a high image, in the middle of what is neither light nor dark', async () => {
    const wide = await imagePixels(await file(64, 32), 'cat', SIDE);
    for (const row of [0, 1, 6, 7]) near(at(wide, row, 4), GROUND);
    for (const row of [2, 5]) {
      near(at(wide, row, 0), RED);
      near(at(wide, row, 7), BLUE);
    }
    const high = await imagePixels(await file(32, 64), 'cat', SIDE);
    for (const column of [0, 1, 6, 7]) near(at(high, 4, column), GROUND);
    for (const row of [0, 7]) {
      near(at(high, row, 2), RED);
      near(at(high, row, 5), BLUE);
    }
  });

  it('averages what is finer than its pixels', async () => {
    const stripes = await file(256, 256, 'image/png', (context) => {
      for (let x = 0; x < 256; x++) {
        context.fillStyle = x % 2 === 0 ? '#fff' : '#000';
        context.fillRect(x, 0, 1, 256);
      }
    });
    near(at(await imagePixels(stripes, 'cat', SIDE), 4, 4), GROUND);
  });

  it('shows the ground through what is transparent', async () => {
    const clear = await file(8, 8, 'image/png', (context) => context.clearRect(0, 0, 8, 8));
    near(at(await imagePixels(clear, 'cat', SIDE), 3, 3), GROUND);
  });

  it('refuses by typed errors what is no image, what is broken behind its header, and what would be too large', async () => {
    await expect(imagePixels(new Blob(['text']), 'cat', SIDE)).rejects.toMatchObject({ name: 'NotAnImage' });
    const png = new Uint8Array(await (await file(64, 64)).arrayBuffer());
    await expect(imagePixels(new Blob([png.slice(0, 40)]), 'cat', SIDE)).rejects.toMatchObject({ name: 'BrokenImage' });
    const huge = png.slice();
    new DataView(huge.buffer).setUint32(16, 60_000);
    new DataView(huge.buffer).setUint32(20, 60_000);
    await expect(imagePixels(new Blob([huge]), 'cat', SIDE)).rejects.toMatchObject({ name: 'ImageTooLarge' });
  });
});

describe('letterbox', () => {
  it('fits any proportions into the square, centred to the pixel, never to nothing', () => {
    expect(letterbox({ width: 640, height: 480 }, 32)).toEqual({ left: 0, top: 4, width: 32, height: 24 });
    expect(letterbox({ width: 2, height: 4 }, 32)).toEqual({ left: 8, top: 0, width: 16, height: 32 });
    expect(letterbox({ width: 10_000, height: 1 }, 32)).toEqual({ left: 0, top: 15, width: 32, height: 1 });
  });
});
