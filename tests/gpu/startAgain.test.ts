import { expect, it } from 'vitest';
import { LabClient, type LabPort } from '../../src/lab/client';
import { Lab } from '../../src/lab/lab';
import { LEAN, REWARD_DEFAULTS, type CommandMessage, type PpoSettings } from '../../src/lab/protocol';
import { Database } from '../../src/store/database';
import { listSamples, loadLatestCheckpoint, updateRun, type RunChanges } from '../../src/store/runs';
import { variants, type Variants } from '../../src/tensor/variants';
import { tinyModelFiles } from '../e2e/tinyModelFiles';

/*
 * The whole lab on WebGPU: a run, and the same run started again from its
 * record. The record names programs that this device would not choose by itself,
 * so that a run which took the device's own would round differently.
 */

const MODEL = 'shipped:tiny';
const SETTINGS: PpoSettings = { ...LEAN, batchSize: 6, responseLength: 6, promptLength: 40, iterations: 3, epochs: 2, cut: { at: 'eos', afterTokens: 0 }, checkpointEvery: 2 };

function openLab(): LabClient {
  const files = tinyModelFiles();
  let deliver: (event: { data: never }) => void = () => undefined;
  const lab = new Lab({ assets: async (path) => files.get(path)! }, (event) => deliver({ data: structuredClone(event) as never }));
  return new LabClient({
    postMessage: (message) => void lab.handle(structuredClone(message) as CommandMessage),
    addEventListener: (type: string, listener: (event: never) => void) => {
      if (type === 'message') deliver = listener as typeof deliver;
    },
  } as LabPort);
}

it('a run started again from its record has the same history, texts and weights, to the bit', { timeout: 400_000 }, async () => {
  const lab = openLab();
  expect((await lab.send('start', { prefer: 'webgpu' })).adapter.backend).toBe('webgpu');
  const usual = variants();
  const { datasetId } = await lab.send('createDataset', { name: 'pairs', seed: 1, modelId: MODEL });
  await lab.send('sampleComparisons', { datasetId, modelId: MODEL, count: 16, options: { maxNewTokens: 6, temperature: 1, seed: 5 }, cut: SETTINGS.cut });
  await lab.send('labelWithRule', { datasetId, rule: 'long-words', temperature: 'calibrated', seed: 2 });
  const { modelId: rewardModelId } = await lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'tiny reward', settings: { ...REWARD_DEFAULTS, batchSize: 8, normalisationSamples: 16 } });
  const { runId } = await lab.send('createRun', { baseModelId: MODEL, rewardModelId, settings: SETTINGS, seed: 11, goldRule: 'long-words' });
  const database = await Database.open();
  const others: Variants = { product: 'tiles', rowThreads: usual.rowThreads === 1 ? 32 : 1 };
  await updateRun(database, runId, { variants: others } as RunChanges);
  await lab.send('play', { runId });
  const { runId: againId } = await lab.send('repeatRun', { runId });
  await lab.send('play', { runId: againId });

  const [first, again] = await Promise.all([runId, againId].map((id) => lab.send('history', { runId: id })));
  expect([first, again].map(({ run }) => [run.status, run.variants])).toEqual([['finished', others], ['finished', others]]);
  const measured = ({ metrics }: typeof first) => metrics.map(({ metrics }) => Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name))));
  expect(measured(first)).toHaveLength(3);
  expect(measured(first)[2]['objective/kl']).not.toBe(0);
  expect(measured(again)).toEqual(measured(first));
  const [samples, samplesAgain] = await Promise.all([runId, againId].map(async (id) => (await listSamples(database, id)).map(({ samples }) => samples)));
  expect(samplesAgain).toEqual(samples);
  const [end, endAgain] = await Promise.all([runId, againId].map(async (id) => (await loadLatestCheckpoint(database, id))!.tensors));
  expect(endAgain).toEqual(end);
  database.close();
});
