import type { Speed } from '../tensor/speed';
import type { ModelConfig } from './config';
import { countNumbers, decodingLaunches, layersBehind } from './footprint';
import { adapterShapes } from './lora';
import type { Tuning } from './tuningSettings';

/*
 * How much a pass of the transformer computes. A product of M × K and K × N
 * costs 2·M·N·K floating-point operations; all else is left out, as usual
 * (Kaplan et al. 2020, §2.1). Rows of T positions, D width, L layers, V tokens.
 */

/** Floating-point operations, and launches of programs on a GPU. */
export interface Effort {
  flops: number;
  launches: number;
}

export const NO_EFFORT: Effort = { flops: 0, launches: 0 };

export function sumEffort(...efforts: Effort[]): Effort {
  return efforts.reduce((a, b) => ({ flops: a.flops + b.flops, launches: a.launches + b.launches }), NO_EFFORT);
}

export function times(n: number, { flops, launches }: Effort): Effort {
  return { flops: n * flops, launches: n * launches };
}

/** Seconds that it takes a device of this speed, if it computed everything as fast as it does large matrix products. */
export function idealSeconds({ flops, launches }: Effort, { flopsPerSecond, secondsPerLaunch }: Pick<Speed, 'flopsPerSecond' | 'secondsPerLaunch'>): number {
  return flops / flopsPerSecond + launches * secondsPerLaunch;
}

/** The matrices of a layer for one position, both its additions where it has adapters. */
function layerFlops(config: ModelConfig, tuning?: Tuning): { base: number; adapter: number } {
  const { hidden_size: D, intermediate_size: F, num_hidden_layers: L } = config;
  return { base: 2 * (4 * D * D + 3 * D * F), adapter: tuning?.what === 'lora' ? (2 * countNumbers(adapterShapes(config, tuning))) / L : 0 };
}

/** Causal attention of rows of T positions, in one layer: each looks at itself and those before, by a product with its key and one with its value. */
const attentionFlops = ({ hidden_size: D }: ModelConfig, rows: number, T: number): number => rows * 2 * D * T * (T + 1);

/** Hidden states of `rows` of T positions, and logits at `outputs` of them in all. */
export function forwardEffort(config: ModelConfig, rows: number, T: number, outputs: number, tuning?: Tuning): Effort {
  const { num_hidden_layers: L, hidden_size: D, vocab_size: V } = config;
  const { base, adapter } = layerFlops(config, tuning);
  return {
    flops: L * (rows * T * (base + adapter) + attentionFlops(config, rows, T)) + 2 * D * V * outputs,
    launches: 9 * L + 8 + (adapter > 0 ? 13 * L : 0),
  };
}

/**
 * The gradients of such a pass: for every matrix that is passed on the way back
 * one product for its input, and one more where it is itself trained; attention's
 * is 2½ times its forward pass, for the weights are computed again.
 */
export function backwardEffort(config: ModelConfig, rows: number, T: number, outputs: number, tuning: Tuning): Effort {
  const { hidden_size: D, vocab_size: V } = config;
  const depth = layersBehind(config, tuning);
  const { base, adapter } = layerFlops(config, tuning);
  const own = tuning.what === 'lora' ? 1 : 2;
  return {
    flops: depth * (rows * T * (own * base + 2 * adapter) + 2.5 * attentionFlops(config, rows, T)) + (tuning.what === 'all' ? 2 : 1) * 2 * D * V * outputs,
    launches: 15 * depth + 20 + (adapter > 0 ? 21 * depth : 0),
  };
}

/** `rows` responses of `room` tokens written to prompts of `width`, against a cache. */
export function decodingEffort(config: ModelConfig, rows: number, width: number, room: number): Effort {
  const { hidden_size: D, num_hidden_layers: L, vocab_size: V } = config;
  const { base } = layerFlops(config);
  const attended = room * width + (room * (room + 1)) / 2;
  const steps: Effort = { flops: rows * (room * (L * base + 2 * D * V) + L * 4 * D * attended), launches: room * decodingLaunches(config) };
  return sumEffort(forwardEffort(config, rows, width, rows), steps);
}
