import { IDBFactory } from 'fake-indexeddb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attachment, Comparison, JudgementEvent, Verdict } from '../../../src/feedback/judgement';
import { deriveStates } from '../../../src/feedback/judgementState';
import type { LabClient } from '../../../src/lab/client';
import { LabFailure } from '../../../src/lab/failure';
import { imagePreferences } from '../../../src/lab/judgedImages';
import { IMAGE_REWARD_DEFAULTS, type ImageRewardSettings } from '../../../src/lab/protocol';
import { RandomStream } from '../../../src/tensor/random';
import { Database } from '../../../src/store/database';
import { appendEvents } from '../../../src/store/judgements';
import { listModels } from '../../../src/store/models';
import { judgedPictures } from '../../../tools/imageLoop/spatialImages';
import { MODEL, openLab, prepareReward, REWARD, TinySite } from './tinyLab';

const RATER = { kind: 'person', name: 'A' } as const;
const item = (id: string, order: number, attachments?: Attachment[]): Comparison => ({ id, datasetId: 'd', order, prompt: 'p', responses: ['', ''], attachments, swapped: false, source: { kind: 'imported', file: 'f' }, created: 0 });
const judged = (comparisonId: string, verdict: Verdict, at = 1): JudgementEvent => ({ id: `${comparisonId} ${at}`, datasetId: 'd', comparisonId, at, rater: RATER, kind: 'judged', verdict });
const picture = (of: Attachment['of'], mediaId: string, type: Attachment['type'] = 'image/png'): Attachment => ({ of, mediaId, type, name: `${mediaId}.png` });

describe('imagePreferences', () => {
  const taught = (attachments: Attachment[] | undefined, verdict: Verdict) => imagePreferences([item('c', 0, attachments)], deriveStates([judged('c', verdict)]));
  const both = [picture('prompt', 'q'), picture(1, 'b'), picture(0, 'a'), picture(0, 'later')];

  it('puts the image of each response in its place, and leaves the prompt’s aside', () => {
    const { preferences, leftOut } = taught(both, 'second');
    expect(preferences).toEqual([expect.objectContaining({ comparisonId: 'c', responses: ['a', 'b'], verdict: 'second', rater: RATER })]);
    expect(leftOut).toBe(0);
  });

  it.each<[string, Attachment[] | undefined, Verdict]>([
    ['no image at all', undefined, 'first'],
    ['an image on one side only', [picture(0, 'a')], 'first'],
    ['a sound on one side', [picture(0, 'a'), picture(1, 'b', 'audio/wav')], 'tie'],
    ['a better text', both, { kind: 'rewrite', response: 0, text: 'better' }],
    ['a thumb for what has none', [picture(0, 'a')], { kind: 'thumb', response: 1, up: true }],
  ])('leaves out and counts %s', (_, attachments, verdict) => expect(taught(attachments, verdict)).toEqual({ preferences: [], leftOut: 1 }));

  it('keeps a judgement of the one response that has an image', () => {
    expect(taught([picture(1, 'b')], { kind: 'thumb', response: 1, up: true }).preferences).toEqual([expect.objectContaining({ responses: ['', 'b'] })]);
  });
});

