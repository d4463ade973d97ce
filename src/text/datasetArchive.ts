import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import * as v from 'valibot';
import type { Attachment, Comparison, MediaType } from '../feedback/judgement';
import type { MediaRecord } from '../store/schema';
import { datasetParts, readDatasetFile, type DatasetEntry, type DatasetSource } from './datasetFile';
import type { Reading } from './fileBytes';
import { FileError } from './fileError';
import { Sha256 } from './sha256';
import { ArchiveError, unzipped, ZIP_LIMITS, zipEntries, type ZipEntry, type ZipLimits } from './zip';

/*
 * A dataset with the files that its items show, as one zip archive that loses
 * nothing: the lab's own file in its three parts (datasetFile.ts), each medium
 * under its hash, and last a manifest with the hash of every file. All that is
 * read is what was written: a byte that was altered is found by its hash.
 */

export const DATASET_ARCHIVE_VERSION = 1;

/** An archive whose files are all what its manifest says. */
export interface DatasetArchive {
  /**
   * Its records, as those of the lab's own file.
   * @throws ArchiveError that names the file and the line; then nothing of the archive is to be used
   */
  records(reading?: Reading): AsyncGenerator<DatasetEntry>;
  media: MediaRecord[];
}

const FORMAT = 'nudge-dataset';
const MANIFEST = 'manifest.json';
const DATASET = 'dataset.json';
const PARTS = [DATASET, 'comparisons.jsonl', 'events.jsonl'] as const;

const EXTENSIONS: Record<MediaType, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/ogg': 'ogg',
  'audio/mp4': 'm4a',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
};
const MEDIUM = /^media\/([0-9a-f]{64})\.([a-z0-9]{3,4})$/;
const mediaName = ({ id, type }: Pick<MediaRecord, 'id' | 'type'>) => `media/${id}.${EXTENSIONS[type]}`;
const attachmentName = ({ mediaId, type }: Attachment) => mediaName({ id: mediaId, type });

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const manifestSchema = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(DATASET_ARCHIVE_VERSION),
  files: v.array(v.strictObject({ name: v.string(), bytes: size, sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
  counts: v.strictObject({ comparisons: size, events: size, media: size }),
});
type Manifest = v.InferOutput<typeof manifestSchema>;

// Texts shrink to a fifth; media are packed already.
const LEVEL = 6;
const PIECE = 1 << 16;

/**
 * The bytes of an archive, piece by piece; the same dataset gives the same bytes.
 * @param media each file that an item shows, once
 * @throws ArchiveError where one is missing, is not what its id says, or the whole is more than can be read again
 */
export async function* writeDatasetArchive(source: DatasetSource, media: Iterable<MediaRecord> | AsyncIterable<MediaRecord>, limits: ZipLimits = ZIP_LIMITS): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    pieces.push(bytes);
  });
  const files: Manifest['files'] = [];
  let total = 0;
  async function* add(name: string, stored: boolean, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const entry = stored ? new ZipPassThrough(name) : new ZipDeflate(name, { level: LEVEL });
    // The least date of the format, in local time: no trace of when and where it was written.
    entry.mtime = new Date(1980, 0, 1);
    zip.add(entry);
    const hash = new Sha256();
    let bytes = 0;
    for await (const piece of content) {
      bytes += piece.length;
      total += piece.length;
      if (bytes > limits.fileBytes || total > limits.totalBytes) throw new ArchiveError(name, 'with it the archive is larger than can be read again; share the items out among several datasets');
      hash.update(piece);
      // Packing keeps what it is given, and a buffer may be its giver's.
      entry.push(piece.slice());
      yield* pieces.splice(0);
    }
    entry.push(new Uint8Array(), true);
    files.push({ name, bytes, sha256: hash.digest() });
    yield* pieces.splice(0);
  }

  // Each is counted as it goes by: there may be more of them than fit at once.
  const shown = new Map<string, Attachment>();
  const counts = { comparisons: 0, events: 0 };
  const comparisons = passing(source.comparisons, ({ attachments = [] }) => {
    counts.comparisons++;
    for (const attachment of attachments) shown.set(attachmentName(attachment), attachment);
  });
  const parts = datasetParts({ ...source, comparisons, events: passing(source.events, () => counts.events++) });
  for (const [i, name] of PARTS.entries()) yield* add(name, false, encoded(parts[i]));
  for await (const medium of media) {
    const name = mediaName(medium);
    yield* add(name, true, piecesOf(medium.bytes));
    if (files.at(-1)?.sha256 !== medium.id) throw new ArchiveError(name, 'its bytes are not those that it was known by');
  }
  for (const { name } of files) shown.delete(name);
  for (const name of shown.keys()) throw new ArchiveError(name, 'an item shows it, and it is not there');
  const manifest: Manifest = {
    format: FORMAT,
    version: DATASET_ARCHIVE_VERSION,
    files: [...files],
    counts: { ...counts, media: files.length - PARTS.length },
  };
  yield* add(MANIFEST, false, [new TextEncoder().encode(JSON.stringify(manifest))]);
  zip.end();
  yield* pieces.splice(0);
}

