import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import { MODEL, openLab, PPO, prepareReward, REWARD, TinySite } from './tinyLab';

/* A device that allows next to nothing in one buffer; the bound is set by each test. */

const device = vi.hoisted(() => ({ bound: Infinity }));
vi.mock('../../../src/tensor/backend', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/tensor/backend')>();
  const limits = { get maxBufferSize() { return device.bound; }, maxStorageBufferBindingSize: 2 ** 31 };
  return { ...actual, startBackend: async (options: object) => ({ ...(await actual.startBackend(options)), limits }) };
});

let site: TinySite;
let lab: LabClient;
let prepared: { datasetId: string; rewardModelId: string };

beforeAll(async () => {
  site = new TinySite();
  lab = openLab(site);
  lab.on('deviceLost', () => undefined);
  await lab.send('start', { prefer: 'wasm' });
  prepared = await prepareReward(lab);
}, 60_000);
afterAll(() => site.remove());

const create = () => lab.send('createRun', { baseModelId: MODEL, rewardModelId: prepared.rewardModelId, settings: PPO, seed: 1 });
const runs = async () => (await lab.send('library', {})).runs;

it('a run whose largest buffer the device does not allow is not made', async () => {
  device.bound = 1000;
  await expect(create()).rejects.toMatchObject({ name: 'TooLarge', message: expect.stringContaining('Nothing was started.') });
  expect(await runs()).toEqual([]);
});

it('one that was made where more is allowed does not begin here, and rests as it was', async () => {
  device.bound = Infinity;
  const { runId } = await create();
  device.bound = 1000;
  await expect(lab.send('play', { runId })).rejects.toMatchObject({ name: 'TooLarge' });
  expect(await runs()).toMatchObject([{ status: 'ready', iteration: 0, note: expect.stringContaining('this graphics device allows') }]);
  device.bound = Infinity;
  expect((await lab.send('step', { runId })).run).toMatchObject({ status: 'paused', iteration: 1 });
});

it('nor does the training of a reward model', async () => {
  device.bound = 1000;
  const { datasetId } = prepared;
  await expect(lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'never', settings: REWARD })).rejects.toMatchObject({ name: 'TooLarge' });
  expect((await lab.send('library', {})).models).toHaveLength(1);
});
