import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import { COMMANDS } from '../../../src/lab/console';
import { bufferLimit, refuseTooLarge } from '../../../src/lab/estimateJob';
import { LabFailure } from '../../../src/lab/failure';
import type { Estimate } from '../../../src/lab/protocol';
import { MODEL, openLab, PPO, prepareReward, REWARD, TinySite } from './tinyLab';

let site: TinySite;
let lab: LabClient;
let prepared: { datasetId: string; rewardModelId: string };

beforeAll(async () => {
  site = new TinySite();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
  prepared = await prepareReward(lab);
}, 60_000);
afterAll(() => site.remove());

const estimate = (changes: Partial<typeof PPO> = {}) => lab.send('estimateRun', { baseModelId: MODEL, rewardModelId: prepared.rewardModelId, settings: { ...PPO, ...changes } });

it('foresees a run without making one: time grows with its iterations, memory does not', async () => {
  const four = await estimate();
  const forty = await estimate({ iterations: 40 });
  expect(forty.seconds / four.seconds).toBeCloseTo(10, 6);
  expect(forty.bytes).toBe(four.bytes);
  expect(four).toMatchObject({ timed: 'trial', limit: null });
  expect((await lab.send('library', {})).runs).toEqual([]);
});

it('says what would ask for less, and by how much', async () => {
  const whole = await estimate({ batchSize: 16 });
  const parts = whole.smaller.find(({ change }) => 'microbatchSize' in change)!;
  expect(parts.change).toEqual({ microbatchSize: 4 });
  expect(parts.bytes).toBeLessThan(0.75 * whole.bytes);
  expect(parts).toMatchObject({ bytes: (await estimate({ batchSize: 16, microbatchSize: 4 })).bytes });
  for (const { bytes, largest, seconds } of whole.smaller) expect(bytes < whole.bytes || largest < whole.largest || seconds < whole.seconds).toBe(true);
});

it('takes the pace of an earlier run of this model on this device, once there is one', async () => {
  const { runId } = await lab.send('createRun', { baseModelId: MODEL, rewardModelId: prepared.rewardModelId, settings: PPO, seed: 3 });
  await lab.send('play', { runId });
  const { metrics } = await lab.send('history', { runId });
  const seconds = metrics.map(({ metrics }) => metrics['time/rollout'] + metrics['time/score'] + metrics['time/train']).sort((a, b) => a - b);
  const again = await estimate();
  expect(again.timed).toBe('runs');
  // Four iterations, each as long as the lower median of those four: the first also compiles.
  expect(again.seconds).toBeCloseTo(4 * seconds[1], 6);
});

it('foresees the training of a reward model by what there is to learn from', async () => {
  const { datasetId } = prepared;
  const ask = (changes: Partial<typeof REWARD>) => lab.send('estimateReward', { datasetId, baseModelId: MODEL, settings: { ...REWARD, ...changes } });
  const [one, five] = [await ask({ epochs: 1 }), await ask({ epochs: 5 })];
  expect(five.seconds).toBeGreaterThan(one.seconds);
  expect(five.bytes).toBe(one.bytes);
  expect((await ask({ batchSize: 2 })).bytes).toBeLessThan(one.bytes);
});

it('refuses settings that no run could have, like createRun', async () => {
  await expect(estimate({ batchSize: 0 })).rejects.toMatchObject({ name: 'BadCommand', message: expect.stringContaining('batchSize') });
});

it('is listed with the other commands, and tells of the machine', async () => {
  expect(COMMANDS.estimateRun).toContain('What a PPO run would ask');
  const { adapter, heldBytes } = await lab.send('machine', {});
  expect(adapter).toMatchObject({ backend: 'wasm', limits: null });
  expect(adapter!.trial.speed.flopsPerSecond).toBeGreaterThan(1e6);
  expect(heldBytes).toBe(0);
});

it('may have no more in one buffer than both limits of a device allow', () => {
  expect(bufferLimit({ maxBufferSize: 300, maxStorageBufferBindingSize: 200 })).toBe(200);
  expect(bufferLimit({ maxBufferSize: 100, maxStorageBufferBindingSize: 200 })).toBe(100);
  expect(bufferLimit(null)).toBeNull();
});

it('refuses a buffer that the device does not allow, and names what would fit', () => {
  const large: Estimate = {
    bytes: 3e9,
    largest: 500e6,
    limit: 134e6,
    seconds: 60,
    timed: 'trial',
    smaller: [
      { change: { microbatchSize: 8 }, bytes: 1e9, largest: 125e6, seconds: 60 },
      { change: { tune: 'lora' }, bytes: 2e9, largest: 500e6, seconds: 50 },
    ],
  };
  const refusal = () => refuseTooLarge(large);
  expect(refusal).toThrow(LabFailure);
  expect(refusal).toThrow('This needs a single buffer of 500 MB, and this graphics device allows 134 MB in one. Nothing was started. What would help: take 8 texts in one pass, and it needs 125 MB.');
  expect(() => refuseTooLarge({ ...large, smaller: [] })).toThrow(/smaller model/);
  expect(() => refuseTooLarge({ ...large, largest: 134e6 })).not.toThrow();
  expect(() => refuseTooLarge({ ...large, limit: null })).not.toThrow();
});
