import type { RandomStream } from '../tensor/random';
import type { ModelConfig } from './config';
import { TARGET } from './critic';
import { adapterShapes, initAdapter, mergedMatrix } from './lora';
import { parameterShapes, toParameters, type Parameters, type Weights } from './parameters';
import { headShapes, type ScalarHead } from './scalarHead';
import type { Tuning } from './tuningSettings';

/** Where the names of what a trunk carries begin: a scalar head, or the several of a critic. */
type Head = ScalarHead | 'critic';

/** Whether a tensor of a model with this head is trained. */
function isTrained(name: string, { what, layers }: Tuning, { num_hidden_layers }: ModelConfig, head: Head): boolean {
  if (name.startsWith(TARGET)) return false;
  if (what === 'all' || name.startsWith(`${head}.`)) return true;
  if (what === 'lora') return /\.lora_[AB]\.weight$/.test(name);
  // A policy's own head is the embedding, which its input shares: what the output has to itself is the norm before it.
  if (name === 'model.norm.weight') return what === 'last' || head === 'value';
  const layer = /^model\.layers\.(\d+)\./.exec(name);
  return what === 'last' && layer !== null && Number(layer[1]) >= num_hidden_layers - layers;
}

/** Name and shape of what is trained: what a checkpoint of it holds. */
export function trainedShapes(config: ModelConfig, tuning: Tuning, head: ScalarHead): Map<string, number[]> {
  const shapes = [...parameterShapes(config), ...headShapes(head, config.hidden_size), ...(tuning.what === 'lora' ? adapterShapes(config, tuning) : [])];
  return new Map(shapes.filter(([name]) => isTrained(name, tuning, config, head)));
}

/** A model and its head on the device, ready to be tuned: what is frozen is not trainable, and a fresh adapter changes nothing yet. */
export function tunedParameters(start: Weights, config: ModelConfig, tuning: Tuning, head: Head, random: RandomStream): Parameters {
  const all: Weights = tuning.what === 'lora' ? new Map([...start, ...initAdapter(config, tuning, random)]) : start;
  return toParameters(all, (name) => isTrained(name, tuning, config, head));
}

/** The part of the parameters that is trained, in their order. */
export function trainedOf(parameters: Parameters): Parameters {
  return new Map([...parameters].filter(([, { trainable }]) => trainable));
}

/**
 * The model `start` beside one that is tuned from it: without the adapter, its
 * own copies of what is trained in place, and the very same variables for the
 * rest, so that memory does not double. Disposing both is right.
 */
export function referenceParameters(tuned: Parameters, start: Weights): Parameters {
  const own = toParameters(new Map([...start].filter(([name]) => tuned.get(name)!.trainable)), () => false);
  return new Map([...start.keys()].map((name) => [name, own.get(name) ?? tuned.get(name)!]));
}

/** The tensors of `start` as tuning left them, by the values of what was trained: the adapter is merged, and heads that `start` lacks are left out. */
export function tunedWeights(start: Weights, trained: Weights, tuning: Tuning): Weights {
  return new Map([...start].map(([name, before]) => {
    const { shape, data } = trained.get(name) ?? before;
    return [name, { shape, data: tuning.what === 'lora' ? mergedMatrix(name, { shape, data }, trained, tuning) : data }];
  }));
}
