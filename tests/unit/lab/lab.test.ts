import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import type { PpoSettings } from '../../../src/lab/protocol';
import { Database } from '../../../src/store/database';
import { listComparisons } from '../../../src/store/datasets';
import { loadJudgedDataset } from '../../../src/store/judgements';
import { listCheckpoints } from '../../../src/store/runs';
import { MODEL, openLab, PPO, prepareReward, takeImage, TinySite } from './tinyLab';

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
}, 60_000);

afterAll(() => site.remove());

beforeEach(async () => {
  await restoreImage();
  site.spoil = (_, bytes) => bytes;
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
});

/** Metrics of a run without its clocks, iteration by iteration. */
async function measured(lab: LabClient, runId: string) {
  const { metrics } = await lab.send('history', { runId });
  return metrics.map(({ iteration, metrics }) => ({
    iteration,
    metrics: Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.startsWith('time/') && !name.startsWith('gpu/'))),
  }));
}

async function newRun(lab: LabClient, rewardModelId: string, settings: Partial<PpoSettings> = {}) {
  const args = { baseModelId: MODEL, rewardModelId, settings: { ...PPO, ...settings }, seed: 11, goldRule: 'long-words' };
  return (await lab.send('createRun', args)).runId;
}

describe('sampling and labelling', () => {
  it('continues a sampling that was cut off exactly, and never beyond what was asked', async () => {
    const options = { maxNewTokens: 4, temperature: 1, seed: 9 };
    const prompts = ['Tom', 'Lily', 'One day'];
    const fill = async (steps: number[]) => {
      const { datasetId } = await lab.send('createDataset', { name: 'x', seed: 1 });
      for (const fillTo of steps) await lab.send('sampleComparisons', { datasetId, modelId: MODEL, count: 40, fillTo, prompts, options, cut: PPO.cut });
      return (await listComparisons(await Database.open(), datasetId)).map(({ prompt, responses, swapped }) => ({ prompt, responses, swapped }));
    };
    const whole = await fill([40]);
    expect(whole).toHaveLength(40);
    expect(new Set(whole.map(({ prompt }) => prompt))).toEqual(new Set(prompts));
    expect(await fill([32, 40, 40])).toEqual(whole);
  });

  it('marks simulated judgements, draws each by seed and place, and reaches the calibrated ceiling', async () => {
    const label = async (limits: (number | undefined)[]) => {
      const { datasetId } = await lab.send('createDataset', { name: 'x', seed: 1 });
      await lab.send('sampleComparisons', { datasetId, modelId: MODEL, count: 32, options: { maxNewTokens: 8, temperature: 1, seed: 9 }, cut: PPO.cut });
      const results = [];
      for (const limit of limits) results.push(await lab.send('labelWithRule', { datasetId, rule: 'long-words', temperature: 'calibrated', seed: 4, limit }));
      const database = await Database.open();
      const { comparisons, states } = await loadJudgedDataset(database, datasetId);
      return { results, verdicts: comparisons.map(({ id }) => states.get(id)) };
    };
    const once = await label([undefined]);
    expect(once.results[0].judged).toBe(32);
    expect(once.results[0].ceiling).toBeCloseTo(0.875, 3);
    for (const state of once.verdicts) expect(state).toMatchObject({ status: 'judged', rater: { kind: 'simulated', rule: 'long-words' } });
    const parts = await label([10, undefined]);
    expect(parts.results.map(({ judged }) => judged)).toEqual([10, 22]);
    const verdict = (state: (typeof once.verdicts)[number]) => (state?.status === 'judged' ? state.verdict : null);
    expect(parts.verdicts.map(verdict)).toEqual(once.verdicts.map(verdict));
  });

  it('says so when there is nothing to label', async () => {
    const { datasetId } = await lab.send('createDataset', { name: 'empty', seed: 1 });
    const asked = lab.send('labelWithRule', { datasetId, rule: 'cheerful', temperature: 1, seed: 1 });
    await expect(asked).rejects.toMatchObject({ name: 'NothingToLearnFrom' });
  });
});

