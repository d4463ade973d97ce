import type { PretrainingState } from '../../src/model/pretraining';
import type { Weights } from '../../src/model/parameters';
import { readMetadata, readSafetensors, writeSafetensors } from '../../src/model/safetensors';
import type { HistoryPoint } from './history';

export interface Checkpoint {
  state: PretrainingState;
  /** The settings that the run was started with, as JSON: a run resumes only under the same. */
  settings: string;
  history: HistoryPoint[];
}

/** One file: weights and both moments as tensors in single precision, the rest as its metadata. */
export function packCheckpoint({ state, settings, history }: Checkpoint): Uint8Array {
  const tensors: Weights = new Map();
  for (const [name, { shape, data }] of state.weights) {
    tensors.set(`weights/${name}`, { shape, data });
    const moments = state.optimiser.moments.get(name);
    if (!moments) continue;
    tensors.set(`first/${name}`, { shape, data: moments.first });
    tensors.set(`second/${name}`, { shape, data: moments.second });
  }
  const rest = { step: state.step, random: state.random, updates: state.optimiser.step, history };
  return writeSafetensors(tensors, { dtype: 'F32', metadata: { settings, rest: JSON.stringify(rest) } });
}

export function unpackCheckpoint(bytes: Uint8Array): Checkpoint {
  const metadata = readMetadata(bytes);
  const rest = JSON.parse(metadata.get('rest') ?? '') as Pick<PretrainingState, 'step' | 'random'> & { updates: number; history: HistoryPoint[] };
  const tensors = readSafetensors(bytes);
  const weights: Weights = new Map();
  const moments: PretrainingState['optimiser']['moments'] = new Map();
  for (const [path, tensor] of tensors) {
    if (!path.startsWith('weights/')) continue;
    const name = path.slice('weights/'.length);
    weights.set(name, tensor);
    const [first, second] = [tensors.get(`first/${name}`), tensors.get(`second/${name}`)];
    if (first && second) moments.set(name, { first: first.data, second: second.data });
  }
  return {
    state: { step: rest.step, random: rest.random, weights, optimiser: { step: rest.updates, moments } },
    settings: metadata.get('settings') ?? '',
    history: rest.history,
  };
}
