import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prunable } from '../../../src/store/checkpointRetention';
import type { Database } from '../../../src/store/database';
import { deleteModel, listModels, loadModel, ModelInUseError, renameModel, saveModel } from '../../../src/store/models';
import {
  createRun,
  deleteRun,
  getRun,
  listCheckpoints,
  listMetrics,
  listRuns,
  listSamples,
  loadLatestCheckpoint,
  rewindRun,
  rollBackRun,
  saveCheckpoint,
  saveIteration,
  updateRun,
} from '../../../src/store/runs';
import type { RunRecord } from '../../../src/store/schema';
import { NotFoundError } from '../../../src/store/storageErrors';
import { freshStorage } from './freshStorage';

const storage = freshStorage();

const newRun = (database: Database, changes: Partial<RunRecord> = {}) =>
  createRun(database, {
    name: 'run',
    status: 'ready',
    baseModelId: 'shipped:small',
    rewardModelId: 'reward',
    settings: {},
    seed: 1,
    version: '0',
    adapter: 'cpu',
    iteration: 0,
    iterations: 20,
    ...changes,
  });

const checkpoint = (runId: string, iteration: number, good = true) => ({
  id: `${runId}/${iteration}`,
  runId,
  iteration,
  created: iteration,
  good,
  tensors: { w: { shape: [2], data: Float32Array.of(iteration, 0.5) } },
  state: { beta: iteration / 10 },
});

const saved = (database: Database, runId: string, iteration: number, keep?: { good: boolean }) =>
  saveIteration(database, runId, {
    run: { iteration, status: 'running' },
    metrics: { runId, iteration, at: iteration, metrics: { 'objective/kl': iteration } },
    samples: { runId, iteration, samples: [] },
    checkpoint: keep && checkpoint(runId, iteration, keep.good),
  });

const countAll = (database: Database, store: 'weights' | 'checkpoints' | 'metrics' | 'samples') =>
  database.read([store], (transaction) => transaction.objectStore(store).count());

describe('a run', () => {
  it('keeps each iteration whole and resumes from its newest checkpoint', async () => {
    const database = await storage.open();
    const { id } = await newRun(database);
    expect(await loadLatestCheckpoint(database, id)).toBeNull();
    for (let i = 1; i <= 4; i++) await saved(database, id, i, i % 2 === 0 ? { good: true } : undefined);
    expect((await listMetrics(database, id)).map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4]);
    expect((await getRun(database, id)).iteration).toBe(4);
    expect(await loadLatestCheckpoint(database, id)).toEqual(checkpoint(id, 4));
  });

  it('keeps nothing of an iteration whose checkpoint fails', async () => {
    const database = await storage.open();
    const { id } = await newRun(database);
    const unclonable = { ...checkpoint(id, 1), state: () => 'a function cannot be stored' };
    await expect(
      saveIteration(database, id, { run: { iteration: 1 }, metrics: { runId: id, iteration: 1, at: 0, metrics: {} }, checkpoint: unclonable }),
    ).rejects.toThrow();
    expect((await getRun(database, id)).iteration).toBe(0);
    expect([await countAll(database, 'metrics'), await countAll(database, 'weights'), await countAll(database, 'checkpoints')]).toEqual([0, 0, 0]);
  });

  it('goes back to its last good checkpoint, drops what came later, and further with each call', async () => {
    const database = await storage.open();
    const { id } = await newRun(database);
    const other = await newRun(database);
    for (let i = 1; i <= 9; i++) await saved(database, id, i, i % 2 === 0 ? { good: i < 8 } : undefined);
    for (let i = 1; i <= 9; i++) await saved(database, other.id, i);
    await updateRun(database, id, { status: 'failed', note: 'the KL passed its cap' });

    const first = await rollBackRun(database, id);
    expect(first.checkpoint).toEqual(checkpoint(id, 6));
    expect(first.run).toMatchObject({ iteration: 6, status: 'paused' });
    expect(first.run).not.toHaveProperty('note');
    expect((await listMetrics(database, id)).map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await listSamples(database, id)).map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await listCheckpoints(database, id)).map(({ iteration }) => iteration)).toEqual([2, 4, 6]);
    expect(await listMetrics(database, other.id)).toHaveLength(9);

    expect((await rollBackRun(database, id)).run.iteration).toBe(4);
    expect((await rollBackRun(database, id)).run.iteration).toBe(2);
    await expect(rollBackRun(database, id)).rejects.toBeInstanceOf(NotFoundError);
    expect((await getRun(database, id)).iteration).toBe(2);
    expect(await countAll(database, 'weights')).toBe(1);
  });

  it('does not go back to an iteration whose policy a later one discredited', async () => {
    const database = await storage.open();
    const { id } = await newRun(database);
    for (let i = 1; i <= 5; i++) await saved(database, id, i, { good: true });
    const metrics = { runId: id, iteration: 6, at: 6, metrics: {} };
    await saveIteration(database, id, { run: { iteration: 6 }, metrics, checkpoint: checkpoint(id, 6, false), discredited: 5 });
    expect((await listCheckpoints(database, id)).map(({ iteration, good }) => [iteration, good])).toEqual([[1, true], [3, true], [4, true], [5, false], [6, false]]);
    expect((await rollBackRun(database, id)).checkpoint).toEqual(checkpoint(id, 4));
    // An iteration without a checkpoint has nothing to lose.
    await saveIteration(database, id, { run: { iteration: 5 }, metrics: { ...metrics, iteration: 5 }, discredited: 2 });
    expect((await rollBackRun(database, id)).run.iteration).toBe(4);
  });

  it('that died between checkpoints resumes at the newest without the iterations after it', async () => {
    const database = await storage.open();
    const { id } = await newRun(database);
    for (let i = 1; i <= 7; i++) await saved(database, id, i, i === 5 ? { good: false } : undefined);
    const newest = await loadLatestCheckpoint(database, id);
    const { run } = await rewindRun(database, id, newest!.id);
    expect(run.iteration).toBe(5);
    expect(await listMetrics(database, id)).toHaveLength(5);
  });

  it('has one checkpoint an iteration: the newer replaces the older with its tensors', async () => {
    const database = await storage.open();
    const { id } = await newRun(database);
    await saved(database, id, 1, { good: true });
    await saveCheckpoint(database, { ...checkpoint(id, 1), id: 'another', state: 'newer' });
    expect((await listCheckpoints(database, id)).map((row) => row.state)).toEqual(['newer']);
    expect(await countAll(database, 'weights')).toBe(1);
  });

  it('bounds its checkpoints, and no tensors stay behind', async () => {
    const database = await storage.open();
    const { id } = await newRun(database);
    for (let i = 1; i <= 20; i++) await saved(database, id, i, { good: i <= 12 });
    expect((await listCheckpoints(database, id)).map(({ iteration }) => iteration)).toEqual([1, 10, 11, 12, 19, 20]);
    expect(await countAll(database, 'weights')).toBe(6);
  });

  it('is deleted with everything of it, and nothing of another', async () => {
    const database = await storage.open();
    const [gone, stays] = [await newRun(database), await newRun(database)];
    for (const { id } of [gone, stays]) for (let i = 1; i <= 3; i++) await saved(database, id, i, { good: true });
    await deleteRun(database, gone.id);
    expect((await listRuns(database)).map(({ id }) => id)).toEqual([stays.id]);
    for (const store of ['metrics', 'samples', 'checkpoints', 'weights'] as const) expect(await countAll(database, store)).toBe(3);
    await expect(saved(database, gone.id, 4, { good: true })).rejects.toBeInstanceOf(NotFoundError);
    expect(await countAll(database, 'weights')).toBe(3);
  });
});

