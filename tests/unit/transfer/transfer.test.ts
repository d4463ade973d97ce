import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attachment, JudgementEvent, PersonRater } from '../../../src/feedback/judgement';
import type { Database } from '../../../src/store/database';
import { mergeDataset } from '../../../src/store/datasetMerge';
import { listDatasets } from '../../../src/store/datasets';
import { loadJudgedDataset } from '../../../src/store/judgements';
import { addMedia, readMedia, sweepMedia } from '../../../src/store/media';
import type { DatasetFile } from '../../../src/text/datasetFile';
import { FORMATS } from '../../../src/text/formats';
import { IncomingFile } from '../../../src/transfer/incoming';
import { converted, ownJudgements, wholeDataset, type OutgoingFile } from '../../../src/transfer/outgoing';
import { freshStorage } from '../store/freshStorage';
import { anyDataset } from '../text/anyDataset';
import { entriesOf } from '../text/datasetEntries';

const storage = freshStorage();
const still = () => undefined;
const incoming = (database: Database, { bytes, ending }: OutgoingFile) => new IncomingFile(new File([bytes], `sent${ending}`), () => Promise.resolve(database));
const contents = async (database: Database, id: string) => {
  const { comparisons, events } = await loadJudgedDataset(database, id);
  return { dataset: (await listDatasets(database)).find((dataset) => dataset.id === id), comparisons, events };
};

// Its first bytes are all that is looked at.
const PNG = new Blob([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...new Uint8Array(64))]);

const ada: PersonRater = { kind: 'person', id: 'ada', name: 'Ada' };
const small: DatasetFile = {
  dataset: { id: 'd', name: 'mine', created: 1, seed: 2 },
  comparisons: [0, 1].map((order) => ({ id: `c${order}`, datasetId: 'd', order, prompt: `p${order}`, responses: ['a', 'b'], swapped: false, source: { kind: 'imported', file: 'f' }, created: 3 })),
  events: [ada, { ...ada, id: 'ben', name: 'Ben' }].map((rater, i): JudgementEvent => ({ id: `e${i}`, datasetId: 'd', comparisonId: 'c0', at: 4, rater, kind: 'judged', verdict: 'first' })),
};

describe('a file that went out of one browser and into another', () => {
  it('is the dataset that it was', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(anyDataset(), async (file) => {
        const [here, there] = [await storage.open(`here-${run}`), await storage.open(`there-${run++}`)];
        await mergeDataset(here, entriesOf(file));
        const sent = incoming(there, await wholeDataset(here, file.dataset));
        const found = await sent.look(still);
        expect(found).toMatchObject({ kind: 'dataset', media: 0, comparisons: { fresh: file.comparisons.length, known: 0 }, events: { fresh: file.events.length, known: 0 } });
        expect(await listDatasets(there)).toEqual([]);
        await sent.keep('another name', 1, still);
        expect(await contents(there, file.dataset.id)).toEqual({ dataset: file.dataset, comparisons: file.comparisons, events: file.events });
        [here, there].forEach((database) => database.close());
      }),
      { numRuns: 20 },
    );
  });

  it('brings the pictures that it shows, once', async () => {
    const [here, there] = [await storage.open('here'), await storage.open('there')];
    const [mediaId] = await addMedia(here, [PNG]);
    const attachments: Attachment[] = [{ of: 0, mediaId, type: 'image/png', name: 'a.png' }];
    await mergeDataset(here, entriesOf({ ...small, comparisons: small.comparisons.map((comparison) => ({ ...comparison, attachments })) }));
    const file = await wholeDataset(here, small.dataset);
    expect(file.ending).toBe('.nudge.zip');
    for (const fresh of [2, 0]) {
      const sent = incoming(there, file);
      expect(await sent.look(still)).toMatchObject({ kind: 'dataset', media: 1, comparisons: { fresh, known: 2 - fresh } });
      expect(await sent.keep('', 1, still)).toMatchObject({ comparisons: fresh });
    }
    const [kept, ...others] = await readMedia(there, [mediaId]);
    expect(others).toEqual([]);
    expect(await kept.bytes.arrayBuffer()).toEqual(await PNG.arrayBuffer());
  });

  it('has its pictures in the end, though another tab sweeps up before any item shows them', async () => {
    const [here, there] = [await storage.open('here'), await storage.open('there')];
    const [mediaId] = await addMedia(here, [PNG]);
    const attachments: Attachment[] = [{ of: 0, mediaId, type: 'image/png', name: 'a.png' }];
    const comparisons = Array.from({ length: 300 }, (_, order) => ({ ...small.comparisons[0], id: `c${order}`, order, attachments }));
    await mergeDataset(here, entriesOf({ ...small, comparisons }));
    const sent = incoming(there, await wholeDataset(here, small.dataset));
    await sent.look(still);
    const keeping = sent.keep('', 1, still);
    // Until something has been swept away.
    while ((await readMedia(there, [mediaId])).length === 0);
    await sweepMedia(there);
    expect(await readMedia(there, [mediaId])).toEqual([]);
    await keeping;
    expect(await readMedia(there, [mediaId])).toHaveLength(1);
  });

  it('leaves no picture behind where it is refused', async () => {
    const [here, there] = [await storage.open('here'), await storage.open('there')];
    const [mediaId] = await addMedia(here, [PNG]);
    const attachments: Attachment[] = [{ of: 0, mediaId, type: 'image/png', name: 'a.png' }];
    await mergeDataset(here, entriesOf({ ...small, comparisons: small.comparisons.map((comparison) => ({ ...comparison, attachments })) }));
    await mergeDataset(there, entriesOf({ ...small, comparisons: small.comparisons.map((comparison) => ({ ...comparison, prompt: 'another' })) }));
    const sent = incoming(there, await wholeDataset(here, small.dataset));
    expect(await sent.look(still)).toMatchObject({ media: 1, conflictCount: 2 });
    await expect(sent.keep('', 1, still)).rejects.toThrow(/other texts/);
    expect(await readMedia(there, [mediaId])).toEqual([]);
    expect((await contents(there, 'd')).comparisons.map(({ prompt }) => prompt)).toEqual(['another', 'another']);
  });

  it('has the acts of one person only, where that is asked for', async () => {
    const database = await storage.open();
    await mergeDataset(database, entriesOf(small));
    const lines = (await (await ownJudgements(database, small.dataset, ada)).bytes.text()).trim().split('\n').map((line) => JSON.parse(line) as Record<string, { id: string }>);
    expect(lines.flatMap(({ event }) => event?.id ?? [])).toEqual(['e0']);
    expect(lines.flatMap(({ comparison }) => comparison?.id ?? [])).toEqual(['c0', 'c1']);
  });

  it('keeps what is said while it is written for the next one', async () => {
    const database = await storage.open();
    await mergeDataset(database, entriesOf(small));
    const writing = wholeDataset(database, small.dataset);
    const late = { ...small.comparisons[0], id: 'late', order: 2 };
    await mergeDataset(database, entriesOf({ ...small, comparisons: [late], events: [{ ...small.events[0], id: 'on late', comparisonId: 'late' }] }));
    const there = await storage.open('there');
    const sent = incoming(there, await writing);
    // Whatever it caught of the addition, it contradicts nothing and names nothing that is missing.
    expect(await sent.look(still)).toMatchObject({ kind: 'dataset', conflictCount: 0 });
  });
});

