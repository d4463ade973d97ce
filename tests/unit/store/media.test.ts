import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../src/feedback/judgement';
import { addComparisons, createDataset, deleteDataset, listComparisons, type ComparisonDraft } from '../../../src/store/datasets';
import { mergeDataset } from '../../../src/store/datasetMerge';
import { addMedia, LARGEST_MEDIA, readMedia, sweepMedia, UnfitMediaError } from '../../../src/store/media';
import { NotFoundError, StorageFullError } from '../../../src/store/storageErrors';
import { entriesOf } from '../text/datasetEntries';
import { freshStorage } from './freshStorage';

const storage = freshStorage();

const gif = (content: string, type = ''): Blob => new Blob([`GIF89a${content}`], { type });
const hash = (content: string): string => createHash('sha256').update(`GIF89a${content}`).digest('hex');
const showing = (...ids: string[]): ComparisonDraft => ({
  prompt: '',
  responses: ids.map(() => ''),
  attachments: ids.map((mediaId, of) => ({ of, mediaId, type: 'image/gif', name: `${of}.gif` })),
  source: { kind: 'imported', file: 'f' },
});

describe('keeping files', () => {
  it('names each by its SHA-256 and keeps its bytes, with the kind that they say', async () => {
    const database = await storage.open();
    expect(await addMedia(database, [gif('a', 'text/html'), gif('b')])).toEqual([hash('a'), hash('b')]);
    const [b, a] = await readMedia(database, [hash('b'), hash('a')]);
    expect([a.id, a.type, a.bytes.type, await a.bytes.text()]).toEqual([hash('a'), 'image/gif', 'image/gif', 'GIF89aa']);
    expect(await b.bytes.text()).toBe('GIF89ab');
  });

  it('keeps the same bytes once, in one go and again later', async () => {
    const database = await storage.open();
    expect(await addMedia(database, [gif('a'), gif('a')])).toEqual([hash('a'), hash('a')]);
    await addMedia(database, [gif('a')]);
    expect(await database.read(['media'], (transaction) => transaction.objectStore('media').count())).toBe(1);
  });

  it('leaves out what is not here', async () => {
    const database = await storage.open();
    await addMedia(database, [gif('a')]);
    expect((await readMedia(database, [hash('x'), hash('a')])).map(({ id }) => id)).toEqual([hash('a')]);
  });

  it.each([
    ['nothing', new Blob([]), /empty/],
    ['a text', new Blob(['<svg onload=alert(1)>'], { type: 'image/png' }), /its bytes are not those of a PNG/],
    ['a film of hours', { size: LARGEST_MEDIA + 1, slice: () => gif('') } as unknown as Blob, /65 MB; a file may have 64 MB/],
    ['a file that is gone', { size: 9, slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }) } as unknown as Blob, /could not be read/],
  ])('refuses %s, and keeps nothing of the others either', async (_name, unfit, reason) => {
    const database = await storage.open();
    const adding = addMedia(database, [gif('a'), unfit]);
    await expect(adding).rejects.toThrow(UnfitMediaError);
    await expect(adding).rejects.toThrow(reason);
    expect(await readMedia(database, [hash('a')])).toEqual([]);
  });

  it('says that the disk is full as everything else does, and takes no room with what it could not finish', async () => {
    const database = await storage.open();
    const dataset = await createDataset(database, { name: 'x', seed: 1 });
    await addComparisons(database, dataset.id, [showing(...(await addMedia(database, [gif('a')])))]);
    const add = IDBObjectStore.prototype.add;
    let room = 1;
    IDBObjectStore.prototype.add = function (...args: Parameters<typeof add>) {
      if (room-- === 0) throw new DOMException('no room', 'QuotaExceededError');
      return add.apply(this, args);
    };
    try {
      await expect(addMedia(database, [gif('b'), gif('c')])).rejects.toThrow(StorageFullError);
    } finally {
      IDBObjectStore.prototype.add = add;
    }
    expect((await readMedia(database, ['a', 'b', 'c'].map(hash))).map(({ id }) => id)).toEqual([hash('a')]);
  });
});

describe('files that nothing shows', () => {
  it('go with the last dataset that showed them, and no sooner', async () => {
    const database = await storage.open();
    const [a, b, c] = await addMedia(database, ['a', 'b', 'c'].map((content) => gif(content)));
    const [first, second] = await Promise.all([1, 2].map((seed) => createDataset(database, { name: 'x', seed })));
    await addComparisons(database, first.id, [showing(a, b)]);
    await addComparisons(database, second.id, [showing(b, c), { prompt: 'text', responses: ['x'], source: { kind: 'imported', file: 'f' } }]);
    await deleteDataset(database, first.id);
    expect((await readMedia(database, [a, b, c])).map(({ id }) => id)).toEqual([b, c]);
    await deleteDataset(database, second.id);
    expect(await readMedia(database, [a, b, c])).toEqual([]);
  });

  it('are swept, and those that are shown stay', async () => {
    const database = await storage.open();
    const [a, b] = await addMedia(database, [gif('a'), gif('b')]);
    const { id } = await createDataset(database, { name: 'x', seed: 1 });
    await addComparisons(database, id, [showing(b)]);
    await sweepMedia(database);
    expect((await readMedia(database, [a, b])).map((file) => file.id)).toEqual([b]);
  });
});

describe('items that show files', () => {
  it('are refused where a file has gone meanwhile, all of them', async () => {
    const database = await storage.open();
    const [a] = await addMedia(database, [gif('a')]);
    const { id } = await createDataset(database, { name: 'x', seed: 1 });
    await expect(addComparisons(database, id, [showing(a, a), showing(a, hash('gone'))])).rejects.toThrow(NotFoundError);
    expect(await listComparisons(database, id)).toEqual([]);
  });

  it('are others where their files are, though their texts are the same', async () => {
    const database = await storage.open();
    const [a, b] = await addMedia(database, [gif('a'), gif('b')]);
    const dataset = await createDataset(database, { name: 'x', seed: 1 });
    const [kept] = await addComparisons(database, dataset.id, [showing(a)]);
    const merging = (comparison: Comparison) => mergeDataset(database, entriesOf({ dataset, comparisons: [comparison], events: [] }));
    await expect(merging({ ...kept, attachments: showing(b).attachments })).rejects.toThrow(/other texts or files/);
    // A file that was renamed is the same file.
    const renamed = showing(a).attachments!.map((attachment) => ({ ...attachment, name: 'renamed.gif' }));
    expect((await merging({ ...kept, attachments: renamed })).comparisons).toBe(0);
  });
});
