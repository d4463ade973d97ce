import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import { ModelShelf } from '../../../src/lab/modelShelf';
import { loadPolicy } from '../../../src/lab/policy';
import { LEAN, settingsOf, type PpoSettings } from '../../../src/lab/protocol';
import { trainedShapes } from '../../../src/model/tuning';
import { TUNE_ALL, type Tuning } from '../../../src/model/tuningSettings';
import { Database } from '../../../src/store/database';
import { loadLatestCheckpoint, updateRun } from '../../../src/store/runs';
import { MODEL, openLab, PPO, prepareReward, REWARD, takeImage, TinySite } from './tinyLab';

const LORA: Tuning = { ...TUNE_ALL, what: 'lora', rank: 2, alpha: 4 };

let site: TinySite;
let lab: LabClient;
let datasetId: string;
let rewardModelId: string;
let restoreImage: () => Promise<void>;

beforeAll(async () => {
  site = new TinySite();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
  ({ datasetId, rewardModelId } = await prepareReward(lab));
  restoreImage = await takeImage();
}, 120_000);

afterAll(() => site.remove());

beforeEach(async () => {
  await restoreImage();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
});

const newRun = async (settings: Partial<PpoSettings>) => (await lab.send('createRun', { baseModelId: MODEL, rewardModelId, settings: { ...PPO, learningRate: 0.01, ...settings }, seed: 11 })).runId;

async function measured(client: LabClient, runId: string) {
  const { metrics } = await client.send('history', { runId });
  return metrics.map(({ metrics }) => Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name))));
}

describe('a run that trains an adapter', () => {
  it('goes on after a stop, and in another browser, as if it had never stopped; its checkpoint is the adapter and the value head', async () => {
    const straight = await newRun({ tune: LORA });
    await lab.send('play', { runId: straight });
    const expected = await measured(lab, straight);
    expect(new Set(expected.map((metrics) => metrics['objective/kl'])).size).toBe(4);

    const stopped = await newRun({ tune: LORA });
    for (let i = 0; i < 3; i++) await lab.send('step', { runId: stopped });
    const database = await Database.open();
    const { tensors } = (await loadLatestCheckpoint(database, stopped))!;
    const { base } = await loadPolicy(database, new ModelShelf(database, site.assets), stopped);
    const trained = [...trainedShapes(base.config, LORA, 'value').keys()];
    expect(Object.keys(tensors).sort()).toEqual(trained.flatMap((name) => [name, `adam.first.${name}`, `adam.second.${name}`]).sort());
    const { archive } = await lab.send('exportRun', { runId: stopped });

    const next = openLab(site);
    await next.send('start', { prefer: 'wasm' });
    await next.send('play', { runId: stopped });
    expect(await measured(next, stopped)).toEqual(expected);
    const travelled = (await next.send('importRun', { archive })).runId;
    await next.send('play', { runId: travelled });
    // JSON has no negative zero.
    const plain = (rows: typeof expected) => rows.map((row) => Object.entries(row).map(([name, value]) => [name, value + 0]));
    expect(plain(await measured(next, travelled))).toEqual(plain(expected));
  });

  it('is compared, kept and exported as the merged model', async () => {
    const runId = await newRun({ tune: LORA });
    await lab.send('play', { runId });
    const { modelId } = await lab.send('keepPolicy', { runId, name: 'merged' });
    const { files } = await lab.send('exportModel', { modelId });
    const { modelId: again } = await lab.send('importModel', { name: 'again', files });
    const options = { maxNewTokens: 6, temperature: 1, seed: 1 };
    const { rows } = await lab.send('compare', { runId, prompts: ['Tom'], options });
    expect(rows[0].tuned.kl).not.toBe(0);
    const writtenBy = async (id: string) => (await lab.send('write', { modelId: id, prompt: 'Tom', count: 4, options: { ...options, maxNewTokens: 12 } })).texts;
    expect(await writtenBy(again)).toEqual(await writtenBy(modelId));
    expect(await writtenBy(again)).not.toEqual(await writtenBy(MODEL));
  });

  it('is refused from a file whose checkpoint is of another rank, by the tensor that is wrong', async () => {
    const runId = await newRun({ tune: LORA });
    await lab.send('step', { runId });
    const files = unzipSync((await lab.send('exportRun', { runId })).archive);
    const json = JSON.parse(strFromU8(files['run.json']));
    json.run.settings.tune.rank = 3;
    files['run.json'] = strToU8(JSON.stringify(json));
    await expect(lab.send('importRun', { archive: zipSync(files) })).rejects.toThrow(/lora_A\.weight is \[2,\d+\] where \[3,\d+\] belongs/);
  });
});

describe('what was kept before there was a choice', () => {
  it('goes on as a run that trains everything: from its record, and from a file', async () => {
    const straight = await newRun({});
    await lab.send('play', { runId: straight });
    const expected = await measured(lab, straight);

    const old = await newRun({});
    for (let i = 0; i < 2; i++) await lab.send('step', { runId: old });
    const database = await Database.open();
    const { tune: _, ...before } = settingsOf((await lab.send('history', { runId: old })).run);
    await updateRun(database, old, { settings: before });
    const { archive } = await lab.send('exportRun', { runId: old });
    expect(JSON.parse(strFromU8(unzipSync(archive)['run.json'])).run.settings).not.toHaveProperty('tune');

    const next = openLab(site);
    await next.send('start', { prefer: 'wasm' });
    await next.send('play', { runId: old });
    expect(await measured(next, old)).toEqual(expected);
    expect((await next.send('evaluate', { runId: old, samples: 4, seed: 1 })).kl).not.toBe(0);
    const travelled = (await next.send('importRun', { archive })).runId;
    expect(settingsOf((await next.send('history', { runId: travelled })).run).tune).toEqual(LEAN.tune);
  });

  it('trains a reward model by settings that do not say what', async () => {
    const { tune: _, ...before } = REWARD;
    const { report } = await lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'old', settings: before as typeof REWARD });
    const { report: whole } = await lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'new', settings: REWARD });
    expect({ ...report, seconds: 0 }).toEqual({ ...whole, seconds: 0 });
  });
});

describe('a script that asks for what cannot be trained', () => {
  it.each([
    [{ what: 'some' }, /what/],
    [{ what: 'lora', rank: 0 }, /rank/],
    [{ what: 'lora', targets: [] }, /targets/],
    [{ what: 'lora', targets: ['embed_tokens'] }, /targets\.0/],
    [{ what: 'last', layers: 1.5 }, /layers/],
  ])('hears which value is wrong: %j', async (tune, reason) => {
    await expect(newRun({ tune: tune as never })).rejects.toThrow(reason);
    await expect(lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'x', settings: { ...REWARD, tune: tune as never } })).rejects.toThrow(reason);
  });

  it('need not give what has a default', async () => {
    const runId = await newRun({ tune: { what: 'lora', rank: 3 } as never });
    expect(settingsOf((await lab.send('history', { runId })).run).tune).toEqual({ ...TUNE_ALL, what: 'lora', rank: 3 });
  });
});

it('a reward model’s head alone is trained, and scores', async () => {
  const { modelId, report } = await lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'head', settings: { ...REWARD, tune: { ...TUNE_ALL, what: 'head' } } });
  expect(report.lossCurve.length).toBeGreaterThan(0);
  const { scores } = await lab.send('score', { rewardModelId: modelId, items: [{ prompt: 'Tom', response: ' ran.' }] });
  expect(Number.isFinite(scores[0])).toBe(true);
});
