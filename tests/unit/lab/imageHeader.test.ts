import { describe, expect, it } from 'vitest';
import { imageSize, MOST_PIXELS } from '../../../src/lab/imageHeader';

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));
const big = (value: number, bytes: number) => Array.from({ length: bytes }, (_, i) => (value >>> (8 * (bytes - 1 - i))) & 255);
const little = (value: number, bytes: number) => big(value, bytes).reverse();
const segment = (marker: number, payload: number[]) => [0xff, marker, ...big(payload.length + 2, 2), ...payload];

// Written from the formats' specifications, field by field.
const png = (width: number, height: number) => [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a, ...big(13, 4), ...ascii('IHDR'), ...big(width, 4), ...big(height, 4), 8, 2, 0, 0, 0];
const frame = (width: number, height: number) => [8, ...big(height, 2), ...big(width, 2), 1, 1, 0x11, 0];
const jpeg = (width: number, height: number, sof = 0xc0) => [
  0xff, 0xd8,
  // A table that holds what looks like a frame's header, and is none.
  ...segment(0xe1, [...ascii('Exif'), 0xff, 0xc0, 0, 11, ...frame(3, 4)]),
  ...segment(0xc4, [0, 1, 2]),
  // Fill bytes before a marker.
  0xff,
  ...segment(sof, frame(width, height)),
];
const riff = (chunk: number[]) => [...ascii('RIFF'), ...little(chunk.length + 4, 4), ...ascii('WEBP'), ...chunk];
const lossy = (width: number, height: number) => riff([...ascii('VP8 '), ...little(10, 4), 0x30, 1, 0, 0x9d, 0x01, 0x2a, ...little(width, 2), ...little(height, 2)]);
const lossless = (width: number, height: number) => riff([...ascii('VP8L'), ...little(5, 4), 0x2f, ...little((width - 1) + (height - 1) * 2 ** 14, 4)]);
const extended = (width: number, height: number) => riff([...ascii('VP8X'), ...little(10, 4), 0, 0, 0, 0, ...little(width - 1, 3), ...little(height - 1, 3)]);
const gif = (width: number, height: number, screen = [width, height]) => [
  ...ascii('GIF89a'), ...little(screen[0], 2), ...little(screen[1], 2), 0x80, 0, 0,
  // A colour table of two, and a comment of two blocks.
  ...[0, 0, 0, 255, 255, 255], 0x21, 0xfe, 2, 65, 66, 1, 67, 0,
  0x2c, 0, 0, 0, 0, ...little(width, 2), ...little(height, 2), 0,
];

const FORMATS: [string, (width: number, height: number) => number[]][] = [
  ['PNG', png], ['baseline JPEG', jpeg], ['progressive JPEG', (width, height) => jpeg(width, height, 0xc2)],
  ['lossy WebP', lossy], ['lossless WebP', lossless], ['extended WebP', extended], ['GIF', gif],
];
const sizeOf = (bytes: number[]) => imageSize(Uint8Array.from(bytes), 'cat');
const named = (name: string) => expect.objectContaining({ name });

describe.each(FORMATS)('the header of a %s', (_, file) => {
  it('says how large it is', () => {
    expect(sizeOf(file(300, 17))).toEqual({ width: 300, height: 17 });
    expect(sizeOf([...file(1, 16_383), 1, 2, 3])).toEqual({ width: 1, height: 16_383 });
  });

  it('is found by its place in the bytes that are given, not in what they are a part of', () => {
    const bytes = file(300, 17);
    expect(imageSize(Uint8Array.from([9, 9, 9, ...bytes, 9]).subarray(3, 3 + bytes.length), 'cat')).toEqual({ width: 300, height: 17 });
  });

  it('is refused wherever it is cut off, by a typed error', () => {
    const bytes = file(300, 17);
    for (let length = 0; length < bytes.length; length++) {
      // What follows the size may be missing: it is the decoder's business.
      let found: unknown;
      try {
        found = sizeOf(bytes.slice(0, length));
      } catch (error) {
        expect(error).toEqual(named(expect.stringMatching(/^(NotAnImage|BrokenImage)$/) as unknown as string));
        continue;
      }
      expect(found).toEqual({ width: 300, height: 17 });
    }
    expect(() => sizeOf(bytes.slice(0, 12))).toThrow(/cat/);
  });

  it('with any byte replaced gives a size within the bound, or a typed error', () => {
    const bytes = file(300, 17);
    for (let at = 0; at < bytes.length; at++)
      for (const value of [0, 1, 0x7f, 0x80, 0xd9, 0xff]) {
        try {
          const { width, height } = sizeOf(bytes.map((byte, i) => (i === at ? value : byte)));
          expect(width * height).toBeGreaterThan(0);
          expect(width * height).toBeLessThanOrEqual(MOST_PIXELS);
        } catch (error) {
          expect(error).toEqual(named(expect.stringMatching(/^(NotAnImage|BrokenImage|ImageTooLarge)$/) as unknown as string));
        }
      }
  });

  it('that claims more pixels than can be held is refused by their number', () => {
    expect(() => sizeOf(file(16_000, 16_000))).toThrow(named('ImageTooLarge'));
    expect(() => sizeOf(file(16_000, 16_000))).toThrow(/16000 × 16000/);
  });
});

it('a picture of a GIF that is larger than its screen counts', () => {
  expect(sizeOf(gif(50, 60, [1, 1]))).toEqual({ width: 50, height: 60 });
  expect(() => sizeOf(gif(65_535, 65_535, [1, 1]))).toThrow(named('ImageTooLarge'));
});

it.each([
  ['nothing', []],
  ['text', ascii('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['a sound', [...ascii('OggS'), 0, 0, 0]],
])('%s is no image', (_, bytes) => expect(() => sizeOf(bytes)).toThrow(named('NotAnImage')));

it.each([
  ['a PNG of no width', png(0, 5)],
  ['a JPEG that goes on with a scan before its frame', [0xff, 0xd8, ...segment(0xda, [0, 0, 0, 0, 0, 0, 0])]],
  ['a JPEG whose segment is shorter than its own length', [0xff, 0xd8, 0xff, 0xe0, 0, 1, 0, 0, 0, 0, 0, 0]],
  ['a sound in the wrapping of a WebP', [...ascii('RIFF'), ...little(30, 4), ...ascii('WAVEfmt '), ...Array<number>(20).fill(0)]],
])('%s is broken', (_, bytes) => expect(() => sizeOf(bytes)).toThrow(named('BrokenImage')));
