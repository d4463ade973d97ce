import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES, type MediaType } from '../../../src/feedback/judgement';
import { HEAD_BYTES, kindOf, sniffMedia } from '../../../src/feedback/mediaType';

/** Bytes of a string of characters below 256, and of numbers. */
const bytes = (...parts: (string | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((character) => character.charCodeAt(0)) : part)));

const zeros = (n: number): number[] => Array<number>(n).fill(0);
const HEADER_OF_OGG_PAGE = [...zeros(1), 2, ...zeros(8), 1, 2, 3, 4, ...zeros(4), 9, 9, 9, 9];
const ogg = (codec: string) => bytes('OggS', HEADER_OF_OGG_PAGE, [1, 30], codec, zeros(20));
const box = (brand: string) => bytes([0, 0, 0, 0x18], 'ftyp', brand, zeros(4), 'isommp42');
const ebml = (docType: string) => bytes([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 1, 0x42, 0xf7, 0x81, 1, 0x42, 0x82, 0x80 + docType.length], docType, zeros(8));

/*
 * The beginnings as common programs write them: the PNG signature and IHDR of the
 * PNG specification's own example (§ 5.2, 11.2.2), JFIF's and Exif's APP0 and
 * APP1, a LAME frame at 128 kbit/s and 44.1 kHz (0xFF 0xFB 0x90), an MPEG-2 one (0xF3).
 */
const FILES: [MediaType, string, Uint8Array][] = [
  ['image/png', 'a PNG', bytes([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13], 'IHDR', zeros(13))],
  ['image/jpeg', 'a JFIF', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16], 'JFIF\0')],
  ['image/jpeg', 'an Exif', bytes([0xff, 0xd8, 0xff, 0xe1, 0, 16], 'Exif\0\0')],
  ['image/webp', 'a lossy WebP', bytes('RIFF', [36, 0, 0, 0], 'WEBPVP8 ', zeros(8))],
  ['image/webp', 'an extended WebP', bytes('RIFF', [36, 0, 0, 0], 'WEBPVP8X', zeros(8))],
  ['image/gif', 'a GIF of 1989', bytes('GIF89a', [1, 0, 1, 0])],
  ['image/gif', 'a GIF of 1987', bytes('GIF87a', [1, 0, 1, 0])],
  ['audio/mpeg', 'an MP3 with a tag', bytes('ID3', [4, 0, 0, 0, 0, 0x0f, 0x76], 'TSSE')],
  ['audio/mpeg', 'an MP3 without a tag', bytes([0xff, 0xfb, 0x90, 0x64], zeros(32))],
  ['audio/mpeg', 'an MP3 of MPEG-2', bytes([0xff, 0xf3, 0x40, 0xc4], zeros(32))],
  ['audio/wav', 'a WAV', bytes('RIFF', [36, 0, 0, 0], 'WAVEfmt ', zeros(8))],
  ['audio/ogg', 'Opus in Ogg', ogg('OpusHead')],
  ['audio/ogg', 'Vorbis in Ogg', ogg('\x01vorbis')],
  ['audio/mp4', 'an M4A', box('M4A ')],
  ['video/mp4', 'an MP4 of ffmpeg', box('isom')],
  ['video/mp4', 'an MP4 of a phone', box('mp42')],
  ['video/webm', 'a WebM', ebml('webm')],
];

describe('the kind of a file by its first bytes', () => {
  it.each(FILES)('is %s for %s', (type, _name, head) => {
    expect(sniffMedia(head)).toBe(type);
  });

  it('covers every kind that is kept', () => {
    expect(new Set(FILES.map(([type]) => type))).toEqual(new Set(MEDIA_TYPES));
  });

  it.each(FILES)('needs more than a stump of %s (%s), and nothing beyond the head', (type, _name, head) => {
    // A two-byte start is common to several formats; no format here is known by so little.
    for (let length = 0; length <= 2; length++) expect(sniffMedia(head.subarray(0, length))).toBeNull();
    // However little there is of it, it is never taken for another kind.
    for (let length = 0; length < head.length; length++) expect([null, type]).toContain(sniffMedia(head.subarray(0, length)));
    const long = new Uint8Array(4 * HEAD_BYTES).fill(0x3c);
    long.set(head);
    expect(sniffMedia(long.subarray(0, HEAD_BYTES))).toBe(type);
  });

  it('says whether it is seen, heard or watched', () => {
    expect(MEDIA_TYPES.map(kindOf)).toEqual([...Array<string>(4).fill('image'), ...Array<string>(4).fill('audio'), 'video', 'video']);
  });
});

describe('what is no such file', () => {
  it.each([
    ['nothing', bytes('')],
    ['plain text', bytes('A picture of a cat.')],
    ['HTML', bytes('<!DOCTYPE html><script>alert(1)</script>')],
    ['SVG', bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['SVG after an XML line', bytes('<?xml version="1.0"?>\n<svg/>')],
    ['preferences', bytes('{"prompt": "GIF89a", "chosen": "ID3", "rejected": "RIFF"}')],
    ['UTF-16 text', bytes([0xff, 0xfe, 0x41, 0])],
    ['AAC, whose frames begin alike', bytes([0xff, 0xf1, 0x50, 0x80], zeros(8))],
    ['MPEG layer II', bytes([0xff, 0xfd, 0x90, 0x64], zeros(8))],
    ['a frame with a reserved bit rate', bytes([0xff, 0xfb, 0xf0, 0x64], zeros(8))],
    ['a frame with a reserved sampling rate', bytes([0xff, 0xfb, 0x9c, 0x64], zeros(8))],
    ['a RIFF of another kind', bytes('RIFF', [36, 0, 0, 0], 'AVI LIST')],
    ['a film in Ogg', ogg('\x80theora')],
    ['Matroska', ebml('matroska')],
    ['AVIF', box('avif')],
    ['HEIC', box('heic')],
    ['QuickTime', box('qt  ')],
    ['an archive', bytes('PK\x03\x04', zeros(40))],
  ])('%s', (_name, head) => {
    expect(sniffMedia(head)).toBeNull();
  });

  it('a signature anywhere but at the beginning', () => {
    for (const [, , head] of FILES) {
      expect(sniffMedia(bytes('<html>', [...head]))).toBeNull();
      expect(sniffMedia(bytes('\n', [...head]))).toBeNull();
    }
  });
});

describe('a file that is two things at once', () => {
  it('is what its first bytes say, whatever follows: kept as a picture, it is only ever drawn', () => {
    expect(sniffMedia(bytes('GIF89a/*', zeros(4), '*/=1;alert(1)//<script>alert(1)</script>'))).toBe('image/gif');
    expect(sniffMedia(bytes([0xff, 0xd8, 0xff, 0xfe, 0, 40], '<!DOCTYPE html><svg onload=alert(1)>'))).toBe('image/jpeg');
  });
});
