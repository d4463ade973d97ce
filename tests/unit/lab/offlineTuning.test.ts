import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordAction } from '../../../src/feedback/recording';
import { ruleById } from '../../../src/feedback/rules';
import type { LabClient, Progress } from '../../../src/lab/client';
import { DPO_DEFAULTS, ILQL_DEFAULTS, SFT_DEFAULTS, type DpoSettings, type IlqlSettings, type SftSettings } from '../../../src/lab/protocol';
import { TUNE_ALL } from '../../../src/model/tuningSettings';
import { Database } from '../../../src/store/database';
import { appendEvents, loadJudgedDataset } from '../../../src/store/judgements';
import { deleteModel } from '../../../src/store/models';
import type { Demonstration, Examples } from '../../../src/text/examples';
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
}, 120_000);

afterAll(() => site.remove());

beforeEach(async () => {
  await restoreImage();
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
});

const DPO: DpoSettings = { ...DPO_DEFAULTS, batchSize: 8, learningRate: 1e-2, klSamples: 8 };
const ILQL: IlqlSettings = { ...ILQL_DEFAULTS, batchSize: 16, epochs: 2, learningRate: 1e-2, klSamples: 8 };
const SFT: SftSettings = { ...SFT_DEFAULTS, batchSize: 4, learningRate: 1e-2 };
const SHOWN: Examples = { kind: 'demonstrations', demonstrations: ['Tom', 'Lily', 'One day', 'The cat', 'Ben'].flatMap((prompt): Demonstration[] => [1, 2].map(() => ({ prompt, completion: ' was happy.' }))) };

const tune = (settings: Partial<DpoSettings> = {}, onProgress?: (progress: Progress) => void) => lab.send('tuneOnPreferences', { datasetId, baseModelId: MODEL, name: 'direct', settings: { ...DPO, ...settings } }, onProgress);
const show = (settings: Partial<SftSettings> = {}, examples: Examples = SHOWN) => lab.send('trainOnExamples', { baseModelId: MODEL, name: 'shown', source: 'happy.jsonl', examples, settings: { ...SFT, ...settings } });
const writtenBy = async (modelId: string) => (await lab.send('write', { modelId, prompt: 'Tom', count: 4, options: { maxNewTokens: 12, temperature: 1, seed: 1 } })).texts;

