import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabClient, type LabPort } from '../../../src/lab/client';
import { Lab } from '../../../src/lab/lab';
import { LEAN, REWARD_DEFAULTS, type CommandMessage, type PpoSettings, type RewardSettings } from '../../../src/lab/protocol';
import { placeTinyModel } from '../../e2e/tinyModel';

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
export function openLab(site: TinySite): LabClient {
  let deliver: (event: { data: never }) => void = () => undefined;
  const lab = new Lab({ assets: site.assets }, (event) => deliver({ data: structuredClone(event) as never }));
  return new LabClient({
    postMessage: (message) => void lab.handle(structuredClone(message) as CommandMessage),
    addEventListener: (type: string, listener: (event: never) => void) => {
      if (type === 'message') deliver = listener;
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
export async function prepareReward(lab: LabClient, pairs = 24): Promise<{ datasetId: string; rewardModelId: string }> {
  const { datasetId } = await lab.send('createDataset', { name: 'pairs', seed: 1, modelId: MODEL });
  const options = { maxNewTokens: PPO.responseLength, temperature: 1, seed: 5 };
  await lab.send('sampleComparisons', { datasetId, modelId: MODEL, count: pairs, options, cut: PPO.cut });
  await lab.send('labelWithRule', { datasetId, rule: 'longWords', temperature: 'calibrated', seed: 2 });
  const { modelId } = await lab.send('trainReward', { datasetId, baseModelId: MODEL, name: 'tiny reward', settings: REWARD });
  return { datasetId, rewardModelId: modelId };
}
