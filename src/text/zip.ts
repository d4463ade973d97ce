import { Inflate } from 'fflate';
import type { Reading } from './fileBytes';

/*
 * A zip archive (PKWARE, APPNOTE.TXT 6.3) that is not trusted. Its directory,
 * at the end, says where the files lie and how large they are; nothing is
 * unpacked beyond what it says, and nothing is believed that does not agree.
 */

/** What is wrong with an archive that is read or written, and with which file of it; nothing came of it. */
export class ArchiveError extends Error {
  constructor(
    /** Name in the archive; empty for the archive as a whole. */
    readonly file: string,
    readonly reason: string,
  ) {
    super(`The archive was given up: ${file && `in ${JSON.stringify(file.slice(0, 100))}, `}${reason}. Nothing was changed.`);
    this.name = 'ArchiveError';
  }
}

export interface ZipLimits {
  files: number;
  /** Bytes of one file unpacked, and of all. */
  fileBytes: number;
  totalBytes: number;
  /** How many times its packed size a file may unpack to, once it is larger than a mebibyte. */
  ratio: number;
}

/** Far above a dataset with its pictures; a bomb unpacks to a thousand times its size. */
export const ZIP_LIMITS: ZipLimits = { files: 20_000, fileBytes: 1 << 29, totalBytes: 2 ** 31, ratio: 300 };

export interface ZipEntry {
  name: string;
  /** Bytes unpacked. */
  size: number;
  packedSize: number;
  crc: number;
  stored: boolean;
  /** Where its own header begins. */
  offset: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const LONGEST_COMMENT = 0xffff;
const LONGEST_NAME = 200;

const viewOf = async (file: Blob, from: number, to: number) => new DataView(await file.slice(from, to).arrayBuffer());

/** The files of an archive, as its directory lists them. @throws ArchiveError where it is none, or would unpack to too much */
export async function zipEntries(file: Blob, limits: ZipLimits = ZIP_LIMITS): Promise<ZipEntry[]> {
  const { offset: directoryAt, length, count } = await directoryOf(file, limits);
  const view = await viewOf(file, directoryAt, directoryAt + length);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let total = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_LENGTH > length || view.getUint32(at, true) !== ENTRY) throw new ArchiveError('', 'its directory is damaged');
    const nameLength = view.getUint16(at + 28, true);
    if (nameLength > LONGEST_NAME || at + ENTRY_LENGTH + nameLength > length) throw new ArchiveError('', 'its directory is damaged, or holds an endless name');
    const name = decoded(new Uint8Array(view.buffer, at + ENTRY_LENGTH, nameLength));
    const method = view.getUint16(at + 10, true);
    const entry: ZipEntry = {
      name,
      crc: view.getUint32(at + 16, true),
      packedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      stored: method === 0,
      offset: view.getUint32(at + 42, true),
    };
    if ((view.getUint16(at + 8, true) & 1) === 1) throw new ArchiveError(name, 'it is encrypted');
    if (method !== 0 && method !== 8) throw new ArchiveError(name, 'it is packed in a way that is not read here');
    if (entry.stored && entry.size !== entry.packedSize) throw new ArchiveError(name, 'its sizes do not agree');
    total += entry.size;
    if (entry.size > limits.fileBytes || total > limits.totalBytes || (entry.size > 1 << 20 && entry.size > limits.ratio * entry.packedSize)) throw new ArchiveError(name, 'it would unpack to more than any dataset');
    if (names.has(name)) throw new ArchiveError(name, 'there are two files of this name');
    names.add(name);
    entries.push(entry);
    at += ENTRY_LENGTH + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  if (at !== length) throw new ArchiveError('', 'its directory is damaged');
  // Files that lie over each other unpack to far more than they take (Fifield 2019, "A better zip bomb").
  const ends = entries.toSorted((a, b) => a.offset - b.offset);
  ends.forEach(({ name, offset, packedSize }, i) => {
    if (offset + LOCAL_LENGTH + packedSize > (ends[i + 1]?.offset ?? directoryAt)) throw new ArchiveError(name, 'it lies over another file');
  });
  return entries;
}

