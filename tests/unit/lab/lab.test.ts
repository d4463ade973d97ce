import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ruleById } from '../../../src/feedback/rules';
import type { Rater } from '../../../src/feedback/judgement';
import { proportion } from '../../../src/feedback/proportion';
import { recordAction } from '../../../src/feedback/recording';
import type { LabClient } from '../../../src/lab/client';
import type { Continuation } from '../../../src/lab/likelihood';
import { meanInterval } from '../../../src/lab/meanInterval';
import { ModelShelf } from '../../../src/lab/modelShelf';
import { loadPolicy } from '../../../src/lab/policy';
import type { PpoSettings } from '../../../src/lab/protocol';
import { promptsOfIteration, runPrompts } from '../../../src/lab/runPrompts';
import { generate } from '../../../src/model/decoding';
import { disposeParameters, toParameters } from '../../../src/model/parameters';
import { readSafetensors, writeSafetensors } from '../../../src/model/safetensors';
import { sampleResponses, type Response } from '../../../src/rl/rollout';
import { Database } from '../../../src/store/database';
import { listComparisons } from '../../../src/store/datasets';
import { appendEvents, loadJudgedDataset } from '../../../src/store/judgements';
import { listCheckpoints, listSamples, loadLatestCheckpoint, updateRun, type RunChanges } from '../../../src/store/runs';
import { RandomStream } from '../../../src/tensor/random';
import { plainLogProbs } from '../model/plainLogProbs';
import { MODEL, openLab, PPO, prepareReward, REWARD, takeImage, TinySite } from './tinyLab';

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

const json = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(new TextDecoder().decode(bytes));

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

