import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import type { EventOf } from '../../../src/lab/client';
import { Database } from '../../../src/store/database';
import { listComparisons } from '../../../src/store/datasets';
import { listCheckpoints } from '../../../src/store/runs';
import { MODEL, openLab, PPO, prepareReward, TinySite } from './tinyLab';

/* The lab's own way back after a loss, on a backend that only says it was lost. The real thing is tests/e2e/deviceLoss.test.ts. */

const device = vi.hoisted(() => ({ lose: (_reason: string) => undefined as void, fail: (_reason: string, _outOfMemory: boolean) => undefined as void }));
vi.mock('../../../src/tensor/backend', async (importActual) => ({
  ...(await importActual<object>()),
  onDeviceLost: (listener: typeof device.lose) => void (device.lose = listener),
  onDeviceError: (listener: typeof device.fail) => void (device.fail = listener),
}));

let site: TinySite;
let lab: LabClient;
let rewardModelId: string;
let told: EventOf<'deviceLost'>[];

beforeAll(async () => {
  site = new TinySite();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
  ({ rewardModelId } = await prepareReward(lab));
}, 60_000);
afterAll(() => site.remove());

beforeEach(async () => {
  lab = openLab(site);
  told = [];
  lab.on('deviceLost', (event) => void told.push(event));
  await lab.send('start', { prefer: 'wasm' });
});

const newRun = async () => (await lab.send('createRun', { baseModelId: MODEL, rewardModelId, settings: PPO, seed: 11 })).runId;

/** Calls `then` once, when a run comes to a phase of an iteration for the first time. */
function when(at: { runId: string; iteration: number; phase: string }, then: () => void): void {
  const stop = lab.on('phase', ({ runId, iteration, phase }) => {
    if (runId !== at.runId || iteration !== at.iteration || phase !== at.phase) return;
    stop();
    then();
  });
}

/** Metrics without clocks, and the tensors of the last checkpoint. */
async function outcome(runId: string) {
  const { run, metrics } = await lab.send('history', { runId });
  const measured = metrics.map(({ metrics }) => Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name))));
  const { files } = await lab.send('exportModel', { modelId: (await lab.send('keepPolicy', { runId, name: 'kept' })).modelId });
  return { status: run.status, measured, weights: files['model.safetensors'] };
}

it('restores a playing run from its last checkpoint, goes on by itself, and ends as an undisturbed one', async () => {
  const straight = await newRun();
  await lab.send('play', { runId: straight });
  const broken = await newRun();
  when({ runId: broken, iteration: 4, phase: 'update' }, () => device.lose('the driver was reset'));
  const { run } = await lab.send('play', { runId: broken, slow: 0.01 });
  expect(run).toMatchObject({ status: 'finished', iteration: 4 });
  expect(run.note).toBeUndefined();
  expect(await outcome(broken)).toEqual(await outcome(straight));
  expect(told).toHaveLength(1);
  expect(told[0].adapter?.backend).toBe('wasm');
  expect(told[0].message).toMatch(/the driver was reset.*started again/);
});

it('notices a loss between two iterations, when nothing was under way', async () => {
  const runId = await newRun();
  const stop = lab.on('iteration', ({ iteration }) => {
    if (iteration !== 3) return;
    stop();
    device.lose('sleep');
  });
  expect((await lab.send('play', { runId })).run).toMatchObject({ status: 'finished', iteration: 4 });
  expect((await lab.send('history', { runId })).metrics.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4]);
});

it('rests where it was asked to while the device was away', async () => {
  const runId = await newRun();
  let paused: Promise<unknown> = Promise.resolve();
  when({ runId, iteration: 3, phase: 'update' }, () => {
    device.lose('memory');
    paused = lab.send('pause', { runId });
  });
  expect((await lab.send('play', { runId, slow: 0.01 })).run).toMatchObject({ status: 'paused', iteration: 2 });
  await paused;
});

it('does other work again, and writes no pair twice', async () => {
  const { datasetId } = await lab.send('createDataset', { name: 'pairs', seed: 1 });
  const options = { maxNewTokens: 4, temperature: 1, seed: 9 };
  const { added } = await lab.send('sampleComparisons', { datasetId, modelId: MODEL, count: 96, options, cut: PPO.cut }, ({ done }) => {
    if (done === 32 && told.length === 0) device.lose('sleep');
  });
  expect(added).toBe(96);
  expect(await listComparisons(await Database.open(), datasetId)).toHaveLength(96);
  expect(told).toHaveLength(1);
});

it('gives up after the third loss within minutes, with the run at rest, and starts again when asked', async () => {
  const runId = await newRun();
  lab.on('phase', ({ iteration, phase }) => {
    if (iteration === 4 && phase === 'update') device.lose('again');
  });
  const played = lab.send('play', { runId, slow: 0.01 });
  await expect(played).rejects.toMatchObject({ name: 'DeviceLost', message: expect.stringMatching(/3 times within 5 minutes.*last checkpoint is kept/) });
  expect(told.map(({ adapter }) => adapter !== null)).toEqual([true, true, false]);
  const { run } = await lab.send('history', { runId });
  expect(run).toMatchObject({ status: 'paused', iteration: 2, note: expect.stringContaining('start it again') });
  await expect(lab.send('write', { modelId: MODEL, prompt: 'Tom', count: 1, options: { maxNewTokens: 2, temperature: 1, seed: 1 } })).rejects.toMatchObject({ name: 'DeviceLost' });
  await lab.send('start', {});
  expect((await lab.send('step', { runId })).run).toMatchObject({ status: 'paused', iteration: 3 });
});

it('does not repeat what the device reported an error of: the run rests at its last good checkpoint, and says so once', async () => {
  const runId = await newRun();
  when({ runId, iteration: 4, phase: 'update' }, () => device.fail('a buffer is too large', false));
  await expect(lab.send('play', { runId, slow: 0.01 })).rejects.toMatchObject({ name: 'DeviceError', message: expect.stringContaining('a buffer is too large') });
  const { run } = await lab.send('history', { runId });
  expect(run).toMatchObject({ status: 'paused', iteration: 2, note: expect.stringContaining('cannot be trusted') });
  expect((await listCheckpoints(await Database.open(), runId)).at(-1)).toMatchObject({ iteration: 2, good: true });
  expect((await lab.send('play', { runId })).run).toMatchObject({ status: 'finished' });
  expect(told).toEqual([]);
});

it('says what needs less memory when the device has no more, with the run at its last good checkpoint', async () => {
  const runId = await newRun();
  when({ runId, iteration: 4, phase: 'update' }, () => device.fail('vkAllocateMemory failed', true));
  const played = lab.send('play', { runId, slow: 0.01 });
  await expect(played).rejects.toMatchObject({ name: 'OutOfMemory', message: expect.stringMatching(/ran out of memory \(vkAllocateMemory failed\).*last checkpoint.*fewer texts in one pass.*LoRA/) });
  const { run } = await lab.send('history', { runId });
  expect(run).toMatchObject({ status: 'paused', iteration: 2, note: expect.stringContaining('ran out of memory') });
  expect((await listCheckpoints(await Database.open(), runId)).at(-1)).toMatchObject({ iteration: 2, good: true });
  // The device was started afresh, with its memory free.
  expect((await lab.send('play', { runId })).run).toMatchObject({ status: 'finished' });
});