describe('tuning on judgements directly', () => {
  it('leaves a model of its own in the library, with its lineage; ties are left out and said so', async () => {
    const database = await Database.open();
    const { comparisons, states } = await loadJudgedDataset(database, datasetId);
    const before = [...states.values()].filter((state) => state.status === 'judged' && (state.verdict === 'tie' || state.verdict === 'both-bad')).length;
    const decided = comparisons.find(({ id }) => ['first', 'second'].includes((states.get(id) as { verdict?: string } | undefined)?.verdict ?? ''))!;
    await appendEvents(database, [recordAction(decided, { kind: 'person', name: 'me' }, { kind: 'judged', verdict: 'tie' }, Date.now())]);

    const heard: Progress[] = [];
    const { modelId, report } = await tune({}, (progress) => heard.push(progress));
    expect(report).toMatchObject({ by: 'preferences', ties: before + 1, trainPairs: expect.any(Number), settings: DPO });
    expect(report.trainPairs + report.heldOutPairs + report.ties).toBe(24);
    expect(report.heldOutCurve[0].loss).toBeCloseTo(Math.LN2, 6);
    expect(heard.filter(({ loss }) => loss !== undefined)).toHaveLength(report.lossCurve.length);
    const record = (await lab.send('library', {})).models.find(({ id }) => id === modelId)!;
    expect(record).toMatchObject({ kind: 'language', name: 'direct', baseModelId: MODEL, datasetId, report: { by: 'preferences', settings: { seed: 1 } } });
    expect(await writtenBy(modelId)).not.toEqual(await writtenBy(MODEL));
    // It can be tuned further: it is then the reference.
    const again = await lab.send('tuneOnPreferences', { datasetId, baseModelId: modelId, name: 'again', settings: { ...DPO, learningRate: 0 } });
    expect(await writtenBy(again.modelId)).toEqual(await writtenBy(modelId));
  });

  it('is the same for the same seed, by any method and part of the model, and needs no reward model', async () => {
    for (const settings of [{ method: 'ipo' }, { method: 'kto', tune: { ...TUNE_ALL, what: 'lora', rank: 2, alpha: 4 } }] as const) {
      const [a, b] = [await tune(settings), await tune(settings)];
      expect({ ...b.report, seconds: 0 }).toEqual({ ...a.report, seconds: 0 });
      expect(await writtenBy(b.modelId)).toEqual(await writtenBy(a.modelId));
    }
  });

  it('is compared with the model it came from, with a reward model or without', async () => {
    const { modelId } = await tune({ epochs: 4 });
    const options = { maxNewTokens: 6, temperature: 1, seed: 1 };
    const scored = (await lab.send('compare', { modelId, rewardModelId, prompts: ['Tom', 'Ben'], options })).rows;
    const unscored = (await lab.send('compare', { modelId, prompts: ['Tom', 'Ben'], options })).rows;
    expect(scored.map(({ base, tuned }) => [base.text, tuned.text])).toEqual(unscored.map(({ base, tuned }) => [base.text, tuned.text]));
    expect(scored.every(({ base, tuned }) => base.kl === 0 && tuned.kl !== 0)).toBe(true);
    expect(unscored.every(({ base, tuned }) => base.reward === null && tuned.reward === null)).toBe(true);
    const { scores } = await lab.send('score', { rewardModelId, items: [{ prompt: 'Tom', response: scored[0].base.text }] });
    expect(scored[0].base.reward).toBeCloseTo(scores[0], 4);
    // The rule that judged the pairs is the gold score.
    expect(scored[0].tuned.gold).toBe(ruleById('long-words').gold(scored[0].tuned.text));
    const measured = await lab.send('evaluate', { modelId, samples: 4, seed: 1 });
    expect(measured.reward).toBeNull();
    expect(measured.gold).not.toBeNull();
    expect(measured.kl).not.toBe(0);
    const { files } = await lab.send('exportModel', { modelId: MODEL });
    const { modelId: foreign } = await lab.send('importModel', { name: 'from elsewhere', files });
    await expect(lab.send('compare', { modelId: foreign, prompts: ['Tom'], options })).rejects.toThrow(/nothing to compare it with/);
  });

  it('keeps nothing where it is given up', async () => {
    const before = (await lab.send('library', {})).models.length;
    const pending = tune({ epochs: 50 }, ({ done }) => done > 3 && pending.cancel());
    await expect(pending).rejects.toMatchObject({ name: 'Cancelled' });
    expect((await lab.send('library', {})).models).toHaveLength(before);
  });

  it('says what is wrong', async () => {
    const { datasetId: empty } = await lab.send('createDataset', { name: 'empty', seed: 1 });
    await expect(lab.send('tuneOnPreferences', { datasetId: empty, baseModelId: MODEL, name: 'x', settings: DPO })).rejects.toMatchObject({ name: 'NothingToLearnFrom' });
    await expect(tune({ beta: 0 })).rejects.toThrow(/beta/);
    await expect(tune({ method: 'ppo' as never })).rejects.toThrow(/method/);
    await expect(tune({ tune: { ...TUNE_ALL, rank: 0 } })).rejects.toThrow(/tune\.rank/);
  });
});