describe('a reward model', () => {
  it('is reported beside how often the people agreed with themselves whose pairs they were', async () => {
    const database = await Database.open();
    const { comparisons } = await loadJudgedDataset(database, datasetId);
    const you: Rater = { kind: 'person', name: 'you' };
    const twice = (['first', 'second'] as const).map((verdict, i) => recordAction(comparisons[0], you, { kind: 'judged', verdict, ...(i === 1 && { repeat: true as const }) }, Date.now() + i));
    const asked = { datasetId, baseModelId: MODEL, name: 'mine', settings: REWARD };
    expect((await lab.send('trainReward', asked)).report.selfAgreement).toEqual({ expected: expect.any(Number) });
    await appendEvents(database, twice.slice(0, 1));
    expect((await lab.send('trainReward', asked)).report.selfAgreement).toBeNull();
    await appendEvents(database, twice.slice(1));
    expect((await lab.send('trainReward', asked)).report.selfAgreement).toEqual({ counted: proportion(0, 1) });
  });

  it('is trained on parts of the labels to see whether more would help; nothing of that is kept, and it can be given up', async () => {
    const asked = { datasetId, baseModelId: MODEL, settings: REWARD };
    const before = await lab.send('library', {});
    const phases = new Set<string>();
    const { points, heldOutPairs } = await lab.send('learningCurve', { ...asked, fractions: [0.5, 1] }, ({ phase }) => void phases.add(phase));
    const all = await lab.send('trainReward', { ...asked, name: 'all' });
    const half = await lab.send('trainReward', { ...asked, name: 'half', pairs: points[0].labels });
    expect(points.map(({ labels, accuracy, logLoss }) => [labels, accuracy, logLoss])).toEqual([half, all].map(({ report: { trainPairs, accuracy, logLoss } }) => [trainPairs, accuracy, logLoss]));
    expect([half, all].map(({ report }) => report.heldOutPairs)).toEqual([heldOutPairs, heldOutPairs]);
    expect([...phases]).toEqual(['Training on parts of the labels']);
    expect((await lab.send('library', {})).models).toHaveLength(before.models.length + 2);

    const pending = lab.send('learningCurve', { ...asked, fractions: [0.5, 1] }, () => pending.cancel());
    await expect(pending).rejects.toMatchObject({ name: 'Cancelled' });
    await expect(lab.send('learningCurve', { ...asked, fractions: [2] })).rejects.toThrow(/fractions/);
    await expect(lab.send('trainReward', { ...asked, name: 'none', pairs: 0 })).rejects.toMatchObject({ name: 'BadCommand' });
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

  it('started again from its record is the same run, to the bit, whatever has become of the first', async () => {
    const args = { name: 'Mine', baseModelId: MODEL, rewardModelId, settings: { ...PPO, learningRate: 2e-3 }, seed: 12, goldRule: 'long-words', prompts: ['Tom', 'Lily', 'One day'] };
    const { runId } = await lab.send('createRun', args);
    await lab.send('play', { runId });
    const database = await Database.open();
    // As on a GPU, where a run keeps the programs that it began with.
    const { variants } = await updateRun(database, runId, { name: 'Renamed', variants: { product: 'tiles', rowThreads: 1 } } as RunChanges);
    const { runId: againId } = await lab.send('repeatRun', { runId });
    const { run, metrics } = await lab.send('history', { runId: againId });
    expect(againId).not.toBe(runId);
    expect(metrics).toEqual([]);
    expect(run).toMatchObject({ name: 'Renamed, again', status: 'ready', iteration: 0, iterations: 4, seed: 12, goldRule: 'long-words', prompts: args.prompts, settings: args.settings, variants });
    await lab.send('play', { runId: againId });
    const first = await measured(lab, runId);
    expect(first).toHaveLength(4);
    expect(await measured(lab, againId)).toEqual(first);
    const [samples, again] = await Promise.all([runId, againId].map((id) => listSamples(database, id)));
    expect(again.map(({ samples }) => samples)).toEqual(samples.map(({ samples }) => samples));
    const [end, endAgain] = await Promise.all([runId, againId].map((id) => loadLatestCheckpoint(database, id)));
    expect(endAgain!.tensors).toEqual(end!.tensors);
    // Another seed is another run.
    const { runId: otherId } = await lab.send('createRun', { ...args, seed: 13 });
    await lab.send('play', { runId: otherId });
    expect((await measured(lab, otherId))[0]).not.toEqual(first[0]);
    await expect(lab.send('repeatRun', { runId: 'gone' })).rejects.toMatchObject({ name: 'NotFoundError' });
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
    const runId = await newRun(lab, rewardModelId, { iterations: 30, learningRate: 0.005, checkpointEvery: 1, kl: { ...PPO.kl, control: 'fixed', coefficient: 0, cap: 1 } });
    const { run } = await lab.send('play', { runId });
    expect(run.status).toBe('failed');
    expect(run.note).toMatch(/nats/);
    await expect(lab.send('play', { runId })).rejects.toMatchObject({ name: 'RunEnded' });
    const klOf = async () => (await lab.send('history', { runId })).metrics.at(-1)!.metrics['objective/kl'];
    expect(await klOf()).toBeGreaterThan(1);
    const { run: back } = await lab.send('rollback', { runId });
    expect(back).toMatchObject({ status: 'paused' });
    expect(back.note).toBeUndefined();
    // The rollout measures what the iteration before left, so that one is no way back.
    expect(back.iteration).toBe(run.iteration - 2);
    expect(back.iteration).toBeGreaterThan(0);
    expect((await lab.send('step', { runId })).run).toMatchObject({ status: 'paused', iteration: back.iteration + 1 });
    expect(await klOf()).toBeLessThan(1);
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

  it('gives its samples one by one, which are those of its evaluation; a model that came from no other lies 0 from itself', async () => {
    const runId = await newRun(lab, rewardModelId);
    await lab.send('play', { runId });
    const asked = { samples: 6, seed: 3 };
    const evaluation = await lab.send('evaluate', { runId, ...asked });
    const { rows } = await lab.send('scoreSamples', { runId, rewardModelId, goldRule: 'long-words', ...asked });
    const mean = (values: (number | null)[]) => values.reduce<number>((sum, value) => sum + value!, 0) / values.length;
    expect(rows).toHaveLength(6);
    expect(mean(rows.map(({ kl }) => kl))).toBeCloseTo(evaluation.kl!, 10);
    expect(mean(rows.map(({ score }) => score))).toBeCloseTo(evaluation.reward!.tuned.mean, 10);
    for (const { response, gold } of rows) expect(gold).toBe(ruleById('long-words').gold(response));
    const plain = await lab.send('scoreSamples', { modelId: MODEL, ...asked });
    expect(plain.rows.map(({ kl, score, gold }) => [kl, score, gold])).toEqual(Array(6).fill([0, null, null]));
    expect(plain.rows.map(({ response }) => response)).not.toEqual(rows.map(({ response }) => response));
    await expect(lab.send('scoreSamples', { modelId: MODEL, samples: 0, seed: 1 })).rejects.toMatchObject({ name: 'BadCommand' });
    await expect(lab.send('scoreSamples', { modelId: MODEL, goldRule: 'beauty', ...asked })).rejects.toThrow(/beauty/);
  });

  it('is as far from its base as a plain forward pass says, token by token, and its intervals are over prompts', async () => {
    const prompts = ['Tom', 'Lily', 'One day', 'Once upon a time', 'The dog', 'A cat', 'Mom', 'Ben was sad'];
    const settings = { ...PPO, learningRate: 0.005, temperature: 0.9 };
    const { runId } = await lab.send('createRun', { baseModelId: MODEL, rewardModelId, settings, seed: 11, goldRule: 'long-words', prompts });
    await lab.send('play', { runId });
    const database = await Database.open();
    const { base, tuned } = await loadPolicy(database, new ModelShelf(database, site.assets), runId);
    const [policy, reference] = [toParameters(tuned), toParameters(base.weights)];
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    const measure = async ({ promptTokens, tokens }: Continuation, temperature: number) => {
      const [ours, theirs] = await Promise.all([policy, reference].map((parameters) => plainLogProbs(parameters, base.config, promptTokens, tokens, temperature)));
      return { kl: sum(ours) - sum(theirs), referenceNll: -sum(theirs) };
    };

    const evaluation = await lab.send('evaluate', { runId, samples: 6, seed: 3 });
    const { heldOut } = runPrompts({ prompts });
    const written: Response[] = [];
    for (const batch of [0, 1]) {
      const draws = new RandomStream(3).fork(`evaluation ${batch}`).state();
      written.push(...(await sampleResponses({ ...base, parameters: policy }, promptsOfIteration(heldOut, 3, batch, 4), settings, draws)).responses);
    }
    const judged = written.slice(0, 6);
    const measured = await Promise.all(judged.map((response) => measure(response, 0.9)));
    const kl = sum(measured.map((one) => one.kl)) / 6;
    expect(kl).toBeGreaterThan(0.1);
    expect(evaluation.kl).toBeCloseTo(kl, 4);
    expect(evaluation.referenceNll.tuned).toBeCloseTo(sum(measured.map((one) => one.referenceNll)) / sum(judged.map(({ tokens }) => tokens.length)), 4);
    const gold = judged.map(({ text }) => ruleById('long-words').gold(text));
    expect(evaluation.gold!.tuned).toEqual(meanInterval(gold, judged.map(({ prompt }) => prompt)));

    const options = { maxNewTokens: 6, temperature: 0.8, seed: 1 };
    const { rows } = await lab.send('compare', { runId, prompts, options });
    const promptTokens = prompts.map((prompt) => [base.config.bos_token_id, ...base.tokenizer.encode(prompt)]);
    const { responses } = await generate(policy, base.config, promptTokens, { ...options, counter: 0 });
    for (const [i, tokens] of responses.entries())
      expect(rows[i].tuned.kl!).toBeCloseTo((await measure({ promptTokens: promptTokens[i], tokens }, 0.8)).kl, 4);
    expect(Math.max(...rows.map((row) => Math.abs(row.tuned.kl!)))).toBeGreaterThan(0.1);
    disposeParameters(policy);
    disposeParameters(reference);
  });
});

describe('what comes from outside', () => {
  it('answers unknown commands and bad settings with an error that says what is wrong', async () => {
    await expect(lab.send('toString' as never, {} as never)).rejects.toMatchObject({ name: 'BadCommand' });
    await expect(newRun(lab, 'none', { learningRate: NaN })).rejects.toThrow(/learningRate/);
    await expect(newRun(lab, 'none', { kl: { ...PPO.kl, target: -1 } })).rejects.toThrow(/kl\.target/);
  });

  it('names the prompt that is too long, and writes and makes nothing', async () => {
    const long = `Once upon a time ${'x'.repeat(300)}`;
    const options = { maxNewTokens: 6, temperature: 1, seed: 1 };
    const before = await lab.send('library', {});
    const named = { name: 'PromptTooLongError', message: expect.stringMatching(/^Prompt 2, “Once upon a time x+”, has \d+ tokens .* at most 250 fit/) };
    await expect(lab.send('sampleComparisons', { datasetId, modelId: MODEL, count: 2, prompts: ['Tom', long], options, cut: PPO.cut })).rejects.toMatchObject(named);
    expect(await listComparisons(await Database.open(), datasetId)).toHaveLength(24);
    await expect(lab.send('write', { modelId: MODEL, prompt: long, count: 1, options })).rejects.toMatchObject({ name: 'PromptTooLongError' });
    const run = { baseModelId: MODEL, rewardModelId, settings: PPO, seed: 1 };
    await expect(lab.send('createRun', { ...run, prompts: [long] })).rejects.toThrow(/None of the prompts fits into 40 tokens/);
    await expect(lab.send('createRun', { ...run, settings: { ...PPO, promptLength: 4 } })).rejects.toThrow(/^Prompt 1, “.*at most 4 fit/);
    expect(await lab.send('library', {})).toEqual(before);
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

  it('takes a reward model back with its report, and it scores as before', async () => {
    const { files } = await lab.send('exportModel', { modelId: rewardModelId });
    const config = json(files['config.json']);
    expect(config).toMatchObject({ architectures: ['LlamaForSequenceClassification'], num_labels: 1, model_type: 'llama' });
    expect(json(files['tokenizer_config.json'])).toMatchObject({ pad_token: '<|pad|>', model_max_length: config.max_position_embeddings });
    const { modelId, kind } = await lab.send('importModel', { name: 'again', files });
    expect(kind).toBe('reward');
    const items = ['Tom ran.', 'The marvellous elephant wandered.'].map((response) => ({ prompt: 'One day', response }));
    const before = await lab.send('score', { rewardModelId, items });
    expect(before.scores[0]).not.toBe(before.scores[1]);
    expect(await lab.send('score', { rewardModelId: modelId, items })).toEqual(before);
    const { models } = await lab.send('library', {});
    const [original, again] = [rewardModelId, modelId].map((id) => models.find((model) => model.id === id)!);
    expect(again).toMatchObject({ kind: 'reward', parameters: original.parameters, report: original.report });

    // A report that was written before the lab knew of self-agreement, and of what is disputed.
    const { selfAgreement, disputes, pulls, ...older } = json(files['reward_report.json']);
    for (const later of [selfAgreement, disputes, pulls]) expect(later).toBeDefined();
    await lab.send('importModel', { name: 'older', files: { ...files, 'reward_report.json': new TextEncoder().encode(JSON.stringify(older)) } });
  });

  it('takes a sequence classifier of the Hub, which has neither bias nor report, and trains against it', async () => {
    const { files } = await lab.send('exportModel', { modelId: rewardModelId });
    const weights = readSafetensors(files['model.safetensors']);
    weights.delete('score.bias');
    const { 'reward_report.json': _, ...bare } = files;
    bare['model.safetensors'] = writeSafetensors(weights, { dtype: 'F32', metadata: {} });
    const { modelId } = await lab.send('importModel', { name: 'from the Hub', files: bare });
    const runId = await newRun(lab, modelId);
    await lab.send('step', { runId });
    const { archive } = await lab.send('exportRun', { runId });
    expect((await lab.send('history', await lab.send('importRun', { archive }))).run.iteration).toBe(1);
  });

  it('refuses a spoilt reward model by the field that is wrong, without keeping anything', async () => {
    const { files } = await lab.send('exportModel', { modelId: rewardModelId });
    const changed = (file: string, change: (value: Record<string, unknown>) => unknown) => ({ ...files, [file]: new TextEncoder().encode(JSON.stringify(change(json(files[file])))) });
    const weights = readSafetensors(files['model.safetensors']);
    weights.set('score.weight', { shape: [2, 8], data: new Float32Array(16) });
    const refused: [Record<string, Uint8Array>, RegExp][] = [
      [{ ...files, 'model.safetensors': writeSafetensors(weights, { dtype: 'F32', metadata: {} }) }, /score\.weight has the shape \[2,8\]/],
      [changed('config.json', (config) => ({ ...config, num_labels: 3 })), /num_labels is 3/],
      [changed('config.json', (config) => ({ ...config, architectures: ['LlamaForCausalLM'] })), /score\.weight is no part/],
      [changed('reward_report.json', (report) => ({ ...report, accuracy: { value: 'high' } })), /report cannot be used: accuracy\.value/],
      [{ ...files, 'reward_report.json': new TextEncoder().encode('{') }, /report cannot be used: the file is not JSON/],
    ];
    for (const [spoilt, reason] of refused) await expect(lab.send('importModel', { name: 'bad', files: spoilt })).rejects.toThrow(reason);
    expect((await lab.send('library', {})).models.map(({ name }) => name)).toEqual(['tiny reward']);
  });
});
