import type { MediaType } from './judgement';

/** As many first bytes as {@link sniffMedia} ever reads. */
export const HEAD_BYTES = 512;

/**
 * What a file is by its first bytes, and by nothing else: neither its name nor
 * the type that somebody gave it is believed. Null for whatever is not one of
 * the kinds that are kept; SVG and HTML, which can carry programs, have no first
 * bytes of their own and never are. It says what a file claims to be: whether it
 * can be shown is for the decoder to find out.
 *
 * The signatures are those of the formats' own specifications; those of MP3
 * and WebM go by WHATWG's MIME Sniffing, § 6.2.
 * @param head at least the first {@link HEAD_BYTES} of the file, or all of it
 */
export function sniffMedia(head: Uint8Array): MediaType | null {
  return SIGNATURES.find(([, matches]) => matches(head))?.[0] ?? null;
}

/** Image, sound or film. */
export type MediaKind = 'image' | 'audio' | 'video';

export const kindOf = (type: MediaType): MediaKind => type.slice(0, 5) as MediaKind;

const SIGNATURES: readonly [MediaType, (head: Uint8Array) => boolean][] = [
  ['image/png', (head) => says(head, 0, '\x89PNG\r\n\x1a\n')],
  ['image/jpeg', (head) => says(head, 0, '\xff\xd8\xff')],
  ['image/webp', (head) => says(head, 0, 'RIFF') && says(head, 8, 'WEBPVP8')],
  ['image/gif', (head) => says(head, 0, 'GIF87a') || says(head, 0, 'GIF89a')],
  ['audio/mpeg', (head) => isTagged(head) || isMp3Frame(head)],
  ['audio/wav', (head) => says(head, 0, 'RIFF') && says(head, 8, 'WAVE')],
  ['audio/ogg', isOggSound],
  ['audio/mp4', (head) => AUDIO_BRANDS.has(brandOf(head))],
  ['video/mp4', (head) => VIDEO_BRANDS.has(brandOf(head))],
  ['video/webm', isWebm],
];

/** The bytes at a place are these characters, one byte each. */
function says(head: Uint8Array, at: number, characters: string): boolean {
  for (let i = 0; i < characters.length; i++) if (head[at + i] !== characters.charCodeAt(i)) return false;
  return true;
}

/** An ID3v2 tag, which stands before the frames of most MP3 files: versions 2.2 to 2.4, the size in four bytes of seven bits. */
function isTagged(head: Uint8Array): boolean {
  return says(head, 0, 'ID3') && head[3] >= 2 && head[3] <= 4 && head.length >= 10 && head.subarray(6, 10).every((byte) => byte < 0x80);
}

/**
 * The header of an MPEG audio frame of layer III (ISO 11172-3, § 2.4.1.3): eleven
 * bits of ones, then a version, the layer, a bit rate and a sampling rate, of which
 * one value each is reserved.
 */
function isMp3Frame([first, second, third]: Uint8Array): boolean {
  if (first !== 0xff || (second & 0xe6) !== 0xe2 || third === undefined) return false;
  const version = (second >> 3) & 3;
  const bitRate = third >> 4;
  const samplingRate = (third >> 2) & 3;
  return version !== 1 && bitRate !== 0 && bitRate !== 15 && samplingRate !== 3;
}

/** Ogg is a wrapping (RFC 3533): its first page begins, after 27 bytes and a table as long as the last of them says, with the name of what is in it. */
function isOggSound(head: Uint8Array): boolean {
  return says(head, 0, 'OggS\0') && ['OpusHead', '\x01vorbis', '\x7fFLAC', 'Speex   '].some((codec) => says(head, 27 + head[26], codec));
}

/** Major brands of the ISO base media format (ISO 14496-12, § 4.3; registered at mp4ra.org). AVIF, HEIC and QuickTime share it and are others. */
const AUDIO_BRANDS: ReadonlySet<string> = new Set(['M4A ', 'M4B ', 'F4A ']);
const VIDEO_BRANDS: ReadonlySet<string> = new Set(['isom', 'iso2', 'iso3', 'iso4', 'iso5', 'iso6', 'iso7', 'iso8', 'iso9', 'mp41', 'mp42', 'avc1', 'M4V ', 'F4V ', 'MSNV', 'dash', 'mmp4']);

function brandOf(head: Uint8Array): string {
  return says(head, 4, 'ftyp') ? String.fromCharCode(...head.subarray(8, 12)) : '';
}

/** An EBML header (RFC 8794) whose DocType, element 0x4282, is “webm”: Matroska has the same header with another. */
function isWebm(head: Uint8Array): boolean {
  if (!says(head, 0, '\x1a\x45\xdf\xa3')) return false;
  for (let at = 4; at < 64; at++) if (says(head, at, '\x42\x82\x84webm')) return true;
  return false;
}
