import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { JudgementEvent } from '../../../src/feedback/judgement';
import { showsSecondOnLeft } from '../../../src/feedback/sides';
import type { Database } from '../../../src/store/database';
import { DatasetConflictError, importItems } from '../../../src/store/datasetImport';
import { DatasetReader } from '../../../src/store/datasetReader';
import { addComparisons, createDataset, deleteDataset, listComparisons, listDatasets } from '../../../src/store/datasets';
import { appendEvents, listEvents, loadJudgedDataset } from '../../../src/store/judgements';
import type { DatasetRecord } from '../../../src/store/schema';
import { StorageFullError } from '../../../src/store/storageErrors';
import { sweepStrayItems, takeImportLock } from '../../../src/store/strayItems';
import type { ImportedItem } from '../../../src/text/formats/item';
import { freshStorage } from './freshStorage';
import { lockManager } from './lockManager';

const storage = freshStorage();

const dataset: DatasetRecord = { id: 'd', name: 'mine', created: 1, seed: 9 };
const preference = (line: number): ImportedItem => ({ line, prompt: `p${line}`, responses: ['good', 'bad'], judged: [{ verdict: 'first' }] });
const preferences = (n: number) => Array.from({ length: n }, (_, i) => preference(i + 1));

/** As a file is read: a task at a time; `after` the last, what happens there. */
async function* reading(items: readonly ImportedItem[], after: () => void = () => undefined): AsyncGenerator<ImportedItem> {
  for (const item of items) {
    if (item.line % 7 === 0) await new Promise((done) => setTimeout(done));
    yield item;
  }
  after();
}

const STORES = ['models', 'weights', 'datasets', 'comparisons', 'events', 'drafts', 'media', 'runs', 'metrics', 'samples', 'checkpoints', 'settings'] as const;

/** Everything that is stored, with its keys, as text. */
function dump(database: Database): Promise<string> {
  return database.read([...STORES], async (transaction) =>
    JSON.stringify(await Promise.all(STORES.map(async (store) => [store, await transaction.objectStore(store).getAllKeys(), await transaction.objectStore(store).getAll()]))),
  );
}

/** A store with somebody's work in it. */
async function inUse(): Promise<Database> {
  const database = await storage.open();
  const { id } = await createDataset(database, { name: 'own', seed: 1 });
  const [comparison] = await addComparisons(database, id, [{ prompt: 'p', responses: ['a', 'b'], source: { kind: 'imported', file: 'f' } }]);
  await appendEvents(database, [{ id: 'own', datasetId: id, comparisonId: comparison.id, at: 1, rater: { kind: 'person', name: 'me' }, kind: 'judged', verdict: 'tie' }]);
  return database;
}

