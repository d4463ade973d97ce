import { DISPATCHES_PER_SUBMIT } from '../tensor/backend';
import type { ModelConfig } from './config';
import { STOP_CHECK_STEPS } from './decoding';
import { parameterShapes } from './parameters';
import type { Tuning } from './tuningSettings';

/*
 * What a pass of the transformer holds on the device, counted by hand from
 * transformer.ts and the operations below it: while gradients are computed,
 * every result of the way forward and back stays until the end. N positions, D width, F inner
 * width, H heads of size S, L layers, V tokens. Counts are those of the
 * matrix product by quads; by tiles a residual adds one [N, D].
 */

/** Buffers by their size: floats in one, and how many are wanted at once. */
export type Buffers = readonly (readonly [floats: number, count: number])[];

const BYTES = 4;

/**
 * Bytes held after some phases have run one after another. tfjs keeps every free
 * buffer for the next request of exactly its size, and never gives one back, so
 * each size costs what the phase that wants most of it does.
 */
export function pooledBytes(phases: readonly Buffers[]): number {
  const most = new Map<number, number>();
  for (const phase of phases) {
    const wanted = new Map<number, number>();
    for (const [floats, count] of phase) wanted.set(floats, (wanted.get(floats) ?? 0) + count);
    for (const [floats, count] of wanted) most.set(floats, Math.max(most.get(floats) ?? 0, count));
  }
  return [...most].reduce((sum, [floats, count]) => sum + floats * count * BYTES, 0);
}

/** Bytes of the largest single buffer. */
export function largestBytes(phases: readonly Buffers[]): number {
  return phases.flat().reduce((largest, [floats, count]) => (count > 0 ? Math.max(largest, floats * BYTES) : largest), 0);
}

/** One buffer for each tensor of these shapes. */
export function tensorBuffers(shapes: ReadonlyMap<string, readonly number[]>): Buffers {
  return [...shapes.values()].map((shape) => [shape.reduce((a, b) => a * b, 1), 1]);
}

/** Numbers in the tensors of these shapes. */
export function countNumbers(shapes: ReadonlyMap<string, readonly number[]>): number {
  return tensorBuffers(shapes).reduce((sum, [floats]) => sum + floats, 0);
}

/**
 * Hidden states of N positions. A layer makes five [N, D] (two norms, what is
 * mixed, two results), two [N, 3·D] (queries, keys and values, before and after
 * the turn), gate and up as [N, 2·F], their product, and the attention's log-sums; its
 * matrices that read one input stand together. Around them embedding and final norm, and the angles.
 */
export function forwardBuffers(config: ModelConfig, N: number, tuning?: Tuning): Buffers {
  const { hidden_size: D, intermediate_size: F, num_attention_heads: H, num_hidden_layers: L } = config;
  return [
    [N * D, 5 * L + 2],
    [N * 3 * D, 2 * L],
    [N * 2 * F, L],
    [N * F, L],
    [N * H, L],
    [(N * D) / H / 2, 2],
    [3 * D * D, L],
    [2 * F * D, L],
    ...lowRankBuffers(config, N, tuning),
  ];
}

/**
 * The way back through the layers that something trained lies in or before: for
 * each what the way forward made, and twice the sum with the residual; one more for the final norm.
 * The gradients of matrices that stand together come together, too.
 */
export function backwardBuffers(config: ModelConfig, N: number, tuning: Tuning): Buffers {
  const { hidden_size: D, intermediate_size: F, num_attention_heads: H } = config;
  const depth = layersBehind(config, tuning);
  return [
    [N * D, 7 * depth + 1],
    [N * 3 * D, 2 * depth],
    [N * 2 * F, depth],
    [N * F, depth],
    [N * H, depth],
    ...(tuning.what === 'lora' ? [] : ([[3 * D * D, depth], [2 * F * D, depth]] as const)),
    ...lowRankBuffers(config, N, tuning),
    // What the tied embedding gets as output and as input.
    ...(tuning.what === 'all' ? ([[config.vocab_size * D, 2]] as const) : []),
  ];
}

/** Layers that the way back goes through. */
export function layersBehind({ num_hidden_layers: L }: ModelConfig, { what, layers }: Tuning): number {
  return what === 'head' ? 0 : what === 'last' ? Math.min(layers, L) : L;
}

/** Matrices of a layer that read the same input. */
const READERS = [['q_proj', 'k_proj', 'v_proj'], ['o_proj'], ['gate_proj', 'up_proj'], ['down_proj']];

/** x·Aᵀ of the adapters that read the same x, together. */
function lowRankBuffers({ num_hidden_layers: L }: ModelConfig, N: number, tuning?: Tuning): Buffers {
  if (tuning?.what !== 'lora') return [];
  return READERS.map((readers) => [N * tuning.rank * readers.filter((name) => tuning.targets.some((target) => name === target)).length, L]);
}

/** Launches of one step of decoding: nine a layer; embedding, final norm, logits and the draw. */
export const decodingLaunches = ({ num_hidden_layers: L }: ModelConfig): number => 9 * L + 4;

/** `rows` responses of `room` tokens written to prompts of `width`, see decoding.ts: the prompts' pass, the caches, packed matrices, and the steps whose results are not free before the next submit. */
export function decodingBuffers(config: ModelConfig, rows: number, width: number, room: number, tuning?: Tuning): Buffers {
  const { hidden_size: D, intermediate_size: F, num_hidden_layers: L, vocab_size: V } = config;
  const steps = Math.min(room, STOP_CHECK_STEPS, Math.ceil(DISPATCHES_PER_SUBMIT / decodingLaunches(config)));
  return [
    ...forwardBuffers(config, rows * width, tuning),
    [rows * (width + room) * D, 2 * L],
    [3 * D * D, L],
    [2 * F * D, L],
    // An adapter is merged into every matrix that has one.
    ...(tuning?.what === 'lora' ? tensorBuffers(adaptedShapes(config, tuning)) : []),
    [rows * D, steps * (6 * L + 2)],
    [rows * 3 * D, steps * L],
    [rows * 2 * F, steps * L],
    [rows * F, steps * L],
    [rows * V, steps],
  ];
}

function adaptedShapes(config: ModelConfig, { targets }: Tuning): Map<string, number[]> {
  return new Map([...parameterShapes(config)].filter(([name]) => targets.some((target) => name.endsWith(`.${target}.weight`))));
}