describe('learning from judgements what a token is worth', () => {
  const OPTIONS = { maxNewTokens: 6, temperature: 1, seed: 1 };
  const learn = (settings: Partial<IlqlSettings> = {}, baseModelId = MODEL) => lab.send('tuneByValues', { datasetId, baseModelId, name: 'critic', settings: { ...ILQL, ...settings } });

  it('leaves a critic in the library, which is compared and measured as the model that it guides', async () => {
    const { modelId, report } = await learn();
    expect(report).toMatchObject({ by: 'values', leftOut: 0, simulatedTexts: 48, settings: ILQL });
    // Every judged pair has two texts, and each of them teaches something.
    expect(report.trainTexts + report.heldOutTexts).toBe(48);
    expect(report.heldOutCurve.at(-1)!.loss).toBeLessThan(report.heldOutCurve[0].loss);
    const record = (await lab.send('library', {})).models.find(({ id }) => id === modelId)!;
    expect(record).toMatchObject({ kind: 'critic', baseModelId: MODEL, datasetId, report: { by: 'values' } });

    const { rows } = await lab.send('compare', { modelId, rewardModelId, prompts: ['Tom', 'Ben'], options: OPTIONS });
    expect(rows.map(({ base }) => base.text)).toEqual((await lab.send('compare', { bestOf: 2, modelId: MODEL, rewardModelId, prompts: ['Tom', 'Ben'], options: OPTIONS })).rows.map(({ base }) => base.text));
    expect(rows.every(({ base, tuned }) => base.kl === 0 && tuned.kl !== 0 && tuned.kl !== null)).toBe(true);
    const evaluation = await lab.send('evaluate', { modelId, rewardModelId, samples: 6, seed: 1 });
    expect(evaluation.kl).not.toBeNull();
    expect(evaluation.klAtMost).toBeUndefined();
    const samples = (await lab.send('scoreSamples', { modelId, samples: 6, seed: 1 })).rows;
    expect(samples.reduce((sum, { kl }) => sum + kl, 0) / 6).toBeCloseTo(evaluation.kl!, 10);
    // What is no model that writes by itself is refused where one is needed, and so is taking away what it guides.
    await expect(lab.send('write', { modelId, prompt: 'Tom', count: 1, options: OPTIONS })).rejects.toThrow(/critic model, and a language model is needed/);
    await expect(lab.send('exportModel', { modelId })).rejects.toThrow(/no place for one/);
  });

  it('at β = 0 writes what the base model writes, and is the same for the same seed', async () => {
    const [a, b] = [await learn({ beta: 0 }), await learn({ beta: 0 })];
    expect({ ...b.report, seconds: 0 }).toEqual({ ...a.report, seconds: 0 });
    expect(a.report.kl.mean).toBeCloseTo(0, 5);
    const { rows } = await lab.send('compare', { modelId: a.modelId, prompts: ['Tom', 'Ben', 'Lily'], options: OPTIONS });
    for (const { base, tuned } of rows) expect(tuned.text).toBe(base.text);
    for (const { tuned } of rows) expect(tuned.kl).toBeCloseTo(0, 5);
  });

  it('keeps the model that a critic guides from being deleted', async () => {
    const { modelId: base } = await show({ epochs: 1 });
    await learn({ epochs: 1 }, base);
    await expect(deleteModel(await Database.open(), base)).rejects.toThrow(/"critic"/);
  });

  it('says what is wrong', async () => {
    const { datasetId: empty } = await lab.send('createDataset', { name: 'empty', seed: 1 });
    await expect(lab.send('tuneByValues', { datasetId: empty, baseModelId: MODEL, name: 'x', settings: ILQL })).rejects.toMatchObject({ name: 'NothingToLearnFrom' });
    await expect(learn({ expectile: 1 })).rejects.toThrow(/expectile/);
    await expect(learn({ beta: -1 })).rejects.toThrow(/beta/);
  });
});