async function* passing<T>(values: Iterable<T> | AsyncIterable<T>, look: (value: T) => void): AsyncGenerator<T> {
  for await (const value of values) {
    look(value);
    yield value;
  }
}

async function* encoded(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = '';
  for await (const line of lines) {
    text += line;
    if (text.length < PIECE) continue;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}

async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.size; at += PIECE) yield new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
}

/** Whether a file is such an archive by the names in it. */
export async function isDatasetArchive(file: Blob): Promise<boolean> {
  try {
    const names = (await zipEntries(file)).map(({ name }) => name);
    return names.includes(MANIFEST) && names.includes(DATASET);
  } catch (error) {
    if (error instanceof ArchiveError) return false;
    throw error;
  }
}

/**
 * Open an archive, which is not trusted: all of it is unpacked, and compared with its manifest. Times are as in {@link readDatasetFile}.
 * @param sniff what kind of file begins with these bytes
 * @throws ArchiveError that names the file in the archive; then nothing of it is to be used
 */
export async function openDatasetArchive(archive: Blob, now: number, sniff: (head: Uint8Array) => MediaType | null, reading: Reading = {}, limits: ZipLimits = ZIP_LIMITS): Promise<DatasetArchive> {
  const entries = new Map((await zipEntries(archive, limits)).map((entry) => [entry.name, entry]));
  const known = (name: string) => name === MANIFEST || (PARTS as readonly string[]).includes(name) || MEDIUM.test(name);
  for (const name of entries.keys()) if (!known(name)) throw new ArchiveError(name, 'such a file does not belong into a dataset');
  const manifest = await readManifest(archive, entryOf(entries, MANIFEST));
  const listed = new Map(manifest.files.map((file) => [file.name, file]));
  for (const name of entries.keys()) if (name !== MANIFEST && !listed.has(name)) throw new ArchiveError(name, 'the manifest does not list it');

  let before = 0;
  const contents = new Map<string, Content>();
  for (const { name, bytes, sha256 } of listed.values()) {
    const entry = entryOf(entries, name);
    const content = await unpack(archive, entry, { signal: reading.signal, progress: (read) => reading.progress?.(before + read) });
    if (content.blob.size !== bytes || content.sha256 !== sha256) throw new ArchiveError(name, 'its hash is not that of the manifest: it was altered');
    contents.set(name, content);
    before += entry.packedSize;
  }

  const media = await Promise.all([...contents].flatMap(([name, content]) => (MEDIUM.test(name) ? [readMedium(name, content, sniff)] : [])));
  if (media.length !== manifest.counts.media) throw new ArchiveError(MANIFEST, WRONG_COUNTS);
  return { media, records: (rest) => readRecords(contents, manifest.counts, now, rest) };
}

const WRONG_COUNTS = 'its counts are not those of the files';

