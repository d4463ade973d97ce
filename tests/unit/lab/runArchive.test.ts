import { strFromU8, strToU8, unzipSync, zipSync, type Unzipped } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import type { Weights } from '../../../src/model/parameters';
import { readSafetensors, writeSafetensors } from '../../../src/model/safetensors';
import type { TrainerProgress } from '../../../src/rl/checkpoint';
import { Database } from '../../../src/store/database';
import { listSamples } from '../../../src/store/runs';
import { MODEL, openLab, PPO, prepareReward, takeImage, TinySite } from './tinyLab';

let site: TinySite;
let lab: LabClient;
let runId: string;
let archive: Uint8Array;
let restoreImage: () => Promise<void>;

beforeAll(async () => {
  site = new TinySite();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
  // A language model of the library, so that the archive has to carry it.
  const { modelId: baseModelId } = await lab.send('importModel', { name: 'mine', files: (await lab.send('exportModel', { modelId: MODEL })).files });
  const { rewardModelId } = await prepareReward(lab);
  ({ runId } = await lab.send('createRun', { name: 'to travel', baseModelId, rewardModelId, settings: PPO, seed: 3, goldRule: 'long-words', prompts: ['Tom', 'Lily', 'Ben'] }));
  for (let i = 0; i < 3; i++) await lab.send('step', { runId });
  ({ archive } = await lab.send('exportRun', { runId }));
  restoreImage = await takeImage();
}, 120_000);

afterAll(() => site.remove());

beforeEach(async () => {
  await restoreImage();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
});

/** The archive with its files changed. */
function altered(change: (files: Unzipped) => void): Uint8Array {
  const files = unzipSync(archive);
  change(files);
  return zipSync(files, { level: 0 });
}

/** The archive with its manifest changed. */
const manifest = (change: (json: Record<string, never>) => void) =>
  altered((files) => {
    const json = JSON.parse(strFromU8(files['run.json']));
    change(json);
    files['run.json'] = strToU8(JSON.stringify(json));
  });

/** The archive with the tensors of its checkpoint changed. */
const checkpoint = (change: (weights: Weights) => void) =>
  altered((files) => {
    const weights = readSafetensors(files['checkpoint.safetensors']);
    change(weights);
    files['checkpoint.safetensors'] = Uint8Array.from(writeSafetensors(weights, { dtype: 'F32', metadata: {} }));
  });

const state = (change: (state: TrainerProgress) => void) => manifest((json) => change((json.checkpoint as { state: TrainerProgress }).state));

describe('an archive of a run', () => {
  it('goes on in another browser as the run would have at home', async () => {
    await lab.send('play', { runId });
    const home = await lab.send('history', { runId });
    const homeSamples = await listSamples(await Database.open(), runId);

    const travelled = (await lab.send('importRun', { archive })).runId;
    expect(travelled).not.toBe(runId);
    expect((await lab.send('history', { runId: travelled })).run).toMatchObject({ name: 'to travel', status: 'paused', iteration: 3, prompts: ['Tom', 'Lily', 'Ben'] });
    await lab.send('play', { runId: travelled });
    const away = await lab.send('history', { runId: travelled });
    // JSON has no negative zero.
    const plain = ({ metrics }: typeof home) => metrics.map(({ metrics }) => Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name)).map(([name, value]) => [name, value + 0]));
    expect(plain(away)).toEqual(plain(home));
    const texts = (samples: typeof homeSamples) => samples.map(({ samples }) => samples.map(({ response, kl }) => [response, kl]));
    expect(texts(await listSamples(await Database.open(), travelled))).toEqual(texts(homeSamples));
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ['is no zip file', () => new Uint8Array(100), /not a zip file/],
    ['was cut off', () => archive.slice(0, archive.length / 2), /cut off/],
    ['holds a stranger', () => altered((files) => (files['../../evil.js'] = strToU8('x'))), /unknown file "\.\.\/\.\.\/evil\.js"/],
    ['lacks its manifest', () => altered((files) => delete files['run.json']), /run\.json is missing/],
    ['lacks weights', () => altered((files) => delete files['model-1.safetensors']), /model-1\.safetensors is missing/],
    ['has half its weights', () => altered((files) => (files['model-0.safetensors'] = files['model-0.safetensors'].slice(0, 5000))), /weights cannot be used/],
    ['has weights of another shape', () => altered((files) => (files['model-0.safetensors'] = files['model-1.safetensors'])), /score\.(weight|bias)/],
    ['has a manifest that is not JSON', () => altered((files) => (files['run.json'] = strToU8('{'))), /not JSON/],
    ['is of another kind', () => manifest((json) => (json.format = 'else' as never)), /format/],
    ['asks for an endless batch', () => manifest((json) => ((json.run as { settings: { batchSize: number } }).settings.batchSize = 1e9)), /run\.settings\.batchSize/],
    ['claims a prototype', () => manifest((json) => Object.defineProperty(json, 'models', { value: [{ __proto__: null }], enumerable: true })), /models\.0/],
    ['names a model that it does not hold', () => manifest((json) => ((json.run as { rewardModelId: string }).rewardModelId = 'elsewhere')), /reward model of the run is not in it/],
    ['has a checkpoint from the future', () => manifest((json) => ((json.checkpoint as { iteration: number }).iteration = 99)), /checkpoint does not belong/],
    ['has a checkpoint of no state', () => manifest((json) => ((json.checkpoint as { state: object }).state = {})), /checkpoint\.state\.iteration/],
    ['has the state of another iteration', () => state((state) => state.iteration--), /checkpoint does not belong/],
    ['lacks its KL coefficient', () => state((state) => delete (state.kl as Partial<typeof state.kl>).coefficient), /checkpoint\.state\.kl\.coefficient/],
    ['draws from half a number', () => state((state) => (state.rollout.counter = 0.5)), /checkpoint\.state\.rollout\.counter/],
    ['lacks a tensor of its checkpoint', () => checkpoint((weights) => weights.delete('value.bias')), /lacks value\.bias/],
    ['has a checkpoint of another shape', () => checkpoint((weights) => weights.set('model.norm.weight', { shape: [3], data: new Float32Array(3) })), /model\.norm\.weight is \[3\] where \[16\]/],
    ['has moments of another shape', () => checkpoint((weights) => weights.set('adam.second.value.bias', { shape: [2], data: new Float32Array(2) })), /adam\.second\.value\.bias is \[2\] where \[1\]/],
    ['lacks half of its moments', () => checkpoint((weights) => weights.delete('adam.first.value.bias')), /lacks adam\.first\.value\.bias/],
    ['has a sample without its tokens', () => manifest((json) => delete (json.samples as { samples: { tokens?: object }[] }[])[0].samples[0].tokens), /samples\.0\.samples\.0\.tokens/],
    ['has text where a number belongs', () => manifest((json) => ((json.metrics as { metrics: object }[])[0].metrics = { gold: '<b>' })), /metrics\.0\.metrics\.gold/],
  ])('that %s is refused with the reason, and changes nothing', async (_, make, reason) => {
    const before = await lab.send('library', {});
    await expect(lab.send('importRun', { archive: make() })).rejects.toThrow(reason);
    expect(await lab.send('library', {})).toEqual(before);
  });
});