describe('a run', () => {
  it('goes on after a crash as if it had never stopped', async () => {
    const straight = await newRun(lab, rewardModelId);
    expect((await lab.send('play', { runId: straight })).run).toMatchObject({ status: 'finished', iteration: 4 });
    const expected = await measured(lab, straight);
    expect(expected.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4]);
    expect(new Set(expected.map(({ metrics }) => metrics['objective/score_mean'])).size).toBe(4);

    const broken = await newRun(lab, rewardModelId);
    // The lab dies in the middle of iteration 4: iteration 3 is measured but not in a checkpoint.
    const dies = new Promise<void>((resolve) =>
      lab.on('phase', ({ runId, iteration, phase }) => {
        if (runId === broken && iteration === 4 && phase === 'update') resolve();
      }),
    );
    void lab.send('play', { runId: broken, slow: 0.05 }).catch(() => undefined);
    await dies;
    const crash = await takeImage();
    await crash();
    const next = openLab(site);
    const heard: string[] = [];
    next.on('run', ({ run }) => heard.push(`${run.status} at ${run.iteration}`));
    await next.send('start', { prefer: 'wasm' });
    expect(heard.at(-1)).toBe('paused at 2');
    expect((await measured(next, broken)).map(({ iteration }) => iteration)).toEqual([1, 2]);
    expect((await next.send('play', { runId: broken })).run).toMatchObject({ status: 'finished', iteration: 4 });
    expect(await measured(next, broken)).toEqual(expected);
  });

  it('pauses after the current iteration with a checkpoint, steps once, and goes on from there', async () => {
    const straight = await newRun(lab, rewardModelId);
    await lab.send('play', { runId: straight });
    const runId = await newRun(lab, rewardModelId);
    const first = new Promise<void>((resolve) => lab.on('iteration', (event) => event.runId === runId && resolve()));
    const playing = lab.send('play', { runId, slow: 0.01 });
    await first;
    const { run } = await lab.send('pause', { runId });
    expect(run.status).toBe('paused');
    expect((await playing).run).toMatchObject({ status: 'paused', iteration: run.iteration });
    const checkpoints = await listCheckpoints(await Database.open(), runId);
    expect(checkpoints.at(-1)).toMatchObject({ iteration: run.iteration, good: true });
    expect((await lab.send('step', { runId })).run).toMatchObject({ status: run.iteration + 1 === 4 ? 'finished' : 'paused', iteration: run.iteration + 1 });
    await lab.send('play', { runId });
    expect(await measured(lab, runId)).toEqual(await measured(lab, straight));
  });

  it('goes back further with each rollback, and says when there is nothing earlier', async () => {
    const runId = await newRun(lab, rewardModelId);
    await lab.send('play', { runId });
    const before = await measured(lab, runId);
    expect((await lab.send('rollback', { runId })).run).toMatchObject({ status: 'paused', iteration: 2 });
    expect(await measured(lab, runId)).toEqual(before.slice(0, 2));
    expect((await lab.send('rollback', { runId })).run).toMatchObject({ status: 'paused', iteration: 0 });
    await expect(lab.send('rollback', { runId })).rejects.toMatchObject({ name: 'NoCheckpoint' });
    await lab.send('play', { runId });
    expect(await measured(lab, runId)).toEqual(before);
  });

  it('stops itself when the KL passes its cap, keeps a good checkpoint, and says why', async () => {
    const runId = await newRun(lab, rewardModelId, { iterations: 30, learningRate: 0.05, checkpointEvery: 1, kl: { ...PPO.kl, control: 'fixed', coefficient: 0, cap: 0.5 } });
    const { run } = await lab.send('play', { runId });
    expect(run.status).toBe('failed');
    expect(run.note).toMatch(/nats/);
    await expect(lab.send('play', { runId })).rejects.toMatchObject({ name: 'RunEnded' });
    const { run: back } = await lab.send('rollback', { runId });
    expect(back).toMatchObject({ status: 'paused' });
    expect(back.note).toBeUndefined();
    expect(back.iteration).toBeLessThan(run.iteration);
  });

  it('leaves out prompts that are too long for it, and says how many', async () => {
    const args = { baseModelId: MODEL, rewardModelId, settings: PPO, seed: 1 };
    const long = 'Tom and his dog went to the park to play. '.repeat(10);
    const { runId, leftOut } = await lab.send('createRun', { ...args, prompts: ['Tom', long, 'Lily'] });
    expect(leftOut).toBe(1);
    expect((await lab.send('step', { runId })).run).toMatchObject({ iteration: 1, prompts: ['Tom', 'Lily'] });
    await expect(lab.send('createRun', { ...args, prompts: [long] })).rejects.toThrow(/None of the prompts fits/);
  });

  it('ended for good, does not play, but can be gone back to', async () => {
    const runId = await newRun(lab, rewardModelId);
    await lab.send('step', { runId });
    expect((await lab.send('stop', { runId })).run.status).toBe('stopped');
    await expect(lab.send('step', { runId })).rejects.toMatchObject({ name: 'RunEnded' });
    expect((await lab.send('rollback', { runId })).run.status).toBe('paused');
  });

  it('refuses long work while it plays, lets short work in, and gives up on cancel with its work saved', async () => {
    const runId = await newRun(lab, rewardModelId, { iterations: 200 });
    const playing = lab.send('play', { runId });
    await new Promise<void>((resolve) => lab.on('iteration', () => resolve()));
    const options = { maxNewTokens: 4, temperature: 1, seed: 1 };
    await expect(lab.send('sampleComparisons', { datasetId, modelId: MODEL, count: 1, options, cut: PPO.cut })).rejects.toMatchObject({ name: 'Busy' });
    await expect(lab.send('play', { runId })).rejects.toMatchObject({ name: 'Busy' });
    expect((await lab.send('write', { modelId: MODEL, prompt: 'Tom', count: 2, options })).texts).toHaveLength(2);
    playing.cancel();
    await expect(playing).rejects.toMatchObject({ name: 'Cancelled' });
    const { run, metrics } = await lab.send('history', { runId });
    expect(run.status).toBe('paused');
    expect(metrics).toHaveLength(run.iteration);
    expect((await listCheckpoints(await Database.open(), runId)).at(-1)?.iteration).toBe(run.iteration);
  });

  it('is compared and evaluated against its base on prompts that it never saw', async () => {
    const runId = await newRun(lab, rewardModelId);
    const fresh = await lab.send('evaluate', { runId, samples: 6, seed: 3 });
    expect(fresh.kl).toBe(0);
    expect(fresh.gold!.tuned).toEqual(fresh.gold!.base);
    expect(fresh.referenceNll.tuned).toBe(fresh.referenceNll.base);
    await lab.send('play', { runId });
    const after = await lab.send('evaluate', { runId, samples: 6, seed: 3 });
    expect(after.gold!.base).toEqual(fresh.gold!.base);
    expect(after.gold!.base.n).toBe(6);
    expect(after.kl).not.toBe(0);
    const { rows } = await lab.send('compare', { runId, prompts: ['Tom', 'Lily'], options: { maxNewTokens: 6, temperature: 1, seed: 1 } });
    expect(rows.map(({ prompt }) => prompt)).toEqual(['Tom', 'Lily']);
    for (const { base } of rows) expect(base.kl).toBe(0);
    const kept = await lab.send('keepPolicy', { runId, name: 'mine' });
    const { texts } = await lab.send('write', { modelId: kept.modelId, prompt: 'Tom', count: 1, options: { maxNewTokens: 5, temperature: 1, seed: 1 } });
    expect(texts).toHaveLength(1);
  });
});

