import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordAction } from '../../../src/feedback/recording';
import type { LabClient } from '../../../src/lab/client';
import { Database } from '../../../src/store/database';
import { addComparisons, listComparisons } from '../../../src/store/datasets';
import { appendEvents } from '../../../src/store/judgements';
import { MODEL, openLab, PPO, prepareReward, REWARD, TinySite } from './tinyLab';

const site = new TinySite();
let lab: LabClient;
let database: Database;
let datasetId: string;
let single: string;
let several: string;
let runId: string;

/** Five open items; the third is three responses, the last one alone, and the fourth has one of two tokens. */
const PROMPTS = ['Once', 'the cat was', 'Tom', 'a', 'He'];
let words: string[];
let open: { id: string; prompt: string; responses: string[] }[];

beforeAll(async () => {
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
  ({ datasetId, rewardModelId: single } = await prepareReward(lab));
  several = (await lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'three', settings: { ...REWARD, epochs: 1, members: 3 } })).modelId;
  runId = (await lab.send('createRun', { baseModelId: MODEL, rewardModelId: single, settings: { ...PPO, iterations: 2 }, seed: 11 })).runId;
  const { texts } = await lab.send('nextTokens', { modelId: MODEL, prompts: PROMPTS });
  words = [...new Set(texts.filter((text) => /^ [a-z]+$/.test(text)))].slice(0, 6);
  database = await Database.open();
  const responses = [[words[0], words[2]], [words[1], words[3]], words.slice(0, 3), [words[3] + words[4], words[5]], [words[4]]];
  open = await addComparisons(database, datasetId, PROMPTS.map((prompt, i) => ({ prompt, responses: responses[i], source: { kind: 'imported', file: 'f' } })));
}, 60_000);
afterAll(() => {
  database.close();
  site.remove();
});

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const inOrder = (values: readonly { value: number }[]) => values.every(({ value }, i) => i === 0 || value <= values[i - 1].value);