describe('the commands of images', () => {
  const PAIRS = 12;
  const { preferences, images } = judgedPictures('larger on the left', PAIRS, new RandomStream(3));
  const names = [...images.keys()];
  const SETTINGS: ImageRewardSettings = { ...IMAGE_REWARD_DEFAULTS, epochs: 2, batchSize: 8 };
  let site: TinySite;
  let lab: LabClient;
  let datasetId: string;
  let opened: string[];

  beforeAll(async () => {
    globalThis.indexedDB = new IDBFactory();
    site = new TinySite();
    opened = [];
    // Node opens no image files, so the files here are the pixels themselves.
    const decodeImage = async (file: Blob, name: string) => {
      opened.push(name);
      if (file.size !== 32 * 32 * 3) throw new LabFailure('BrokenImage', `“${name}” cannot be opened.`);
      return new Uint8Array(await file.arrayBuffer());
    };
    lab = openLab(site, { decodeImage });
    await lab.send('start', { prefer: 'wasm' });
    ({ datasetId } = await lab.send('createDataset', { name: 'pictures', seed: 1 }));
    const database = await Database.open();
    await database.write({ stores: ['comparisons', 'media'], durability: 'relaxed', changes: [] }, async (transaction) => {
      for (const [i, { responses }] of preferences.entries())
        await transaction.objectStore('comparisons').add({ ...item(`c${i}`, i, responses.map((name, place) => picture(place, name))), datasetId });
      for (const [id, pixels] of images) await transaction.objectStore('media').add({ id, type: 'image/png', bytes: new Blob([pixels.slice()]) });
      await transaction.objectStore('media').add({ id: 'broken', type: 'image/png', bytes: new Blob(['?']) });
    });
    await appendEvents(database, preferences.map(({ verdict }, i) => ({ ...judged(`c${i}`, verdict as Verdict), datasetId })));
    database.close();
  }, 60_000);
  afterAll(() => site.remove());

  it('train a model that is kept with its report, and score by it', async () => {
    const phases = new Set<string>();
    const { modelId, report } = await lab.send('trainImageReward', { datasetId, name: 'taste', settings: SETTINGS }, ({ phase }) => phases.add(phase));
    expect(report.trainPairs + report.heldOutPairs).toBe(PAIRS);
    expect(report).toMatchObject({ leftOut: 0, mixed: 0, simulatedPairs: 0, selfAgreement: null });
    expect([...phases]).toEqual(['Reading the images', 'Training the reward model', 'Checking it on held-out judgements', 'Asking it about those that it learned from', 'Normalising']);
    expect(opened.slice().sort()).toEqual(names.map((name) => `${name}.png`).sort());

    const { scores } = await lab.send('scoreImages', { rewardModelId: modelId, mediaIds: names });
    const mean = scores.reduce((a, b) => a + b) / scores.length;
    expect(mean).toBeCloseTo(0, 4);
    expect(Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length)).toBeCloseTo(1, 4);
    const turned = (await lab.send('scoreImages', { rewardModelId: modelId, mediaIds: [names[5], names[0], names[5]] })).scores;
    [scores[5], scores[0], scores[5]].forEach((score, i) => expect(turned[i]).toBeCloseTo(score, 5));
    expect((await lab.send('scoreImages', { rewardModelId: modelId, mediaIds: [] })).scores).toEqual([]);

    const again = await lab.send('trainImageReward', { datasetId, name: 'again', settings: SETTINGS });
    expect({ ...again.report, seconds: 0 }).toEqual({ ...report, seconds: 0 });
    const database = await Database.open();
    const [record] = await listModels(database, 'image-reward');
    database.close();
    expect(record).toMatchObject({ id: modelId, name: 'taste', tokenizer: null, datasetId, report: { accuracy: report.accuracy, settings: SETTINGS } });
  }, 120_000);

  it('never pass for a model of texts, nor one of texts for theirs', async () => {
    const { modelId } = await lab.send('trainImageReward', { datasetId, name: 'taste', settings: { ...SETTINGS, epochs: 1 } });
    const { rewardModelId } = await prepareReward(lab);
    await expect(lab.send('score', { rewardModelId: modelId, items: [{ prompt: 'a', response: 'b' }] })).rejects.toThrow(/a reward model of images, and a reward model is needed/);
    await expect(lab.send('write', { modelId, prompt: 'a', count: 1, options: { maxNewTokens: 1, temperature: 1, seed: 1 } })).rejects.toThrow(/a language model is needed/);
    await expect(lab.send('scoreImages', { rewardModelId, mediaIds: names })).rejects.toThrow(/a reward model, and a reward model of images is needed/);
    await expect(lab.send('trainReward', { datasetId, baseModelId: modelId, name: 'x', settings: REWARD })).rejects.toThrow(/a language model is needed/);
    await expect(lab.send('exportModel', { modelId })).rejects.toThrow(/scores images/);
    expect((await lab.send('library', {})).models.map(({ kind }) => kind)).toContain('image-reward');
  }, 120_000);

  it('say what is wrong: with an image, a setting, or a dataset without images', async () => {
    const { modelId } = await lab.send('trainImageReward', { datasetId, name: 'taste', settings: { ...SETTINGS, epochs: 1 } });
    await expect(lab.send('scoreImages', { rewardModelId: modelId, mediaIds: ['broken'] })).rejects.toMatchObject({ name: 'BrokenImage' });
    await expect(lab.send('scoreImages', { rewardModelId: modelId, mediaIds: ['gone'] })).rejects.toMatchObject({ name: 'NotFound' });
    for (const [field, value] of [['shift', 99], ['epochs', 0], ['learningRate', NaN], ['ties', 'some'], ['seed', -1]] as const)
      await expect(lab.send('trainImageReward', { datasetId, name: 'x', settings: { ...SETTINGS, [field]: value } as never })).rejects.toThrow(new RegExp(field));
    const texts = await lab.send('createDataset', { name: 'texts', seed: 1, modelId: MODEL });
    await expect(lab.send('trainImageReward', { datasetId: texts.datasetId, name: 'x', settings: SETTINGS })).rejects.toMatchObject({ name: 'NothingToLearnFrom' });
  }, 120_000);
});
