import { mul, reshape, slice, type Tensor1D, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import { tokenDistribution } from '../tensor/tokenDistribution';
import type { ModelConfig } from './config';
import type { Parameters } from './parameters';
import { hiddenStates, nextTokenLogits } from './transformer';

/** A {@link Batch} on the device: ids int32 and mask float32, both [B, P + T]. */
export interface DeviceBatch {
  ids: Tensor2D;
  mask: Tensor2D;
  /** P */
  promptLength: number;
  /** T */
  responseLength: number;
}

export interface ResponseLogProbs {
  /** log softmax(logits / τ) of each response token, [B, T]; padding included, for the caller to mask. */
  logProbs: Tensor2D;
  /** Entropy in nats of the distribution that each response token was drawn from, [B, T]. */
  entropy: Tensor2D;
  /** Final normalised hidden states, [B, P + T, D]: what a scalar head reads. */
  hidden: Tensor3D;
}

/**
 * Log-probabilities of the responses under the policy at `temperature`,
 * differentiable in the parameters. The token in column c is predicted by the
 * state of column c − 1, so columns P − 1 … P + T − 2 are read.
 */
export function responseLogProbs(
  parameters: Parameters,
  config: ModelConfig,
  batch: DeviceBatch,
  temperature: number,
): ResponseLogProbs {
  const { ids, mask, promptLength: P, responseLength: T } = batch;
  const hidden = hiddenStates(parameters, config, ids, mask);
  const [B, , D] = hidden.shape;
  const states = reshape(slice(hidden, [0, P - 1, 0], [B, T, D]), [B * T, D]) as Tensor2D;
  // h·W / τ = (h / τ)·W, and h is V / D times smaller than the logits.
  const scaled = temperature === 1 ? states : (mul(states, 1 / temperature) as Tensor2D);
  const logits = nextTokenLogits(parameters, scaled);
  const tokens = reshape(slice(ids, [0, P], [B, T]), [B * T]) as Tensor1D;
  const { logProbs, entropy } = tokenDistribution(logits, tokens);
  return { logProbs: reshape(logProbs, [B, T]), entropy: reshape(entropy, [B, T]), hidden };
}

/**
 * Log-probability [N] of each next token under logits [N, V]; tokens int32 [N].
 * The loss of pretraining is its negative mean.
 */
export function tokenLogProbs(logits: Tensor2D, tokens: Tensor1D): Tensor1D {
  return tokenDistribution(logits, tokens).logProbs;
}
