import type { ModelConfig } from './config';
import { backwardBuffers, countNumbers, forwardBuffers, largestBytes, pooledBytes, tensorBuffers, type Buffers } from './footprint';
import { parameterShapes } from './parameters';
import { headShapes, type ScalarHead } from './scalarHead';
import { trainedShapes } from './tuning';
import type { Tuning } from './tuningSettings';
import type { Effort } from './arithmetic';
import { adapterShapes } from './lora';

/** What a piece of work asks of a device. */
export interface Demand {
  /** Bytes of device memory held at the peak. */
  bytes: number;
  /** Bytes of the largest single buffer, which the device's limits bound. */
  largest: number;
  /** Of the whole work. */
  effort: Effort;
}

/** A model with a head on the device, and its optimiser: weights, and flat copies of what is trained and of its gradients and moments. */
export function tunedModelBuffers(config: ModelConfig, tuning: Tuning, head: ScalarHead): Buffers {
  const adapter = tuning.what === 'lora' ? tensorBuffers(adapterShapes(config, tuning)) : [];
  return [...modelBuffers(config, head), ...adapter, [countNumbers(trainedShapes(config, tuning, head)), 4]];
}

/** The weights of a model with a head. */
export function modelBuffers(config: ModelConfig, head: ScalarHead): Buffers {
  return tensorBuffers(new Map([...parameterShapes(config), ...headShapes(head, config.hidden_size)]));
}

/** Gradients of N positions, `sets` of them at once: with those, all that the ways forward and back left. */
export function trainingBuffers(config: ModelConfig, N: number, tuning: Tuning, head: ScalarHead, sets: number): Buffers {
  const gradients = tensorBuffers(trainedShapes(config, tuning, head)).map(([floats, count]) => [floats, sets * count] as const);
  return [...forwardBuffers(config, N, tuning), ...backwardBuffers(config, N, tuning), ...gradients];
}

/** Bytes and largest buffer of phases that share `resident` buffers; `readBack`: what is mapped for a checkpoint, in buffers of their own kind. */
export function memoryOf(resident: Buffers, phases: readonly Buffers[], readBack: Buffers): Pick<Demand, 'bytes' | 'largest'> {
  const whole = phases.map((phase) => [...resident, ...phase]);
  return { bytes: pooledBytes(whole) + pooledBytes([readBack]), largest: largestBytes(whole) };
}
