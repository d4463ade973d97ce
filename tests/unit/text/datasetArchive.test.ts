import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { strFromU8, strToU8, unzipSync, zipSync, type Unzipped, type Zippable } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Attachment, MediaType } from '../../../src/feedback/judgement';
import type { MediaRecord } from '../../../src/store/schema';
import { isDatasetArchive, openDatasetArchive, writeDatasetArchive } from '../../../src/text/datasetArchive';
import type { DatasetFile } from '../../../src/text/datasetFile';
import { ArchiveError, ZIP_LIMITS, type ZipLimits } from '../../../src/text/zip';
import { anyDataset, NOW } from './anyDataset';
import { datasetOf } from './datasetEntries';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

// Enough of the first bytes to tell the media of these tests: of PNG, and of Ogg.
const sniff = (head: Uint8Array): MediaType | null => (head[0] === 0x89 ? 'image/png' : strFromU8(head.subarray(0, 4)) === 'OggS' ? 'audio/ogg' : null);

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3);
const OGG = strToU8('OggS and a sound');
const medium = (type: MediaType, bytes: Uint8Array<ArrayBuffer>): MediaRecord => ({ id: sha256(bytes), type, bytes: new Blob([bytes], { type }) });
const MEDIA = [medium('image/png', PNG), medium('audio/ogg', Uint8Array.from(OGG))];

function withMedia(file: DatasetFile): DatasetFile {
  const attachments = MEDIA.map(({ id, type }, i): Attachment => ({ of: i === 0 ? 'prompt' : 0, mediaId: id, type, name: `é${i}` }));
  return { ...file, comparisons: file.comparisons.map((comparison) => ({ ...comparison, attachments })) };
}

async function archiveOf(file: DatasetFile, media = MEDIA, limits?: ZipLimits): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of writeDatasetArchive(file, media, limits)) parts.push(piece as Uint8Array<ArrayBuffer>);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function read(archive: Uint8Array, limits?: ZipLimits) {
  const { media, records } = await openDatasetArchive(new Blob([Uint8Array.from(archive)]), NOW, sniff, undefined, limits);
  return { media, ...(await datasetOf(records())) };
}

/** What was read, with the bytes of its media. */
async function plain({ media, ...file }: Awaited<ReturnType<typeof read>>) {
  return { ...file, media: await Promise.all(media.map(async ({ bytes, ...rest }) => ({ ...rest, mime: bytes.type, bytes: [...new Uint8Array(await bytes.arrayBuffer())] }))) };
}

const sample: DatasetFile = withMedia({
  dataset: { id: 'd', name: 'mine', created: 1, seed: 2 },
  comparisons: [0, 1].map((order) => ({ id: `c${order}`, datasetId: 'd', order, prompt: `prompt ${order}`, responses: ['a', 'b'], swapped: true, source: { kind: 'imported', file: 'f' }, created: 3 })),
  events: [{ id: 'e', datasetId: 'd', comparisonId: 'c0', at: 4, rater: { kind: 'person', name: 'me' }, kind: 'judged', verdict: 'tie' }],
});
let archive: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  archive = await archiveOf(sample);
});

