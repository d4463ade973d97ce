import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import { settingsOf, type PpoSettings } from '../../../src/lab/protocol';
import { memberCount } from '../../../src/model/members';
import { readSafetensors } from '../../../src/model/safetensors';
import { MODEL, openLab, PPO, prepareReward, REWARD, TinySite } from './tinyLab';

let site: TinySite;
let lab: LabClient;
let datasetId: string;
let single: string;
let several: string;

beforeAll(async () => {
  site = new TinySite();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
  ({ datasetId, rewardModelId: single } = await prepareReward(lab));
  several = (await lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'three', settings: { ...REWARD, members: 3 } })).modelId;
}, 60_000);

afterAll(() => site.remove());

const items = [' ran.', ' saw an elephant.', ' was.'].map((response) => ({ prompt: 'Tom', response }));
const score = (rewardModelId: string) => lab.send('score', { rewardModelId, items });
const run = async (rewardModelId: string, settings: Partial<PpoSettings> = {}) =>
  (await lab.send('createRun', { baseModelId: MODEL, rewardModelId, settings: { ...PPO, iterations: 2, ...settings }, seed: 11 })).runId;
const metricsOf = async (runId: string) => {
  await lab.send('play', { runId });
  return (await lab.send('history', { runId })).metrics.map(({ metrics }) => metrics);
};

describe('an ensemble of reward models', () => {
  it('is one model of the library, whose members score beside it', async () => {
    const { scores, members } = await score(several);
    expect(members).toHaveLength(3);
    // The aggregate is a line through the members' mean.
    const means = items.map((_, i) => members!.reduce((sum, member) => sum + member[i], 0) / 3);
    const slope = (scores[1] - scores[0]) / (means[1] - means[0]);
    expect(scores[2]).toBeCloseTo(scores[0] + slope * (means[2] - means[0]), 3);
    expect(await score(single)).toEqual({ scores: [expect.any(Number), expect.any(Number), expect.any(Number)] });
  });

  it('scores as before when it comes back from its files, report and all', async () => {
    const { files } = await lab.send('exportModel', { modelId: several });
    expect(memberCount(readSafetensors(files['model.safetensors']))).toBe(3);
    const { modelId } = await lab.send('importModel', { name: 'back', files });
    expect(await score(modelId)).toEqual(await score(several));
    const report = async (id: string) => (await lab.send('library', {})).models.find((model) => model.id === id)!.report;
    expect(await report(modelId)).toEqual(await report(several));
    expect((await report(modelId)).ensemble.members).toHaveLength(3);
  });

  it('shows in a run how far its members differ, and travels with it', async () => {
    const runId = await run(several, { ensemble: { aggregate: 'penalised', penalty: 2 } });
    const metrics = await metricsOf(runId);
    for (const iteration of metrics) expect(iteration['objective/score_disagreement']).toBeGreaterThan(0);
    expect((await metricsOf(await run(several)))[0]['objective/score_mean']).not.toBe(metrics[0]['objective/score_mean']);
    for (const iteration of await metricsOf(await run(single))) expect(iteration).not.toHaveProperty('objective/score_disagreement');

    const { archive } = await lab.send('exportRun', { runId });
    const back = await lab.send('history', { runId: (await lab.send('importRun', { archive })).runId });
    expect(settingsOf(back.run).ensemble).toEqual({ aggregate: 'penalised', penalty: 2 });
    expect(await score(back.run.rewardModelId!)).toEqual(await score(several));
    expect(await lab.send('evaluate', { runId: back.run.id, samples: 4, seed: 1 })).toEqual(await lab.send('evaluate', { runId, samples: 4, seed: 1 }));
  });

  it('of one is the single model, whatever the run would make of several', async () => {
    const plain = await metricsOf(await run(single));
    const careful = await metricsOf(await run(single, { ensemble: { aggregate: 'minimum', penalty: 0 } }));
    expect(careful.map((iteration) => iteration['objective/rlhf_reward'])).toEqual(plain.map((iteration) => iteration['objective/rlhf_reward']));
  });

  it('takes as many times the work to train, and holds its members in a run', async () => {
    const training = (members: number) => lab.send('estimateReward', { datasetId, baseModelId: MODEL, settings: { ...REWARD, epochs: 20, members } });
    const [one, five] = [await training(1), await training(5)];
    expect(five.bytes).toBe(one.bytes);
    expect(five.seconds / one.seconds).toBeGreaterThan(2);
    const playing = (rewardModelId: string) => lab.send('estimateRun', { baseModelId: MODEL, rewardModelId, settings: PPO });
    expect((await playing(several)).bytes).toBeGreaterThan((await playing(single)).bytes);
    expect((await playing(several)).seconds).toBeGreaterThan((await playing(single)).seconds);
  });

  it.each([0, 6, 1.5, 'two'])('has from one to five members, not %j', async (members) => {
    await expect(lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'x', settings: { ...REWARD, members: members as number } })).rejects.toMatchObject({ name: 'BadCommand' });
  });
});
