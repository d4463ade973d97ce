import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import type { RewardSettings } from '../../../src/lab/protocol';
import { MODEL, openLab, prepareReward, PPO, REWARD, TinySite } from './tinyLab';

const site = new TinySite();
let lab: LabClient;
let datasetId: string;
let a: string;

beforeAll(async () => {
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
  ({ datasetId, rewardModelId: a } = await prepareReward(lab));
});
afterAll(() => site.remove());

const train = async (changes: Partial<RewardSettings>, into = datasetId) => (await lab.send('trainReward', { datasetId: into, baseModelId: MODEL, name: 'other', settings: { ...REWARD, ...changes } })).modelId;

describe('compareRewards', () => {
  it('compares both pipelines on the pairs that were held out from both, with the accuracies that each reports', async () => {
    const b = await train({ pipeline: 'modular' });
    const { models } = await lab.send('library', {});
    const reportOf = (id: string) => models.find((model) => model.id === id)!.report as { accuracy: { n: number }; heldOut: string[]; settings: RewardSettings };
    expect(reportOf(b).heldOut).toEqual(reportOf(a).heldOut);
    expect(reportOf(b).settings).toMatchObject({ pipeline: 'modular', ranking: 'bradley-terry', prior: 0.01 });

    const { accuracy, heldOutPairs, texts } = await lab.send('compareRewards', { a, b });
    expect(heldOutPairs).toBe(reportOf(a).accuracy.n);
    expect(texts).toHaveLength(2 * heldOutPairs);
    expect(accuracy).toEqual({ a: reportOf(a).accuracy, b: reportOf(b).accuracy });
    expect(await lab.send('compareRewards', { a, b: a })).toMatchObject({ agreement: { value: 1 }, disagreements: [] });
  });

  it('says why two cannot be compared', async () => {
    const none = await train({ heldOutShare: 0 });
    await expect(lab.send('compareRewards', { a, b: none })).rejects.toThrow(/No judged pair was held out from both/);
    const { datasetId: second } = await lab.send('createDataset', { name: 'second', seed: 2, modelId: MODEL });
    await lab.send('sampleComparisons', { datasetId: second, modelId: MODEL, count: 8, options: { maxNewTokens: 6, temperature: 1, seed: 1 }, cut: PPO.cut });
    await lab.send('labelWithRule', { datasetId: second, rule: 'long-words', temperature: 0.1, seed: 1 });
    await expect(lab.send('compareRewards', { a, b: await train({}, second) })).rejects.toThrow(/did not learn from the same dataset/);
    await expect(lab.send('compareRewards', { a, b: 'gone' })).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('refuses a ranking that cannot be made', async () => {
    await expect(train({ pipeline: 'modular', prior: 0 })).rejects.toThrow(/prior.*above 0/);
  });

  it('asks for less in a step where a text stands alone', async () => {
    const estimate = (pipeline: RewardSettings['pipeline']) => lab.send('estimateReward', { datasetId, baseModelId: MODEL, settings: { ...REWARD, pipeline } });
    const [direct, modular] = [await estimate('end-to-end'), await estimate('modular')];
    expect(modular.largest).toBeLessThanOrEqual(direct.largest);
    expect(modular.bytes).toBeLessThan(direct.bytes);
  });
});
