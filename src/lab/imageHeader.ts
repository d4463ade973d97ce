import { LabFailure } from './failure';

/** Width and height in pixels. */
export interface ImageSize {
  width: number;
  height: number;
}

/**
 * What a picture of so many pixels takes decoded, four bytes each, is 160 MB:
 * more than a large photograph has, and as much as a page should be made to hold at once.
 */
export const MOST_PIXELS = 40_000_000;

/**
 * The size of an image by the header of its file, before anything is decoded: a
 * few bytes can claim more pixels than there is memory. PNG (RFC 2083, §11.2.2),
 * JPEG (ITU T.81, §B.2.2), WebP (RFC 9649) and GIF (GIF89a, §18 and §20).
 * @param name what to call it in the error
 * @throws LabFailure named `NotAnImage`, `BrokenImage` where the header is cut off or makes no sense, or `ImageTooLarge`
 */
export function imageSize(bytes: Uint8Array, name: string): ImageSize {
  const read = FORMATS.find(({ begins }) => begins.some((start) => says(bytes, 0, start)))?.read;
  if (!read) throw new LabFailure('NotAnImage', `“${name}” is no image that can be learned from: it is neither a PNG, a JPEG, a WebP nor a GIF file. Leave it out, or save it as one of these.`);
  const size = read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (!size || size.width === 0 || size.height === 0) throw brokenImage(name);
  if (size.width * size.height > MOST_PIXELS)
    throw new LabFailure('ImageTooLarge', `“${name}” has ${size.width} × ${size.height} pixels, and at most ${MOST_PIXELS / 1e6} million can be opened. Make it smaller, or leave it out.`);
  return size;
}

export const brokenImage = (name: string) => new LabFailure('BrokenImage', `“${name}” cannot be opened: the file is damaged or cut off. Save it again from where it came, or leave it out.`);

/** Null where the header is cut off or makes no sense. */
type Reader = (file: DataView) => ImageSize | null;

const FORMATS: readonly { begins: readonly string[]; read: Reader }[] = [
  { begins: ['\x89PNG\r\n\x1a\n'], read: pngSize },
  { begins: ['\xff\xd8\xff'], read: jpegSize },
  { begins: ['RIFF'], read: webpSize },
  { begins: ['GIF87a', 'GIF89a'], read: gifSize },
];

function pngSize(file: DataView): ImageSize | null {
  if (file.byteLength < 24 || !says(bytesOf(file), 12, 'IHDR')) return null;
  return { width: file.getUint32(16), height: file.getUint32(20) };
}

/** Segments are passed over until the frame's header: SOF0 to SOF15, which are not all of 0xC0 to 0xCF. */
function jpegSize(file: DataView): ImageSize | null {
  for (let at = 2; at + 9 <= file.byteLength; at += 2 + file.getUint16(at + 2)) {
    // A marker may be preceded by any number of 0xFF.
    while (at + 9 <= file.byteLength && file.getUint8(at) === 0xff && file.getUint8(at + 1) === 0xff) at++;
    const marker = file.getUint8(at + 1);
    // Before the frame there is nothing without a length: no restart, no end, no scan.
    if (file.getUint8(at) !== 0xff || marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda)) return null;
    const isFrame = marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return at + 9 <= file.byteLength ? { width: file.getUint16(at + 7), height: file.getUint16(at + 5) } : null;
    // A segment's length counts its own two bytes.
    if (file.getUint16(at + 2) < 2) return null;
  }
  return null;
}

/** Lossy, lossless, or either with more around it. */
function webpSize(file: DataView): ImageSize | null {
  const bytes = bytesOf(file);
  if (file.byteLength < 25 || !says(bytes, 8, 'WEBP')) return null;
  if (says(bytes, 12, 'VP8L')) {
    const bits = file.getUint32(21, true);
    return bytes[20] === 0x2f ? { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 } : null;
  }
  if (file.byteLength < 30) return null;
  if (says(bytes, 12, 'VP8 ')) return says(bytes, 23, '\x9d\x01\x2a') ? { width: file.getUint16(26, true) & 0x3fff, height: file.getUint16(28, true) & 0x3fff } : null;
  if (!says(bytes, 12, 'VP8X')) return null;
  const three = (at: number) => file.getUint16(at, true) + 0x10000 * file.getUint8(at + 2);
  return { width: three(24) + 1, height: three(27) + 1 };
}

/** The screen, or as much more as its first picture covers: decoders make room for that. */
function gifSize(file: DataView): ImageSize | null {
  if (file.byteLength < 13) return null;
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + tableBytes(file.getUint8(10));
  while (at < file.byteLength && file.getUint8(at) === 0x21) {
    at += 2;
    // An extension is blocks with their lengths, until one of length 0.
    while (at < file.byteLength && file.getUint8(at) !== 0) at += 1 + file.getUint8(at);
    at++;
  }
  if (at + 10 > file.byteLength || file.getUint8(at) !== 0x2c) return null;
  const word = (place: number) => file.getUint16(place, true);
  return { width: Math.max(word(6), word(at + 1) + word(at + 5)), height: Math.max(word(8), word(at + 3) + word(at + 7)) };
}

const bytesOf = (file: DataView) => new Uint8Array(file.buffer, file.byteOffset, file.byteLength);

/** The bytes at a place are these characters, one byte each. */
function says(bytes: Uint8Array, at: number, characters: string): boolean {
  for (let i = 0; i < characters.length; i++) if (bytes[at + i] !== characters.charCodeAt(i)) return false;
  return true;
}
