import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import type { MeasuredMix, RewardMix } from '../../../src/lab/protocol';
import { Database } from '../../../src/store/database';
import { listSamples } from '../../../src/store/runs';
import { MODEL, openLab, PPO, prepareReward, takeImage, TinySite } from './tinyLab';

let site: TinySite;
let lab: LabClient;
let rewardModelId: string;
let restoreImage: () => Promise<void>;

beforeAll(async () => {
  site = new TinySite();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
  ({ rewardModelId } = await prepareReward(lab));
  restoreImage = await takeImage();
}, 60_000);

afterAll(() => site.remove());

beforeEach(async () => {
  await restoreImage();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
});

const CHARS: RewardMix = { weights: { model: 0, length: 0, rule: 1 }, rule: 'chars' };
const BOTH: RewardMix = { weights: { model: 1, length: -0.5, rule: 2 }, rule: 'chars' };
const create = (changes: object = {}) => lab.send('createRun', { baseModelId: MODEL, reward: CHARS, settings: PPO, seed: 11, ...changes });
const chars = (text: string) => [...text.trim()].length;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Metrics without clocks. */
async function measured(runId: string) {
  const { metrics } = await lab.send('history', { runId });
  return metrics.map(({ metrics }) => Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name))));
}

describe('a run on a rule alone', () => {
  it('needs no reward model, and its reward is the rule’s mean over its samples, in the base model’s units', async () => {
    const { runId } = await create();
    const { run } = await lab.send('play', { runId });
    expect(run.status).toBe('finished');
    expect(run.rewardModelId).toBeUndefined();
    const { rule, constant, model, length } = (run.reward as MeasuredMix).coefficients;
    expect([model, length]).toEqual([0, 0]);
    // An iteration has four responses, and all four are kept.
    const kept = await listSamples(await Database.open(), runId);
    const history = await measured(runId);
    expect(kept).toHaveLength(PPO.iterations);
    kept.forEach(({ samples }, i) => {
      expect(samples).toHaveLength(PPO.batchSize);
      for (const { response, score } of samples) expect(score).toBeCloseTo(rule * chars(response) + constant, 4);
      expect(history[i]['objective/score_mean']).toBeCloseTo(rule * mean(samples.map(({ response }) => chars(response))) + constant, 4);
    });
  });

  it('begins with mean 0 and spread 1, as evaluation and comparison have it too', async () => {
    const { runId } = await create();
    const evaluation = await lab.send('evaluate', { runId, samples: 128, seed: 5 });
    // Other samples than those that it was measured on: within five standard errors.
    expect(Math.abs(evaluation.reward!.base.mean)).toBeLessThan(5 / Math.sqrt(128) + 5 / Math.sqrt(256));
    expect(evaluation.reward!.base.std).toBeGreaterThan(0.7);
    expect(evaluation.reward!.base.std).toBeLessThan(1.4);
    const { run } = await lab.send('history', { runId });
    const { rule, constant } = (run.reward as MeasuredMix).coefficients;
    const { rows } = await lab.send('compare', { runId, prompts: ['Tom', 'Ben'], options: { maxNewTokens: 6, temperature: 1, seed: 1 } });
    for (const { base } of rows) expect(base.reward).toBeCloseTo(rule * chars(base.text) + constant, 4);
  });

  it('goes on after a stop as if it had never stopped', async () => {
    const straight = (await create()).runId;
    await lab.send('play', { runId: straight });
    const expected = await measured(straight);
    const { runId } = await create();
    for (let i = 0; i < 2; i++) await lab.send('step', { runId });
    lab = openLab(site);
    await lab.send('start', { prefer: 'wasm' });
    await lab.send('play', { runId });
    expect(await measured(runId)).toEqual(expected);
  });

  it('travels in an archive, and a file with a rule that cannot be read, or coefficients that are none, is refused', async () => {
    const { runId } = await create();
    await lab.send('step', { runId });
    const { archive } = await lab.send('exportRun', { runId });
    const travelled = (await lab.send('importRun', { archive })).runId;
    await lab.send('play', { runId });
    await lab.send('play', { runId: travelled });
    const plain = (history: Record<string, number>[]) => history.map((metrics) => Object.entries(metrics).map(([name, value]) => [name, value + 0]));
    expect(plain(await measured(travelled))).toEqual(plain(await measured(runId)));

    const altered = (change: (run: { reward?: MeasuredMix; rewardModelId?: string }) => void) => {
      const files = unzipSync(archive);
      const json = JSON.parse(strFromU8(files['run.json']));
      change(json.run);
      files['run.json'] = strToU8(JSON.stringify(json));
      return lab.send('importRun', { archive: zipSync(files) });
    };
    const before = await lab.send('library', {});
    await expect(altered((run) => (run.reward!.rule = 'fetch("//evil")'))).rejects.toThrow(/run\.reward\.rule: At character 1: “fetch” is not known/);
    await expect(altered((run) => (run.reward!.rule = `${'('.repeat(900)}1`))).rejects.toThrow(/run\.reward\.rule: .*within each other/);
    await expect(altered((run) => (run.reward!.coefficients.rule = '1' as never))).rejects.toThrow(/run\.reward\.coefficients\.rule/);
    await expect(altered((run) => delete run.reward)).rejects.toThrow(/nothing would score/);
    await expect(altered((run) => (run.reward!.rule = ''))).rejects.toThrow(/a rule is written where its weight is not 0/);
    expect(await lab.send('library', {})).toEqual(before);
  });

  it.each<[string, object, RegExp]>([
    ['that nothing scores', { reward: undefined }, /Name a reward model, write a rule, or both/],
    ['with a rule that cannot be read', { reward: { ...CHARS, rule: 'chars +' } }, /rule: At character 8: the rule ends/],
    ['without its rule', { reward: { ...CHARS, rule: '' } }, /a rule is written where its weight is not 0/],
    ['with a weight for a model that is not named', { reward: BOTH }, /a reward model is named where its weight is not 0/],
    ['with nothing but zeros', { reward: { weights: { model: 0, length: 0, rule: 0 }, rule: '' } }, /every weight is 0/],
    ['whose rule has no value for what the base model writes', { reward: { ...CHARS, rule: '1 / 0' } }, /no value for “.*”: at character 3/],
  ])('%s is not made', async (_, changes, reason) => {
    await expect(create(changes)).rejects.toThrow(reason);
    expect((await lab.send('library', {})).runs).toEqual([]);
  });
});

describe('a run on a reward model, length and a rule', () => {
  it('scores by their weighted sum', async () => {
    const { runId } = await create({ reward: BOTH, rewardModelId });
    const { run } = await lab.send('step', { runId });
    const { coefficients } = run.reward as MeasuredMix;
    const [{ samples }] = await listSamples(await Database.open(), runId);
    const { scores } = await lab.send('score', { rewardModelId, items: samples.map(({ prompt, response }) => ({ prompt, response })) });
    samples.forEach(({ response, score }, i) => {
      const words = response.match(/\p{L}+(?:['’]\p{L}+)*/gu)?.length ?? 0;
      const { model, length, rule, constant } = coefficients;
      expect(score).toBeCloseTo(model * scores[i] + length * words + rule * chars(response) + constant, 4);
    });
    expect(coefficients.rule).toBeGreaterThan(0);
    expect(coefficients.length).toBeLessThan(0);
    expect((await lab.send('estimateRun', { baseModelId: MODEL, rewardModelId, settings: PPO })).bytes).toBeGreaterThan((await lab.send('estimateRun', { baseModelId: MODEL, settings: PPO })).bytes);
  });
});