function entryOf(entries: ReadonlyMap<string, ZipEntry>, name: string): ZipEntry {
  const entry = entries.get(name);
  if (!entry) throw new ArchiveError(name, 'it is missing');
  return entry;
}

interface Content {
  blob: Blob;
  sha256: string;
  /** Line ends in it. */
  lines: number;
}

async function unpack(archive: Blob, entry: ZipEntry, reading: Reading): Promise<Content> {
  const hash = new Sha256();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let lines = 0;
  for await (const bytes of unzipped(archive, entry, reading)) {
    hash.update(bytes);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
    parts.push(bytes as Uint8Array<ArrayBuffer>);
  }
  return { blob: new Blob(parts), sha256: hash.digest(), lines };
}

const LARGEST_MANIFEST = 1 << 24;

async function readManifest(archive: Blob, entry: ZipEntry): Promise<Manifest> {
  if (entry.size > LARGEST_MANIFEST) throw new ArchiveError(MANIFEST, 'it is too large');
  const { blob } = await unpack(archive, entry, {});
  let json: unknown;
  try {
    json = JSON.parse(await blob.text());
  } catch {
    throw new ArchiveError(MANIFEST, 'it is not JSON');
  }
  const parsed = v.safeParse(manifestSchema, json, { abortEarly: true });
  if (!parsed.success) throw new ArchiveError(MANIFEST, `“${v.getDotPath(parsed.issues[0]) ?? ''}” is not as it should be; a newer lab may have written it`);
  const { files } = parsed.output;
  if (new Set(files.map(({ name }) => name)).size < files.length) throw new ArchiveError(MANIFEST, 'it lists a file twice');
  return parsed.output;
}

/** The records of the lab's own file, from its parts; what is wrong is told by the part and the line of it. */
async function* readRecords(contents: ReadonlyMap<string, Content>, counts: Manifest['counts'], now: number, reading?: Reading): AsyncGenerator<DatasetEntry> {
  const parts = PARTS.map((name) => {
    const content = contents.get(name);
    if (!content) throw new ArchiveError(name, 'it is missing');
    return { name, ...content };
  });
  const found = { comparisons: 0, events: 0 };
  try {
    for await (const entry of readDatasetFile(new Blob(parts.flatMap(({ blob }) => [blob, '\n'])), now, reading)) {
      if ('comparison' in entry) {
        found.comparisons++;
        refuseMissing(entry.comparison, contents);
      } else if ('event' in entry) found.events++;
      yield entry;
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    let { line } = error;
    const part = parts.find(({ lines }) => line <= lines + 1 || ((line -= lines + 1), false)) ?? parts[0];
    throw new ArchiveError(part.name, `line ${line}${error.field && `, field ${JSON.stringify(error.field.slice(0, 100))}`}: ${error.reason}`);
  }
  if (found.comparisons !== counts.comparisons || found.events !== counts.events) throw new ArchiveError(MANIFEST, WRONG_COUNTS);
}

function refuseMissing({ attachments = [] }: Comparison, contents: ReadonlyMap<string, Content>): void {
  for (const attachment of attachments) if (!contents.has(attachmentName(attachment))) throw new ArchiveError(attachmentName(attachment), 'an item shows it, and it is missing');
}

const HEAD = 64;

async function readMedium(name: string, { blob, sha256 }: Content, sniff: (head: Uint8Array) => MediaType | null): Promise<MediaRecord> {
  const [, id] = MEDIUM.exec(name)!;
  if (sha256 !== id) throw new ArchiveError(name, 'its bytes are not those that its name says');
  const type = sniff(new Uint8Array(await blob.slice(0, HEAD).arrayBuffer()));
  if (type === null) throw new ArchiveError(name, 'it is no picture, sound or film that the lab can show');
  if (mediaName({ id, type }) !== name) throw new ArchiveError(name, `it is ${type}, and its name says something else`);
  return { id, type, bytes: blob.slice(0, blob.size, type) };
}