describe('an import', () => {
  it('makes a dataset of all items in their order, with what was judged, by the file where nobody is named', async () => {
    const database = await storage.open();
    const rated: ImportedItem = {
      line: 2,
      prompt: 'q',
      turns: [{ role: 'user', text: 'q' }],
      responses: ['only'],
      conversationId: 'c',
      attachments: [{ of: 0, mediaId: '0'.repeat(64), type: 'image/png', name: 'a.png' }],
      judged: [{ verdict: { kind: 'thumb', response: 0, up: true }, rater: { kind: 'person', name: 'Ada' }, at: 77, comment: 'so it is' }],
    };
    const open: ImportedItem = { line: 3, prompt: 'r', responses: ['a', 'b', 'c'], judged: [] };
    const progress: number[] = [];
    const merged = await importItems(database, dataset, reading([preference(1), rated, open]), { file: 'mine.jsonl', batch: 2, onProgress: (items) => progress.push(items) });
    expect(merged).toEqual({ datasetId: 'd', comparisons: 3, events: 2 });
    expect(progress).toEqual([2, 3]);
    expect(await listDatasets(database)).toEqual([dataset]);
    const { comparisons, states } = await loadJudgedDataset(database, 'd');
    expect(comparisons).toMatchObject([{ order: 0, prompt: 'p1', source: { kind: 'imported', file: 'mine.jsonl' } }, { order: 1, conversationId: 'c', turns: rated.turns, attachments: rated.attachments }, { order: 2, responses: ['a', 'b', 'c'] }]);
    expect(comparisons.slice(0, 2).map(({ id }) => states.get(id))).toMatchObject([
      { verdict: 'first', rater: { kind: 'imported', file: 'mine.jsonl' } },
      { verdict: { kind: 'thumb', up: true }, rater: { kind: 'person', name: 'Ada' }, at: 77, comment: 'so it is' },
    ]);
    expect(states.has(comparisons[2].id)).toBe(false);
  });

  it('lets the last word of a line stand where it names no times', async () => {
    const database = await storage.open();
    const judged: ImportedItem['judged'] = ['first', 'tie', 'both-bad', 'second'].map((verdict) => ({ verdict: verdict as 'tie' }));
    await importItems(database, dataset, reading([{ ...preference(1), judged }]), { file: 'f' });
    expect([...(await loadJudgedDataset(database, 'd')).states.values()]).toMatchObject([{ verdict: 'second' }]);
  });

  it('tosses the dataset’s own coin for the side of each', async () => {
    const database = await storage.open();
    await importItems(database, dataset, reading(preferences(40)), { file: 'f', batch: 7 });
    const sides = (await listComparisons(database, 'd')).map(({ swapped }) => swapped);
    expect(sides).toEqual(sides.map((_, order) => showsSecondOnLeft(9, order)));
    expect(new Set(sides).size).toBe(2);
  });

  const last = (change: Partial<ImportedItem>) => reading([...preferences(8), { ...preference(9), ...change }]);
  const failure = new Error('line 10 is not JSON');
  it.each<[string, () => AsyncIterable<ImportedItem>, unknown]>([
    ['its file cannot be read on', () => reading(preferences(9), () => { throw failure; }), failure],
    ['a verdict is about a response that is not there', () => last({ judged: [{ verdict: { kind: 'thumb', response: 2, up: true } }] }), /line 9/],
    ['an item has no response', () => last({ responses: [], judged: [] }), /line 9 has 0 responses/],
    ['an item has too many responses', () => last({ responses: [...'abcdefg'], judged: [] }), /line 9 has 7 responses/],
    ['there is nothing in it', () => reading([]), DatasetConflictError],
  ])('leaves the store as it was where %s', async (_, items, error) => {
    const database = await inUse();
    const before = await dump(database);
    const unseen: string[] = [];
    database.changes.listen(({ of }) => unseen.push(of));
    await expect(importItems(database, dataset, items(), { file: 'f', batch: 2 })).rejects.toThrow(error as Error);
    expect(await dump(database)).toBe(before);
    expect(unseen).toEqual([]);
  });

  it('leaves the store as it was where the disk is full at the last item', async () => {
    const database = await inUse();
    const before = await dump(database);
    const full = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, value: { prompt?: string }) {
      if (value.prompt === 'p9') throw new DOMException('no room', 'QuotaExceededError');
      return this.put(value);
    });
    await expect(importItems(database, dataset, reading(preferences(9)), { file: 'f', batch: 2 })).rejects.toBeInstanceOf(StorageFullError);
    full.mockRestore();
    expect(await dump(database)).toBe(before);
  });

  it('leaves the store as it was where it is stopped, wherever that is, and stops reading', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 12 }), fc.integer({ min: 1, max: 5 }), async (when, batch) => {
        const database = await storage.open(`stopped-${run++}`);
        const stop = new AbortController();
        const reason = new Error('enough');
        let read = 0;
        async function* items() {
          for (const item of preferences(12)) {
            if (read++ === when) stop.abort(reason);
            yield item;
          }
          if (when === 12) stop.abort(reason);
        }
        const before = await dump(database);
        await expect(importItems(database, dataset, items(), { file: 'f', batch, signal: stop.signal })).rejects.toBe(reason);
        expect(read).toBeLessThanOrEqual(when + batch);
        expect(await dump(database)).toBe(before);
        database.close();
      }),
    );
  });

  it('touches nothing of a dataset that has its id', async () => {
    const database = await storage.open();
    await importItems(database, dataset, reading(preferences(3)), { file: 'f' });
    const before = await dump(database);
    await expect(importItems(database, dataset, reading(preferences(5)), { file: 'g' })).rejects.toBeInstanceOf(DatasetConflictError);
    expect(await dump(database)).toBe(before);
  });

  it('is seen by nobody before its end', async () => {
    const database = await storage.open();
    const seen: unknown[] = [];
    const look = async () => seen.push(...(await listDatasets(database)));
    await importItems(database, dataset, reading(preferences(20)), { file: 'f', batch: 3, onProgress: () => void look() });
    expect(seen).toEqual([]);
    expect(await listDatasets(database)).toHaveLength(1);
  });
});

describe('what an import left behind when its tab closed', () => {
  /** An import that never comes to its end. */
  async function cutOff(database: Database, locks: LockManager): Promise<void> {
    async function* items() {
      yield* preferences(5);
      await new Promise(() => undefined);
    }
    await new Promise<void>((kept) => void importItems(database, { ...dataset, id: 'cut off' }, items(), { file: 'f', batch: 2, locks, onProgress: (n) => n === 4 && kept() }));
  }

  it('is swept away, and nothing else', async () => {
    const database = await inUse();
    await importItems(database, dataset, reading(preferences(3)), { file: 'f' });
    const before = await dump(database);
    // A lock dies with its tab.
    await cutOff(database, lockManager());
    expect(await dump(database)).not.toBe(before);
    await sweepStrayItems(database, lockManager());
    expect(await dump(database)).toBe(before);
  });

  it('stays while another tab is importing it, and where nobody can tell', async () => {
    const database = await inUse();
    const locks = lockManager();
    await cutOff(database, locks);
    const during = await dump(database);
    expect(await takeImportLock('cut off', locks)).toBeNull();
    await sweepStrayItems(database, locks);
    await sweepStrayItems(database, null);
    expect(await dump(database)).toBe(during);
  });

  it('goes where a removal was cut off as well', async () => {
    const database = await inUse();
    const before = await dump(database);
    await importItems(database, dataset, reading(preferences(3)), { file: 'f' });
    await database.write({ stores: ['datasets'], durability: 'relaxed', changes: [] }, (transaction) => transaction.objectStore('datasets').delete('d'));
    await sweepStrayItems(database, lockManager());
    expect(await dump(database)).toBe(before);
  });
});

