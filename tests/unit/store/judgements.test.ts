import { forceCloseDatabase } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import type { JudgementEvent, Verdict } from '../../../src/feedback/judgement';
import { addComparisons, createDataset, deleteDataset, getDataset, listComparisons, listDatasets, renameDataset, setCollecting, setForm } from '../../../src/store/datasets';
import { appendEvents, listEvents, loadJudgedDataset } from '../../../src/store/judgements';
import { NotFoundError } from '../../../src/store/storageErrors';
import { freshStorage } from './freshStorage';

const storage = freshStorage();

const draft = (text: string) => ({ prompt: text, responses: [`${text} a`, `${text} b`] as [string, string], source: { kind: 'imported' as const, file: 'f' } });

function judged(datasetId: string, comparisonId: string, id: string, verdict: Verdict = 'first'): JudgementEvent {
  return { id, datasetId, comparisonId, at: 1, rater: { kind: 'person', name: 'me' }, kind: 'judged', verdict };
}

describe('a thousand judgements, ten at a time', () => {
  it('all arrive once, while connections drop and calls are repeated', async () => {
    const connections: IDBDatabase[] = [];
    const open = indexedDB.open.bind(indexedDB);
    indexedDB.open = (...args: Parameters<IDBFactory['open']>) => {
      const request = open(...args);
      request.addEventListener('success', () => connections.push(request.result));
      return request;
    };
    const database = await storage.open();
    const dataset = await createDataset(database, { name: 'many', seed: 1 });
    const events = Array.from({ length: 1000 }, (_, i) => judged(dataset.id, `c${i}`, `e${i}`, i % 3 === 0 ? 'tie' : 'second'));
    let fresh = 0;
    for (let start = 0; start < events.length; start += 100) {
      const batches = Array.from({ length: 10 }, (_, i) => events.slice(start + 10 * i, start + 10 * (i + 1)));
      if (start % 300 === 0) forceCloseDatabase(connections.at(-1) as never);
      // The second of each pair repeats the first, as a retry after a lost answer would.
      const added = await Promise.all(batches.flatMap((batch) => [appendEvents(database, batch), appendEvents(database, batch)]));
      fresh += added.reduce((sum, n) => sum + n, 0);
    }
    expect(connections.length).toBeGreaterThan(3);
    expect(fresh).toBe(1000);
    const kept = await listEvents(database, dataset.id);
    expect(kept.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort());
    const { states } = await loadJudgedDataset(database, dataset.id);
    expect([...states.values()].filter((state) => state.status === 'judged' && state.verdict === 'tie')).toHaveLength(334);
  });
});

describe('a dataset', () => {
  it('numbers its queue without gaps, also for two writers at once', async () => {
    const database = await storage.open();
    const { id } = await createDataset(database, { name: 'x', seed: 5 });
    await Promise.all([addComparisons(database, id, ['a', 'b', 'c'].map(draft)), addComparisons(database, id, ['d', 'e'].map(draft))]);
    expect((await listComparisons(database, id)).map(({ order }) => order)).toEqual([0, 1, 2, 3, 4]);
  });

  it('shuffles the same sides whether grown in one go or in two', async () => {
    const database = await storage.open();
    const texts = Array.from({ length: 40 }, (_, i) => draft(`${i}`));
    const [whole, halves] = await Promise.all([1, 2].map(() => createDataset(database, { name: 'x', seed: 9 })));
    await addComparisons(database, whole.id, texts);
    await addComparisons(database, halves.id, texts.slice(0, 13));
    await addComparisons(database, halves.id, texts.slice(13));
    const sides = async (id: string) => (await listComparisons(database, id)).map(({ swapped }) => swapped);
    expect(await sides(halves.id)).toEqual(await sides(whole.id));
    expect(new Set(await sides(whole.id))).toEqual(new Set([true, false]));
  });

  it('takes its comparisons and events along when deleted, and nobody else’s', async () => {
    const database = await storage.open();
    const [gone, stays] = [await createDataset(database, { name: 'gone', seed: 1 }), await createDataset(database, { name: 'stays', seed: 1 })];
    for (const { id } of [gone, stays]) {
      const [comparison] = await addComparisons(database, id, [draft('a')]);
      await appendEvents(database, [judged(id, comparison.id, `e-${id}`)]);
    }
    await deleteDataset(database, gone.id);
    expect(await listDatasets(database)).toEqual([stays]);
    expect([await listComparisons(database, gone.id), await listEvents(database, gone.id)]).toEqual([[], []]);
    expect([(await listComparisons(database, stays.id)).length, (await listEvents(database, stays.id)).length]).toEqual([1, 1]);
  });

  it('remembers what is asked and how items come, and refuses a share that is none', async () => {
    const database = await storage.open();
    const { id } = await createDataset(database, { name: 'mine', seed: 1 });
    const form = { name: 'thumbs', guidelines: '', questions: [{ id: 'q', ask: 'Good?', required: true, kind: 'thumb' as const }], reasons: [] };
    const collecting = { next: 'uncertain' as const, randomShare: 0.2, repeatShare: 0.05, everyone: true };
    await setForm(database, id, form);
    await setCollecting(database, id, collecting);
    expect(await getDataset(database, id)).toMatchObject({ name: 'mine', seed: 1, form, collecting });
    await setForm(database, id, undefined);
    expect((await getDataset(database, id)).form).toBeUndefined();
    for (const randomShare of [-0.1, 1.1, NaN]) await expect(setCollecting(database, id, { ...collecting, randomShare })).rejects.toThrow(/from 0 to 1/);
    expect((await getDataset(database, id)).collecting).toEqual(collecting);
    await expect(setCollecting(database, 'nowhere', collecting)).rejects.toBeInstanceOf(NotFoundError);
  });

  it('can be renamed; one that is not there is named in the error', async () => {
    const database = await storage.open();
    const { id } = await createDataset(database, { name: 'old', seed: 1 });
    await renameDataset(database, id, 'new');
    expect((await getDataset(database, id)).name).toBe('new');
    await expect(renameDataset(database, 'nowhere', 'x')).rejects.toBeInstanceOf(NotFoundError);
    await expect(addComparisons(database, 'nowhere', [draft('a')])).rejects.toBeInstanceOf(NotFoundError);
  });
});