describe('the best of several texts', () => {
  const best = (bestOf: number) => ({ bestOf, modelId: MODEL, rewardModelId });

  it('scores higher than the first, by the reward model that chooses; of its distance a bound is known, and no more', async () => {
    const asked = { samples: 12, seed: 2 };
    const evaluation = await lab.send('evaluate', { ...best(8), ...asked });
    expect(evaluation.reward!.tuned.mean).toBeGreaterThan(evaluation.reward!.base.mean + 0.5);
    expect(evaluation.kl).toBeNull();
    expect(evaluation.klAtMost).toBeCloseTo(Math.log(8) - 7 / 8, 12);
    // The rule by which the reward model's pairs were judged is the gold score, and the base model is that of any evaluation.
    const plain = (await lab.send('scoreSamples', { modelId: MODEL, rewardModelId, goldRule: 'long-words', ...asked })).rows;
    const mean = (values: (number | null)[]) => values.reduce<number>((sum, value) => sum + value!, 0) / values.length;
    expect(evaluation.reward!.base.mean).toBeCloseTo(mean(plain.map(({ score }) => score)), 10);
    expect(evaluation.gold!.base.mean).toBeCloseTo(mean(plain.map(({ gold }) => gold)), 10);
  });

  it('is read beside the first, and refuses what is no number of texts', async () => {
    const { rows } = await lab.send('compare', { ...best(16), prompts: ['Tom', 'Ben', 'Lily'], options: { maxNewTokens: 6, temperature: 1, seed: 1 } });
    for (const { base, tuned } of rows) expect([base.kl, tuned.kl]).toEqual([0, null]);
    expect(rows.reduce((gain, { base, tuned }) => gain + tuned.reward! - base.reward!, 0)).toBeGreaterThan(0);
    for (const n of [1, 65, 2.5]) await expect(lab.send('evaluate', { ...best(n), samples: 4, seed: 1 })).rejects.toThrow(/from 2 to 64/);
  });
});

describe('training on examples', () => {
  it('leaves a model of its own that can be the base of a run, and travels with the run’s file, lineage and all', async () => {
    const { modelId, report } = await show({ epochs: 12 });
    expect(report).toMatchObject({ by: 'examples', source: 'happy.jsonl', settings: { epochs: 12, seed: 1 } });
    expect(report.heldOutCurve.at(-1)!.loss).toBeLessThan(report.heldOutCurve[0].loss);
    const record = (await lab.send('library', {})).models.find(({ id }) => id === modelId)!;
    expect(record).toMatchObject({ kind: 'language', baseModelId: MODEL, report: { by: 'examples' } });

    const { runId } = await lab.send('createRun', { baseModelId: modelId, rewardModelId, settings: PPO, seed: 3 });
    await lab.send('step', { runId });
    // It is the reference: before the first update nothing has moved from it.
    expect((await lab.send('history', { runId })).metrics[0].metrics['objective/kl']).toBeCloseTo(0, 4);
    const { archive } = await lab.send('exportRun', { runId });
    const { runId: travelled } = await lab.send('importRun', { archive });
    const { run } = await lab.send('history', { runId: travelled });
    const copy = (await lab.send('library', {})).models.find(({ id }) => id === run.baseModelId)!;
    expect(copy.report).toEqual(record.report);
    // A file that gives a reward model this report is refused, for the screens would read it as another.
    const files = unzipSync(archive);
    const json = JSON.parse(strFromU8(files['run.json']));
    const [language, reward] = [json.models.find(({ kind }: { kind: string }) => kind === 'language'), json.models.find(({ kind }: { kind: string }) => kind === 'reward')];
    reward.report = language.report;
    files['run.json'] = strToU8(JSON.stringify(json));
    await expect(lab.send('importRun', { archive: zipSync(files) })).rejects.toMatchObject({ name: 'BadArchive' });
  });

  it('takes whole texts, and exports a model as other tools read it', async () => {
    const { modelId, report } = await show({ heldOutShare: 0 }, { kind: 'texts', texts: ['Tom was happy. The cat was happy. Everybody was happy.'] });
    expect(report).toMatchObject({ trainExamples: 1, heldOutCurve: [] });
    const { files } = await lab.send('exportModel', { modelId });
    expect(Object.keys(files).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']);
  });

  it('says what is wrong', async () => {
    await expect(show({}, { kind: 'demonstrations', demonstrations: [] })).rejects.toMatchObject({ name: 'TuningError' });
    await expect(show({}, { kind: 'demonstrations', demonstrations: [{ prompt: 'a' } as never] })).rejects.toThrow(/demonstrations\.0\.completion/);
    await expect(show({ pieceLength: 1 })).rejects.toThrow(/pieceLength/);
  });
});
