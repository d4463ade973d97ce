import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { LabClient, type LabPort } from '../../../src/lab/client';
import type { LabEnvironment } from '../../../src/lab/environment';
import { Lab } from '../../../src/lab/lab';
import { LEAN, REWARD_DEFAULTS, type CommandMessage, type PpoSettings, type RewardSettings } from '../../../src/lab/protocol';
import { Database } from '../../../src/store/database';
import { placeTinyModel } from '../../e2e/tinyModel';
import { WASM_FOLDER } from '../tensor/wasmFolder';

/** A folder that serves the tiny model, as a built page would. */
export class TinySite {
  readonly folder = mkdtempSync(join(tmpdir(), 'nudge-lab-'));
  /** What a server does wrong, by path; a test sets it. */
  spoil: (path: string, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes;

  constructor() {
    placeTinyModel(this.folder);
  }

  readonly assets = async (path: string) => this.spoil(path, new Uint8Array(await readFile(join(this.folder, path))));

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A lab over a port that copies messages, as a worker's does. */
export function openLab(site: TinySite, more: Partial<LabEnvironment> = {}): LabClient {
  let deliver: (event: { data: never }) => void = () => undefined;
  const lab = new Lab({ assets: site.assets, wasmFolder: WASM_FOLDER, ...more }, (event) => deliver({ data: structuredClone(event) as never }));
  return new LabClient({
    postMessage: (message) => void lab.handle(structuredClone(message) as CommandMessage),
    addEventListener: (type: string, listener: (event: never) => void) => {
      if (type === 'message') deliver = listener as typeof deliver;
    },
  } as LabPort);
}

export const MODEL = 'shipped:tiny';

export const REWARD: RewardSettings = { ...REWARD_DEFAULTS, batchSize: 8, normalisationSamples: 16 };

export const PPO: PpoSettings = {
  ...LEAN,
  batchSize: 4,
  responseLength: 6,
  promptLength: 40,
  iterations: 4,
  epochs: 2,
  cut: { at: 'eos', afterTokens: 0 },
  checkpointEvery: 2,
};

/** Sampled and labelled pairs, and a reward model made of them. */
export async function prepareReward(lab: LabClient): Promise<{ datasetId: string; rewardModelId: string }> {
  const { datasetId } = await lab.send('createDataset', { name: 'pairs', seed: 1, modelId: MODEL });
  const options = { maxNewTokens: PPO.responseLength, temperature: 1, seed: 5 };
  await lab.send('sampleComparisons', { datasetId, modelId: MODEL, count: 24, options, cut: PPO.cut });
  await lab.send('labelWithRule', { datasetId, rule: 'long-words', temperature: 'calibrated', seed: 2 });
  const { modelId } = await lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'tiny reward', settings: REWARD });
  return { datasetId, rewardModelId: modelId };
}

const STORES = ['models', 'weights', 'datasets', 'comparisons', 'events', 'runs', 'metrics', 'samples', 'checkpoints'] as const;

/** Everything that is kept at this moment, as a crash would leave it; calling it replaces the database by a new one of that content. */
export async function takeImage(): Promise<() => Promise<void>> {
  const database = await Database.open();
  const rows = await database.read([...STORES], (transaction) => Promise.all(STORES.map((store) => transaction.objectStore(store).getAll())));
  database.close();
  return async () => {
    globalThis.indexedDB = new IDBFactory();
    const copy = await Database.open();
    await copy.write({ stores: [...STORES], durability: 'relaxed', changes: [] }, (transaction) =>
      Promise.all(STORES.flatMap((store, i) => rows[i].map((row) => transaction.objectStore(store).put(structuredClone(row) as never)))),
    );
    copy.close();
  };
}