describe('what comes from outside', () => {
  it('answers unknown commands and bad settings with an error that says what is wrong', async () => {
    await expect(lab.send('toString' as never, {} as never)).rejects.toMatchObject({ name: 'BadCommand' });
    await expect(newRun(lab, 'none', { learningRate: NaN })).rejects.toThrow(/learningRate/);
    await expect(newRun(lab, 'none', { kl: { ...PPO.kl, target: -1 } })).rejects.toThrow(/kl\.target/);
  });

  it('names a model file that arrived short, and fetches it again when asked again', async () => {
    const options = { maxNewTokens: 2, temperature: 1, seed: 1 };
    site.spoil = (path, bytes) => (path.endsWith('.safetensors') ? bytes.subarray(0, bytes.length - 10) : bytes);
    const next = openLab(site);
    await next.send('start', { prefer: 'wasm' });
    await expect(next.send('write', { modelId: MODEL, prompt: 'Tom', count: 1, options })).rejects.toMatchObject({ name: 'ModelUnavailable', message: expect.stringContaining('try again') });
    site.spoil = (_, bytes) => bytes;
    expect((await next.send('write', { modelId: MODEL, prompt: 'Tom', count: 1, options })).texts).toHaveLength(1);
  });

  it('asks for the start before work on the device', async () => {
    const next = openLab(site);
    const early = next.send('write', { modelId: MODEL, prompt: 'Tom', count: 1, options: { maxNewTokens: 2, temperature: 1, seed: 1 } });
    await expect(early).rejects.toMatchObject({ name: 'NotStarted' });
  });

  it('takes its own model files back, and refuses spoilt ones without keeping anything', async () => {
    const { files } = await lab.send('exportModel', { modelId: MODEL });
    const { modelId } = await lab.send('importModel', { name: 'again', files });
    const again = await lab.send('exportModel', { modelId });
    expect(again.files['model.safetensors']).toEqual(files['model.safetensors']);
    const spoilt = { ...files, 'model.safetensors': files['model.safetensors'].slice(0, -4) };
    await expect(lab.send('importModel', { name: 'bad', files: spoilt })).rejects.toMatchObject({ name: 'SafetensorsError' });
    await expect(lab.send('importModel', { name: 'bad', files: { 'config.json': files['config.json'] } })).rejects.toThrow(/tokenizer\.json and model\.safetensors/);
    expect((await lab.send('library', {})).models.map(({ name }) => name)).toEqual(['tiny reward', 'again']);
  });
});