describe('a dataset that is being deleted', () => {
  it('is not imported again before all of it is gone', async () => {
    const database = await storage.open();
    const locks = lockManager();
    await importItems(database, dataset, reading(preferences(1500)), { file: 'f', batch: 500, locks });
    const deleted = deleteDataset(database, 'd', locks);
    await expect(importItems(database, dataset, reading(preferences(3)), { file: 'f', locks })).rejects.toThrow(/being imported or deleted/);
    await deleted;
    expect(await importItems(database, dataset, reading(preferences(3)), { file: 'f', locks })).toMatchObject({ comparisons: 3 });
    expect((await loadJudgedDataset(database, 'd')).comparisons).toHaveLength(3);
  });

  it('does not stand in its own way where a closed tab left some of it', async () => {
    const database = await storage.open();
    await importItems(database, dataset, reading(preferences(5)), { file: 'f' });
    await database.write({ stores: ['datasets'], durability: 'relaxed', changes: [] }, (transaction) => transaction.objectStore('datasets').delete('d'));
    expect(await importItems(database, dataset, reading(preferences(4)), { file: 'f' })).toMatchObject({ comparisons: 4 });
    expect((await loadJudgedDataset(database, 'd')).comparisons.map(({ order }) => order)).toEqual([0, 1, 2, 3]);
  });
});

describe('reading a dataset piece by piece', () => {
  const event = (datasetId: string, id: string): JudgementEvent => ({ id, datasetId, comparisonId: 'c', at: 1, rater: { kind: 'person', name: 'me' }, kind: 'judged', verdict: 'tie' });

  async function readOn(reader: DatasetReader) {
    const pieces = [];
    for await (const { comparisons, events } of reader.news()) pieces.push({ orders: comparisons.map(({ order }) => order), events: events.map(({ id }) => id) });
    return { most: Math.max(0, ...pieces.map(({ orders, events }) => orders.length + events.length)), orders: pieces.flatMap(({ orders }) => orders), events: pieces.flatMap(({ events }) => events) };
  }

  it('gives all of it once, in pieces, and then what is new; among others’ events', async () => {
    const database = await storage.open();
    const ids = Array.from({ length: 700 }, (_, i) => `e${i}`);
    await importItems(database, { ...dataset, id: 'other' }, reading(preferences(600)), { file: 'f', batch: 600 });
    await importItems(database, dataset, reading(preferences(1203).map((item) => ({ ...item, judged: [] }))), { file: 'f', batch: 600 });
    for (const [i, id] of ids.entries()) await appendEvents(database, [event(i % 3 ? 'd' : 'other', id)]);
    const mine = ids.filter((_, i) => i % 3);
    const reader = new DatasetReader(database, 'd');
    const all = await readOn(reader);
    expect(all.orders).toEqual(Array.from({ length: 1203 }, (_, order) => order));
    expect(all.events).toEqual(mine);
    expect(all.events).toEqual((await listEvents(database, 'd')).map(({ id }) => id));
    expect(all.most).toBeLessThanOrEqual(500);

    expect(await readOn(reader)).toEqual({ most: 0, orders: [], events: [] });
    await appendEvents(database, [event('other', 'theirs'), event('d', 'new')]);
    await addComparisons(database, 'd', [{ prompt: 'p', responses: ['a', 'b'], source: { kind: 'imported', file: 'f' } }]);
    expect(await readOn(reader)).toEqual({ most: 1, orders: [1203], events: ['new'] });
  });

  it('passes over any number of others’ events, before, between and after its own', async () => {
    const database = await storage.open();
    const theirs = (n: number, from: string) => Array.from({ length: n }, (_, i) => event('other', `${from}${i}`));
    await appendEvents(database, [...theirs(1100, 'a'), event('d', 'first'), ...theirs(1700, 'b'), event('d', 'second'), ...theirs(600, 'c')]);
    const reader = new DatasetReader(database, 'd');
    expect((await readOn(reader)).events).toEqual(['first', 'second']);
    expect((await readOn(reader)).events).toEqual([]);
    await appendEvents(database, [...theirs(600, 'd'), event('d', 'third')]);
    expect((await readOn(reader)).events).toEqual(['third']);
    expect((await readOn(new DatasetReader(database, 'd'))).events).toEqual(['first', 'second', 'third']);
  });

  it('removes a large dataset whole', async () => {
    const database = await inUse();
    const before = await dump(database);
    await importItems(database, dataset, reading(preferences(1203)), { file: 'f', batch: 600 });
    await deleteDataset(database, 'd');
    expect(await dump(database)).toBe(before);
  });
});
