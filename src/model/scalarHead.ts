import { add, matMul, reshape, type Tensor1D, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../tensor/random';
import type { Parameters, Weights } from './parameters';

/** The scalar heads that a trunk can carry; the reward head's name is that of Hub sequence classifiers, and the last is a critic's (critic.ts). */
export type ScalarHead = 'score' | 'value' | 'critic.v';

/** Name and shape of a head's parameters, as {@link parameterShapes} has those of the trunk. */
export function headShapes(head: ScalarHead, hiddenSize: number): Map<string, number[]> {
  return new Map([
    [`${head}.weight`, [1, hiddenSize]],
    [`${head}.bias`, [1]],
  ]);
}

/** Reward head: w ~ N(0, 1/(d+1)), b = 0 (Ziegler et al. 2019; openai/lm-human-preferences `model.py`). */
export function initRewardHead(hiddenSize: number, random: RandomStream): Weights {
  const std = 1 / Math.sqrt(hiddenSize + 1);
  return new Map([
    ['score.weight', { shape: [1, hiddenSize], data: Float32Array.from({ length: hiddenSize }, () => std * random.normal()) }],
    ['score.bias', { shape: [1], data: new Float32Array(1) }],
  ]);
}

/** Value head: zero, so that the first advantages are the rewards themselves. */
export function initValueHead(hiddenSize: number, head: 'value' | 'critic.v' = 'value'): Weights {
  return new Map([
    [`${head}.weight`, { shape: [1, hiddenSize], data: new Float32Array(hiddenSize) }],
    [`${head}.bias`, { shape: [1], data: new Float32Array(1) }],
  ]);
}

/** w · h + b at every position: hidden [B, T, D] to [B, T]. */
export function scalarHead(parameters: Parameters, head: ScalarHead, hidden: Tensor3D): Tensor2D {
  const [B, T, D] = hidden.shape;
  const weight = parameters.get(`${head}.weight`)! as unknown as Tensor2D;
  const bias = parameters.get(`${head}.bias`)! as unknown as Tensor1D;
  return reshape(add(matMul(reshape(hidden, [B * T, D]) as Tensor2D, weight, false, true), bias), [B, T]);
}
