import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formChange } from '../../../src/app/collect/formChange.svelte';
import type { Form } from '../../../src/feedback/form';
import { DEFAULT_FORM, TEMPLATES } from '../../../src/feedback/formTemplates';
import type { Database } from '../../../src/store/database';
import { addComparisons, createDataset, deleteDataset, getDataset, listComparisons } from '../../../src/store/datasets';
import type { DatasetRecord } from '../../../src/store/schema';
import { freshStorage } from '../store/freshStorage';

const stage = vi.hoisted(() => ({
  lab: { database: null as Database | null, storageError: 'The storage is locked.' },
  shelf: { activeDataset: null as DatasetRecord | null, activeModel: { id: 'model' }, addDataset: vi.fn() },
  notices: { tell: vi.fn() },
}));
vi.mock('../../../src/app/shell/lab.svelte', () => ({ lab: stage.lab }));
vi.mock('../../../src/app/shell/shelf.svelte', () => ({ shelf: stage.shelf }));
vi.mock('../../../src/app/shell/notices.svelte', () => ({ notices: stage.notices }));

const storage = freshStorage();
const [, STRENGTH, ORDER] = TEMPLATES as unknown as Form[];

async function set(...texts: number[]): Promise<DatasetRecord> {
  const database = await storage.open();
  const dataset = await createDataset(database, { name: 'Mine', seed: 1 });
  await addComparisons(database, dataset.id, texts.map((n) => ({ prompt: '', responses: Array.from({ length: n }, (_, i) => `text ${i}`), source: { kind: 'imported' as const, file: 'f' } })));
  stage.lab.database = database;
  stage.shelf.activeDataset = dataset;
  return dataset;
}
const formOf = async ({ id }: DatasetRecord) => (await getDataset(stage.lab.database!, id)).form;

beforeEach(() => vi.clearAllMocks());
afterEach(() => {
  formChange.answer(false);
  stage.lab.database = null;
  stage.shelf.activeDataset = null;
});

describe('another form for a dataset', () => {
  it('is used at once where every item suits it, and the one before can be had back', async () => {
    const dataset = await set(2, 2);
    expect(await formChange.use(STRENGTH)).toBe(true);
    expect(formChange.proposal).toBeNull();
    expect(await formOf(dataset)).toEqual(STRENGTH);
    expect(formChange.before).toEqual(DEFAULT_FORM);
    expect(stage.notices.tell).toHaveBeenCalledOnce();
    stage.shelf.activeDataset = { ...dataset, id: 'another' };
    expect(formChange.before).toBeNull();
  });

  it('is asked about where items would stay away: no leaves everything, yes deletes nothing', async () => {
    const dataset = await set(1, 2, 1);
    const refused = formChange.use(ORDER);
    await vi.waitUntil(() => formChange.proposal);
    expect(formChange.proposal?.consequence).toContain('2 of 3 items have too few texts');
    formChange.answer(false);
    expect(await refused).toBe(false);
    expect(await formOf(dataset)).toBeUndefined();
    expect(stage.notices.tell).not.toHaveBeenCalled();

    const used = formChange.use(ORDER);
    await vi.waitUntil(() => formChange.proposal);
    formChange.answer(true);
    expect(await used).toBe(true);
    expect(await formOf(dataset)).toEqual(ORDER);
    expect(await listComparisons(stage.lab.database!, dataset.id)).toHaveLength(3);
  });

  it('makes a first dataset where there is none', async () => {
    const dataset = await set();
    stage.shelf.activeDataset = null;
    stage.shelf.addDataset.mockResolvedValue(dataset);
    expect(await formChange.use(ORDER)).toBe(true);
    expect(stage.shelf.addDataset).toHaveBeenCalledExactlyOnceWith('My judgements', 'model');
    expect(await formOf(dataset)).toEqual(ORDER);
  });

  it('fails with a reason, and then nothing was changed', async () => {
    await expect(formChange.use(ORDER)).rejects.toThrow('The storage is locked.');
    const dataset = await set();
    await deleteDataset(stage.lab.database!, dataset.id);
    await expect(formChange.use(ORDER)).rejects.toMatchObject({ name: 'NotFoundError' });
    expect(stage.notices.tell).not.toHaveBeenCalled();
  });
});