describe('a file of another tool', () => {
  const jsonl = (...records: unknown[]) => ({ ending: '.jsonl', bytes: new Blob([records.map((record) => JSON.stringify(record)).join('\n')]) });
  const preference = { prompt: 'A cat', chosen: ' slept.', rejected: ' flew.' };

  it('is looked through, then kept under the name that was given', async () => {
    const database = await storage.open();
    const sent = incoming(database, jsonl(preference, { prompt: 'A dog', chosen: ' ran.' }, preference));
    const found = await sent.look(still);
    expect(found).toMatchObject({ kind: 'items', items: 2, judgements: 2, errorCount: 1, errors: [{ line: 2, field: 'rejected' }] });
    // It has to cross from a worker to the page.
    expect(structuredClone(found)).toEqual(found);
    const merged = await sent.keep('cats', 7, still);
    expect((await contents(database, merged.datasetId)).dataset).toMatchObject({ name: 'cats', seed: 7 });
  });

  it('is given up where it is stopped, and nothing is kept', async () => {
    const database = await storage.open();
    const sent = incoming(database, jsonl(...Array.from({ length: 1000 }, () => preference)));
    await sent.look(still);
    const keeping = sent.keep('cats', 7, still);
    sent.stop();
    await expect(keeping).rejects.toThrow(/stopped/);
    expect(await listDatasets(database)).toEqual([]);
  });

  it('gives the prompts that nothing answers', async () => {
    const database = await storage.open();
    const sent = incoming(database, jsonl({ prompt: 'One' }, { prompt: 'Two\nlines' }, { prompt: 'Three' }, { prompt: 'Four' }));
    expect(await sent.look(still)).toMatchObject({ kind: 'items', prompts: 4 });
    expect(await sent.prompts(2)).toEqual(['One', 'Three']);
  });

  it('that is of no kind known is nothing, and another archive is for others', async () => {
    const database = await storage.open();
    expect(await incoming(database, { ending: '.bin', bytes: new Blob([Uint8Array.of(1, 2, 3)]) }).look(still)).toBeNull();
    expect(await incoming(database, { ending: '.zip', bytes: new Blob(['PK and something']) }).look(still)).toEqual({ kind: 'zip' });
  });
});

it('a dataset goes out in each format that the lab writes, with a word of what is lost', async () => {
  const database = await storage.open();
  await mergeDataset(database, entriesOf(small));
  for (const { id, extensions, write } of FORMATS) {
    if (!write) continue;
    const file = await converted(database, small.dataset, id);
    expect(file.ending).toBe(extensions[0]);
    expect(file.loss).not.toBe('');
    // A choice between two is no single answer, and where only those are written the file is empty.
    if (file.bytes.size > 0) expect(await incoming(await storage.open(`back-${id}`), file).look(still)).toMatchObject({ kind: 'items' });
  }
  await expect(converted(database, small.dataset, 'nothing')).rejects.toThrow(/writes no/);
});