describe('the retention of checkpoints', () => {
  it('always leaves the newest, the newest good one, a way back from it, and at most six', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (goods) => {
        const rows = goods.map((good, i) => ({ id: `${i}`, good }));
        const gone = new Set(prunable(rows));
        const left = rows.filter((row) => !gone.has(row));
        const good = rows.filter((row) => row.good);
        for (const kept of [rows.at(-1), good.at(-1), good.at(-2), good.at(0)]) if (kept) expect(left).toContain(kept);
        expect(left.length).toBeLessThanOrEqual(6);
        expect(prunable(left)).toEqual([]);
      }),
    );
  });
});

describe('a model', () => {
  const fields = { name: 'mine', kind: 'language' as const, config: {}, tokenizer: {}, parameters: 2 };

  it('comes back with its weights, also where they were windows on a larger buffer', async () => {
    const database = await storage.open();
    const buffer = Float32Array.of(9, 1, 2, 9);
    const { id, weightsId } = await saveModel(database, fields, { w: { shape: [2], data: buffer.subarray(1, 3) } });
    const { model, tensors } = await loadModel(database, id);
    expect(model).toMatchObject({ name: 'mine', weightsId });
    expect([...tensors.w.data]).toEqual([1, 2]);
    expect(tensors.w.data.buffer.byteLength).toBe(8);
  });

  it('is neither saved without its weights nor left in them when deleted', async () => {
    const database = await storage.open();
    await expect(saveModel(database, { ...fields, config: () => 0 }, {})).rejects.toThrow();
    expect([await listModels(database), await countAll(database, 'weights')]).toEqual([[], 0]);
    const { id } = await saveModel(database, fields, {});
    await renameModel(database, id, 'yours');
    expect((await listModels(database, 'language')).map(({ name }) => name)).toEqual(['yours']);
    expect(await listModels(database, 'reward')).toEqual([]);
    await deleteModel(database, id);
    expect([await listModels(database), await countAll(database, 'weights')]).toEqual([[], 0]);
    await expect(loadModel(database, id)).rejects.toBeInstanceOf(NotFoundError);
  });

  it('stays while a run needs it', async () => {
    const database = await storage.open();
    const { id } = await saveModel(database, fields, {});
    const run = await newRun(database, { rewardModelId: id, name: 'my run' });
    await expect(deleteModel(database, id)).rejects.toThrow(ModelInUseError);
    await expect(deleteModel(database, id)).rejects.toThrow(/"my run"/);
    await deleteRun(database, run.id);
    await deleteModel(database, id);
    expect(await listModels(database)).toEqual([]);
  });
});
