import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ruleById } from '../../../src/feedback/rules';
import type { LabClient } from '../../../src/lab/client';
import { DPO_DEFAULTS } from '../../../src/lab/protocol';
import { Database } from '../../../src/store/database';
import { loadJudgedDataset } from '../../../src/store/judgements';
import { MODEL, openLab, PPO, REWARD, TinySite } from './tinyLab';

const site = new TinySite();
let lab: LabClient;

beforeAll(async () => {
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
});
afterAll(() => site.remove());

const options = { maxNewTokens: 6, temperature: 1, seed: 5 };
const rule = ruleById('long-words');

/** A dataset of comparisons of so many responses, and what stands of it. */
async function sampled(responses: number, count = 24) {
  const { datasetId } = await lab.send('createDataset', { name: `${responses} each`, seed: 1, modelId: MODEL });
  await lab.send('sampleComparisons', { datasetId, modelId: MODEL, count, responses, options, cut: PPO.cut });
  return datasetId;
}

async function judged(datasetId: string) {
  const database = await Database.open();
  const { comparisons, states } = await loadJudgedDataset(database, datasetId);
  database.close();
  return comparisons.map((comparison) => {
    const state = states.get(comparison.id);
    return { comparison, golds: comparison.responses.map((response) => rule.gold(response)), state: state?.status === 'judged' ? state : undefined };
  });
}

const label = (datasetId: string, form?: string, temperature = 0) => lab.send('labelWithRule', { datasetId, rule: rule.id, temperature, seed: 2, ...(form && { form: form as 'pair' }) });
const train = (datasetId: string) => lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'r', settings: { ...REWARD, epochs: 1 } });

describe('judgements of other kinds than pairs', () => {
  it('are given on comparisons of four, and make a reward model and a tuned one', async () => {
    const datasetId = await sampled(4);
    expect(await label(datasetId, 'ranking')).toMatchObject({ judged: 24, ceiling: 1 });
    const ranked = await judged(datasetId);
    for (const { comparison, golds, state } of ranked) {
      expect(comparison.responses).toHaveLength(4);
      // Without noise the order is that of the gold scores, and equal ones are tied.
      const distinct = [...new Set(golds)].sort((a, b) => b - a);
      expect(state!.verdict).toEqual({ kind: 'ranking', groups: distinct.map((gold) => golds.flatMap((other, i) => (other === gold ? [i] : []))) });
    }
    const estimate = await lab.send('estimateReward', { datasetId, baseModelId: MODEL, settings: REWARD });
    expect(estimate.largest).toBeGreaterThan(0);
    const { report } = await train(datasetId);
    expect(report).toMatchObject({ simulatedPairs: 24, ceiling: 1 });
    expect(report.trainPairs + report.heldOutPairs).toBe(24);

    const { report: direct } = await lab.send('tuneOnPreferences', { datasetId, baseModelId: MODEL, name: 'd', settings: { ...DPO_DEFAULTS, epochs: 1, batchSize: 8, klSamples: 4 } });
    const pairs = ranked.reduce((sum, { golds }) => sum + golds.flatMap((gold, i) => golds.slice(i + 1).filter((other) => other !== gold)).length, 0);
    const allTied = ranked.filter(({ golds }) => new Set(golds).size === 1).length;
    expect([direct.trainPairs + direct.heldOutPairs + direct.leftOut, direct.ties, direct.simulatedPairs]).toEqual([pairs, allTied, pairs + allTied]);
  });

  it('are thumbs and ratings of one text each, by the median and the fifths of all', async () => {
    const datasetId = await sampled(1, 30);
    expect(await lab.send('labelWithRule', { datasetId, rule: rule.id, temperature: 0, seed: 2, limit: 15, form: 'thumb' })).toMatchObject({ judged: 15, ceiling: 1 });
    expect(await label(datasetId, 'rating')).toMatchObject({ judged: 15 });
    const all = await judged(datasetId);
    const sorted = all.flatMap(({ golds }) => golds).sort((a, b) => a - b);
    const median = (sorted[14] + sorted[15]) / 2;
    for (const { golds: [gold], state } of all.slice(0, 15)) if (gold !== median) expect(state!.verdict).toEqual({ kind: 'thumb', response: 0, up: gold > median });
    const ratings = all.slice(15).map(({ golds: [gold], state }) => ({ gold, verdict: state!.verdict }));
    for (const a of ratings) for (const b of ratings) if (a.gold > b.gold) expect((a.verdict as { value: number }).value).toBeGreaterThanOrEqual((b.verdict as { value: number }).value);
    expect((await train(datasetId)).report.trainPairs).toBeGreaterThan(0);
  });

  it('are the same in verdict where a pair’s strength is asked for too', async () => {
    const [plain, strong] = [await sampled(2), await sampled(2)];
    await label(plain, undefined, 0.2);
    await label(strong, 'strength', 0.2);
    const [pairs, strengths] = [await judged(plain), await judged(strong)];
    expect(strengths.map(({ state }) => state!.verdict)).toEqual(pairs.map(({ state }) => state!.verdict));
    for (const { state } of strengths) expect([1, 2, 3, undefined]).toContain(state!.strength);
    expect(strengths.filter(({ state }) => state!.strength !== undefined)).toHaveLength(strengths.filter(({ state }) => state!.verdict !== 'tie').length);
  });

  it('are refused where they do not fit, in a sentence', async () => {
    const datasetId = await sampled(3, 4);
    await expect(label(datasetId)).rejects.toThrow(/“pair” judges 2 texts at a time/);
    await expect(label(datasetId, 'toString')).rejects.toThrow(/no form “toString”/);
    for (const responses of [0, 7, 1.5]) await expect(sampled(responses)).rejects.toThrow(/from 1 to 6 responses/);
  });

  it('are learned from only as the settings know how', async () => {
    const datasetId = await sampled(2, 8);
    await label(datasetId);
    await expect(lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'r', settings: { ...REWARD, ties: 'never' as 'soft' } })).rejects.toMatchObject({ name: 'BadCommand', message: expect.stringContaining('ties') });
  });
});
