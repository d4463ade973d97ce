import { add, mul, reshape, slice, type Tensor1D, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import { tokenDistribution } from '../tensor/tokenDistribution';
import type { ModelConfig } from './config';
import { advantages, type Guide } from './critic';
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
 * differentiable in the parameters, or with a critic to guide it, exactly as {@link generate}
 * then draws. The token in column c is predicted by the
 * state of column c − 1, so columns P − 1 … P + T − 2 are read.
 */
export function responseLogProbs(
  parameters: Parameters,
  config: ModelConfig,
  batch: DeviceBatch,
  temperature: number,
  guide?: Guide,
): ResponseLogProbs {
  const { ids, mask, promptLength: P, responseLength: T } = batch;
  const hidden = hiddenStates(parameters, config, ids, mask);
  const [B, , D] = hidden.shape;
  const before = (states: Tensor3D) => reshape(slice(states, [0, P - 1, 0], [B, T, D]), [B * T, D]) as Tensor2D;
  const states = before(hidden);
  // h·W / τ = (h / τ)·W, and h is V / D times smaller than the logits.
  const scaled = temperature === 1 ? states : (mul(states, 1 / temperature) as Tensor2D);
  const own = nextTokenLogits(parameters, scaled);
  const logits = guide ? guided(own, guide, before(hiddenStates(guide.critic, config, ids, mask)), temperature) : own;
  const tokens = reshape(slice(ids, [0, P], [B, T]), [B * T]) as Tensor1D;
  const { logProbs, entropy } = tokenDistribution(logits, tokens);
  return { logProbs: reshape(logProbs, [B, T]), entropy: reshape(entropy, [B, T]), hidden };
}

/** (logits + β·A) / τ, of logits / τ [N, V] and the critic's hidden states [N, D]. */
function guided(scaled: Tensor2D, { critic, beta }: Guide, states: Tensor2D, temperature: number): Tensor2D {
  return add(scaled, mul(beta / temperature, advantages(critic, states)));
}

/**
 * Log-probability [N] of each next token under logits [N, V]; tokens int32 [N].
 * The loss of pretraining is its negative mean.
 */
export function tokenLogProbs(logits: Tensor2D, tokens: Tensor1D): Tensor1D {
  return tokenDistribution(logits, tokens).logProbs;
}