async function directoryOf(file: Blob, limits: ZipLimits): Promise<{ offset: number; length: number; count: number }> {
  const from = Math.max(0, file.size - END_LENGTH - LONGEST_COMMENT);
  const tail = await viewOf(file, from, file.size);
  for (let at = tail.byteLength - END_LENGTH; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END || at + END_LENGTH + tail.getUint16(at + 20, true) !== tail.byteLength) continue;
    const [disk, directoryDisk, here, count] = [4, 6, 8, 10].map((field) => tail.getUint16(at + field, true));
    const [length, offset] = [12, 16].map((field) => tail.getUint32(at + field, true));
    if (disk !== 0 || directoryDisk !== 0 || here !== count) throw new ArchiveError('', 'it is one of several parts');
    if (count > limits.files) throw new ArchiveError('', `it holds more than ${limits.files} files`);
    if (offset + length !== from + at) throw new ArchiveError('', 'its directory is not where it should be; it may have been cut off');
    return { offset, length, count };
  }
  throw new ArchiveError('', 'it is no zip archive, or was cut off');
}

function decoded(name: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name);
  } catch {
    throw new ArchiveError('', 'a name in it is not UTF-8 text');
  }
}

/** The bytes of a file, piece by piece. @throws ArchiveError where they are not those of the directory, by size or checksum */
export async function* unzipped(archive: Blob, entry: ZipEntry, { signal, progress }: Reading = {}): AsyncGenerator<Uint8Array> {
  const { name, size, packedSize, offset } = entry;
  const damaged = (what: string) => new ArchiveError(name, what);
  const header = await viewOf(archive, offset, offset + LOCAL_LENGTH + LONGEST_NAME);
  if (header.byteLength < LOCAL_LENGTH || header.getUint32(0, true) !== LOCAL) throw damaged('it is not where the directory says');
  const nameLength = header.getUint16(26, true);
  const expected = new TextEncoder().encode(name);
  if (nameLength !== expected.length || !expected.every((byte, i) => header.getUint8(LOCAL_LENGTH + i) === byte)) throw damaged('it is called otherwise in its own header');
  const start = offset + LOCAL_LENGTH + nameLength + header.getUint16(28, true);

  let crc = CRC_START;
  let length = 0;
  let read = 0;
  const checked = (bytes: Uint8Array) => {
    length += bytes.length;
    if (length > size) throw damaged('it unpacks to more than the directory says');
    crc = crc32(bytes, crc);
    return bytes;
  };
  const pieces: Uint8Array[] = [];
  const inflate = entry.stored ? null : new Inflate((bytes) => pieces.push(checked(bytes)));
  // Small steps: each may unpack to a thousand times its size before anybody can look.
  for (let at = start; at < start + packedSize || (at === start && inflate); at += STEP) {
    signal?.throwIfAborted();
    const bytes = new Uint8Array(await archive.slice(at, Math.min(at + STEP, start + packedSize)).arrayBuffer());
    read += bytes.length;
    if (inflate) push(inflate, bytes, at + STEP >= start + packedSize, damaged);
    else pieces.push(checked(bytes));
    progress?.(read);
    yield* pieces.splice(0);
  }
  if (read !== packedSize || length !== size) throw damaged('it is shorter than the directory says');
  if (~crc >>> 0 !== entry.crc) throw damaged('its checksum is wrong: it was damaged on its way');
}

const STEP = 1 << 14;

function push(inflate: Inflate, bytes: Uint8Array, last: boolean, damaged: (what: string) => ArchiveError): void {
  try {
    inflate.push(bytes, last);
  } catch (error) {
    throw error instanceof ArchiveError ? error : damaged('it cannot be unpacked');
  }
}

const CRC_START = ~0;

/** CRC-32 of the reversed polynomial 0xedb88320 (APPNOTE.TXT, section 4.4.7), a byte at a time. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

function crc32(bytes: Uint8Array, crc: number): number {
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff];
  return crc;
}
