import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workbench, type Memory, type Send } from '../../../src/experiments/workbench';
import type { LabClient } from '../../../src/lab/client';
import { Database } from '../../../src/store/database';
import { loadJudgedDataset } from '../../../src/store/judgements';
import { MODEL, openLab, PPO, REWARD, TinySite } from '../lab/tinyLab';

const site = new TinySite();
let lab: LabClient;
const asked: string[] = [];
const send: Send = (type, args, onProgress) => {
  asked.push(type);
  return lab.send(type, args, onProgress);
};

beforeAll(async () => {
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
});
afterAll(() => site.remove());

/** Steps are kept as JSON, as a file or a database would. */
class JsonMemory implements Memory {
  readonly steps = new Map<string, string>();
  get(key: string): unknown {
    const kept = this.steps.get(key);
    return kept === undefined ? undefined : JSON.parse(kept);
  }
  put(key: string, value: unknown): void {
    this.steps.set(key, JSON.stringify(value));
  }
}

async function kept(datasetId: string) {
  const database = await Database.open();
  const judged = await loadJudgedDataset(database, datasetId);
  database.close();
  return judged;
}

const ground = { modelId: MODEL, width: 16, rule: 'long-words' };
const labels = { seed: 3, count: 64, temperature: 0 };
const settings = { ...PPO, iterations: 2 };
const quick = { ...REWARD, seed: 3 };

describe('the steps of an experiment', () => {
  const memory = new JsonMemory();

  it('run once, whoever asks, and go on after they were cut off', async () => {
    const first = await new Workbench(send, memory, ground).run(labels, settings, quick, 'an arm');
    expect(first.history.map(({ iteration }) => iteration)).toEqual([1, 2]);
    expect(first.evaluation.samples).toBe(256);
    expect(asked.filter((type) => type === 'play')).toHaveLength(1);
    asked.length = 0;

    // Another experiment on the same ground, after a restart.
    const nobody: Send = (type) => Promise.reject(new Error(`asked for ${type}`));
    expect(await new Workbench(nobody, memory, ground).run(labels, settings, quick)).toEqual(JSON.parse(JSON.stringify(first)));
    const { report } = await new Workbench(nobody, memory, ground).reward(labels, quick);
    expect(report.trainPairs + report.heldOutPairs).toBe(64);

    // What differs is done, and only that.
    await new Workbench(send, memory, ground).run(labels, { ...settings, gamma: 0.9 }, quick);
    expect(new Set(asked)).toEqual(new Set(['createRun', 'history', 'play', 'evaluate']));
    await expect(new Workbench(nobody, memory, { ...ground, rule: 'cheerful' }).labels(labels)).rejects.toThrow(/asked for createDataset/);
  }, 120_000);

  it('goes on with a run that was cut off while it played', async () => {
    asked.length = 0;
    const broken: Send = (type, args, onProgress) => (type === 'evaluate' ? Promise.reject(new Error('cut off')) : send(type, args, onProgress));
    const other = { ...settings, lambda: 0.5 };
    await expect(new Workbench(broken, memory, ground).run(labels, other, quick)).rejects.toThrow('cut off');
    await new Workbench(send, memory, ground).run(labels, other, quick);
    expect(asked.filter((type) => type === 'createRun' || type === 'play')).toEqual(['createRun', 'play']);
  }, 120_000);

  it('labels half of what a tuned policy wrote, where asked to', async () => {
    const bench = new Workbench(send, memory, ground);
    const { datasetId } = await bench.labels({ ...labels, policy: settings });
    const { comparisons } = await kept(datasetId);
    const writers = comparisons.map(({ source }) => (source.kind === 'sampled' ? source.modelId : ''));
    expect(writers.slice(0, 32)).toEqual(Array(32).fill(MODEL));
    expect(new Set(writers.slice(32)).size).toBe(1);
    expect(writers[32]).not.toBe(MODEL);
    // The first half are the very pairs that all labels begin with.
    const plain = await kept((await bench.labels(labels)).datasetId);
    expect(comparisons.slice(0, 32).map(({ responses }) => responses)).toEqual(plain.comparisons.slice(0, 32).map(({ responses }) => responses));
  }, 120_000);
});