describe('an archive of a dataset', () => {
  it('is the dataset again when it is read, with its media', async () => {
    await fc.assert(
      fc.asyncProperty(anyDataset(), async (bare) => {
        const file = withMedia(bare);
        const again = await plain(await read(await archiveOf(file)));
        expect(again).toEqual({ ...file, media: await Promise.all(MEDIA.map(async ({ id, type, bytes }) => ({ id, type, mime: type, bytes: [...new Uint8Array(await bytes.arrayBuffer())] }))) });
      }),
      { numRuns: 30 },
    );
  });

  it('is the same bytes each time, and is known by its names', async () => {
    expect(await archiveOf(sample)).toEqual(archive);
    expect(await isDatasetArchive(new Blob([archive]))).toBe(true);
    expect(await isDatasetArchive(new Blob([zipSync({ 'run.json': strToU8('{}') }).slice()]))).toBe(false);
    expect(await isDatasetArchive(new Blob(['PK']))).toBe(false);
  });

  it('is opened by anybody’s unzip, and holds what the lab’s own file holds', () => {
    const files = unzipSync(archive);
    expect(Object.keys(files).sort()).toEqual(['comparisons.jsonl', 'dataset.json', 'events.jsonl', 'manifest.json', `media/${MEDIA[0].id}.png`, `media/${MEDIA[1].id}.ogg`].sort());
    expect(JSON.parse(strFromU8(files['dataset.json']))).toEqual({ nudge: 1, dataset: sample.dataset });
    for (const { name, sha256: hash } of (JSON.parse(strFromU8(files['manifest.json'])) as { files: { name: string; sha256: string }[] }).files) expect(sha256(files[name])).toBe(hash);
  });

  it('tells how far it has been read', async () => {
    const seen: number[] = [];
    await openDatasetArchive(new Blob([archive]), NOW, sniff, { progress: (bytes) => seen.push(bytes) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeGreaterThan(0);
  });

  it('is not written where a picture is missing, is another, or all is too much', async () => {
    await expect(archiveOf(sample, MEDIA.slice(1))).rejects.toMatchObject({ name: 'ArchiveError', file: `media/${MEDIA[0].id}.png` });
    await expect(archiveOf(sample, [{ ...MEDIA[0], bytes: MEDIA[1].bytes }])).rejects.toMatchObject({ file: `media/${MEDIA[0].id}.png` });
    await expect(archiveOf(sample, MEDIA, { ...ZIP_LIMITS, totalBytes: 100 })).rejects.toMatchObject({ file: 'comparisons.jsonl' });
  });
});

describe('a damaged archive', () => {
  it('is refused, or read as it was: every byte, flipped in three ways', async () => {
    const whole = await plain(await read(archive));
    for (let at = 0; at < archive.length; at++) {
      for (const flip of [1, 0x20, 0xff]) {
        const damaged = archive.slice();
        damaged[at] ^= flip;
        const outcome = await read(damaged).then(plain, (error: unknown) => error);
        if (outcome instanceof ArchiveError) continue;
        expect(outcome).toEqual(whole);
      }
    }
  });

  it('is refused where it was cut off, at every byte', async () => {
    for (let length = 0; length < archive.length; length++) await expect(read(archive.slice(0, length))).rejects.toBeInstanceOf(ArchiveError);
  });

  /** The archive with its files changed by somebody who knows how zip works. */
  function altered(change: (files: Unzipped) => void, manifested = false): Uint8Array {
    const files = unzipSync(archive);
    change(files);
    if (manifested) {
      const manifest = JSON.parse(strFromU8(files['manifest.json'])) as { files: { name: string; bytes: number; sha256: string }[] };
      manifest.files = Object.entries(files).flatMap(([name, bytes]) => (name === 'manifest.json' ? [] : [{ name, bytes: bytes.length, sha256: sha256(bytes) }]));
      files['manifest.json'] = strToU8(JSON.stringify(manifest));
    }
    return zipSync(files);
  }
  const replaced = (name: string, from: string, to: string, manifested = false) => altered((files) => (files[name] = strToU8(strFromU8(files[name]).replace(from, to))), manifested);
  const png = `media/${MEDIA[0].id}.png`;

  it.each<[string, () => Uint8Array, string, RegExp]>([
    ['another text of the same length', () => replaced('comparisons.jsonl', 'prompt 0', 'prompt 9'), 'comparisons.jsonl', /altered/],
    ['another verdict in it', () => replaced('events.jsonl', 'tie', 'first'), 'events.jsonl', /altered/],
    ['another picture', () => altered((files) => (files[png] = PNG.slice(1))), png, /altered/],
    ['another picture, with a manifest to match', () => altered((files) => (files[png] = Uint8Array.of(...PNG, 0)), true), png, /not those that its name says/],
    ['a picture too few', () => altered((files) => delete files[png]), png, /missing/],
    ['a picture too few, with a manifest to match', () => altered((files) => delete files[png], true), 'manifest.json', /counts/],
    ['a stranger', () => altered((files) => (files['../../evil.js'] = strToU8('x'))), '../../evil.js', /does not belong/],
    ['a picture that nobody lists', () => altered((files) => (files[`media/${'0'.repeat(64)}.png`] = PNG)), `media/${'0'.repeat(64)}.png`, /does not list/],
    ['no manifest', () => altered((files) => delete files['manifest.json']), 'manifest.json', /missing/],
    ['a manifest that is not JSON', () => altered((files) => (files['manifest.json'] = strToU8('{'))), 'manifest.json', /not JSON/],
    ['a manifest of a newer lab', () => replaced('manifest.json', '"version":1', '"version":2'), 'manifest.json', /newer/],
    ['a broken comparison, with a manifest to match', () => replaced('comparisons.jsonl', '"order":1', '"order":-1', true), 'comparisons.jsonl', /line 2, field "comparison\.order"/],
    ['a broken event, with a manifest to match', () => replaced('events.jsonl', '"tie"', '"meh"', true), 'events.jsonl', /line 1, field "event\.verdict"/],
    ['a page of HTML for a picture', () => altered((files) => ((files[`media/${sha256(strToU8('<html>'))}.png`] = strToU8('<html>')), delete files[png]), true), `media/${sha256(strToU8('<html>'))}.png`, /no picture/],
    ['a sound that is called a picture', () => altered((files) => ((files[`media/${sha256(strToU8('OggS'))}.png`] = strToU8('OggS')), delete files[png]), true), `media/${sha256(strToU8('OggS'))}.png`, /audio\/ogg/],
  ])('is refused with %s', async (_name, make, file, reason) => {
    await expect(read(make())).rejects.toMatchObject({ name: 'ArchiveError', file, reason: expect.stringMatching(reason) });
  });

  it('is refused where it would unpack to a thousand times its size, before it is unpacked', async () => {
    const bomb: Zippable = { 'dataset.json': new Uint8Array(32 << 20) };
    await expect(read(zipSync(bomb))).rejects.toMatchObject({ file: 'dataset.json', reason: expect.stringMatching(/more than any dataset/) });
  });

  it('is refused where it unpacks to more than its directory says, after that much', async () => {
    const bomb = zipSync({ 'manifest.json': new Uint8Array(8 << 20) });
    const view = new DataView(bomb.buffer, bomb.byteOffset);
    const directory = view.getUint32(bomb.length - 6, true);
    view.setUint32(directory + 24, 1000, true);
    await expect(read(bomb)).rejects.toMatchObject({ file: 'manifest.json', reason: expect.stringMatching(/more than the directory says/) });
  });

  it('is refused where its files lie over each other', async () => {
    const two = zipSync({ 'manifest.json': new Uint8Array(100), 'dataset.json': strToU8('{}') }, { level: 0 });
    const view = new DataView(two.buffer, two.byteOffset);
    const directory = view.getUint32(two.length - 6, true);
    const second = directory + 46 + 'manifest.json'.length;
    // Within the first file, behind its header.
    view.setUint32(second + 42, 60, true);
    await expect(read(two)).rejects.toMatchObject({ reason: expect.stringMatching(/lies over another/) });
  });

  it('is refused with a wrong checksum', async () => {
    const wrong = archive.slice();
    const view = new DataView(wrong.buffer);
    const directory = view.getUint32(wrong.length - 6, true);
    view.setUint32(directory + 16, ~view.getUint32(directory + 16, true) >>> 0, true);
    await expect(read(wrong)).rejects.toMatchObject({ file: 'dataset.json', reason: expect.stringMatching(/checksum/) });
  });
});