describe('ranking what is open', () => {
  it('by the members’ disagreement: the spread of σ of their margins', async () => {
    const { ranked } = await lab.send('rankOpen', { datasetId, limit: 512, by: 'uncertain', rewardModelId: several });
    expect(ranked.map(({ comparisonId }) => comparisonId).sort()).toEqual(open.map(({ id }) => id).sort());
    expect(inOrder(ranked)).toBe(true);
    for (const { id, prompt, responses } of open) {
      const { members } = await lab.send('score', { rewardModelId: several, items: responses.map((response) => ({ prompt, response })) });
      const pairs = responses.length === 1 ? [[0]] : responses.flatMap((_, i) => responses.slice(i + 1).map((_, k) => [i, i + 1 + k]));
      const expected = mean(pairs.map(([i, j]) => spread(members!.map((scores) => 1 / (1 + Math.exp(-(scores[i] - (j === undefined ? 0 : scores[j]))))))));
      expect(ranked.find(({ comparisonId }) => comparisonId === id)!.value).toBeCloseTo(expected, 5);
    }
    expect(ranked[0].value).toBeGreaterThan(0);
  });

  it('by how far the policy has moved: the change of log π that its next tokens show', async () => {
    await expect(lab.send('rankOpen', { datasetId, limit: 8, by: 'moved', runId })).rejects.toThrow(/has not moved/);
    await lab.send('play', { runId });
    const { ranked } = await lab.send('rankOpen', { datasetId, limit: 8, by: 'moved', runId });
    expect(ranked).toHaveLength(open.length);
    expect(inOrder(ranked)).toBe(true);
    const logRatio = async (prompt: string, response: string) => {
      const tokens = response.match(/ [a-z]+/g)!;
      const prompts = tokens.map((_, t) => prompt + tokens.slice(0, t).join(''));
      const { texts, probabilities: before } = await lab.send('nextTokens', { modelId: MODEL, prompts });
      const { probabilities: after } = await lab.send('nextTokens', { runId, prompts });
      return tokens.map((token, t) => Math.log(after[t][texts.indexOf(token)] / before[t][texts.indexOf(token)]));
    };
    for (const { id, prompt, responses } of open) {
      const ratios = await Promise.all(responses.map((response) => logRatio(prompt, response)));
      expect(ranked.find(({ comparisonId }) => comparisonId === id)!.value).toBeCloseTo(mean(ratios.map((each) => Math.abs(mean(each)))), 4);
    }
    const { modelId } = await lab.send('keepPolicy', { runId, name: 'kept' });
    expect(await lab.send('rankOpen', { datasetId, limit: 8, by: 'moved', modelId })).toEqual({ ranked });
  });

  it('draws so many by the dataset’s seed, and takes what a labeler has not judged', async () => {
    const ask = async (limit: number, rater?: { kind: 'person'; name: string }) => {
      const { ranked } = await lab.send('rankOpen', { datasetId, limit, rater, by: 'uncertain', rewardModelId: several });
      return ranked.map(({ comparisonId }) => comparisonId).sort();
    };
    expect(await ask(3)).toHaveLength(3);
    expect(await ask(3)).toEqual(await ask(3));
    const ann = { kind: 'person', name: 'Ann' } as const;
    const comparisons = await listComparisons(database, datasetId);
    expect(await ask(512, ann)).toHaveLength(comparisons.length);
    const judged = comparisons.find(({ id }) => id === open[0].id)!;
    await appendEvents(database, [recordAction(judged, ann, { kind: 'judged', verdict: 'first' }, Date.now())]);
    expect(await ask(512, ann)).not.toContain(open[0].id);
    expect(await ask(512)).toEqual(open.slice(1).map(({ id }) => id).sort());
  });

  it('tells how far it is, and can be given up', async () => {
    const seen: number[] = [];
    const pending = lab.send('rankOpen', { datasetId, limit: 512, rater: { kind: 'person', name: 'Bea' }, by: 'uncertain', rewardModelId: several }, ({ done, total }) => {
      seen.push(done / total);
      pending.cancel();
    });
    await expect(pending).rejects.toMatchObject({ name: 'Cancelled' });
    expect(seen[0]).toBeLessThan(1);
  });

  it('says why it cannot', async () => {
    await expect(lab.send('rankOpen', { datasetId, limit: 8, by: 'uncertain', rewardModelId: single })).rejects.toThrow(/two or more members/);
    await expect(lab.send('rankOpen', { datasetId, limit: 8, by: 'moved', modelId: MODEL })).rejects.toThrow(/has not moved/);
    await expect(lab.send('rankOpen', { datasetId, limit: 513, by: 'moved', modelId: MODEL })).rejects.toThrow(/from 1 to 512/);
    await expect(lab.send('rankOpen', { datasetId: 'gone', limit: 8, by: 'moved', runId })).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});

describe('a reward model that learned from what a strategy chose', () => {
  it('is tested on the rest, and says what was set aside or that there was no rest', async () => {
    const learn = async (isChosen: (i: number) => boolean) => {
      const { datasetId: mixed } = await lab.send('createDataset', { name: 'mixed', seed: 4, modelId: MODEL });
      const drafts = Array.from({ length: 24 }, (_, i) => ({ prompt: PROMPTS[i % 4], responses: [words[i % 6], words[(i + 1 + (i % 4)) % 6]], source: { kind: 'imported' as const, file: 'f' } }));
      const comparisons = await addComparisons(database, mixed, drafts);
      const events = comparisons.map((comparison, i) => recordAction(comparison, { kind: 'person', name: 'Ann' }, { kind: 'judged', verdict: i % 3 ? 'first' : 'second', choice: isChosen(i) ? 'uncertain' : 'random' }, i));
      await appendEvents(database, events);
      const { report } = await lab.send('trainReward', { datasetId: mixed, baseModelId: MODEL, name: 'mixed', settings: { ...REWARD, epochs: 1, heldOutShare: 0.25 } });
      return { report, chosen: new Set(comparisons.filter((_, i) => isChosen(i)).map(({ id }) => id)) };
    };
    // Of each prompt's six pairs, four.
    const { report, chosen } = await learn((i) => i % 12 >= 4);
    expect([report.trainPairs, report.heldOutPairs, report.chosen]).toEqual([18, 2, { setAside: 4 }]);
    expect(report.heldOut!.filter((id) => chosen.has(id))).toEqual([]);
    const { report: all } = await learn(() => true);
    expect([all.trainPairs, all.heldOutPairs, all.chosen]).toEqual([18, 6, { tested: true }]);
    expect((await learn(() => false)).report).not.toHaveProperty('chosen');
  });
});
