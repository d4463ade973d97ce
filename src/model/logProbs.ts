import {
  add,
  customGrad,
  exp,
  gather,
  log,
  max,
  mul,
  neg,
  range,
  reshape,
  slice,
  sub,
  sum,
  zerosLike,
  type GradSaveFunc,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from '@tensorflow/tfjs-core';
import type { ModelConfig } from './config';
import type { Parameters } from './parameters';
import { hiddenStates, nextTokenLogits, oneHotRows } from './transformer';

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
  const logSoftmax = detachedLogSoftmax(logits);
  const tokens = reshape(slice(ids, [0, P], [B, T]), [B * T]) as Tensor1D;
  return {
    logProbs: reshape(pick(logits, logSoftmax, tokens), [B, T]),
    entropy: reshape(entropyOf(logits, logSoftmax), [B, T]),
    hidden,
  };
}

/**
 * Log-probability [N] of each next token under logits [N, V]; tokens int32 [N].
 * The loss of pretraining is its negative mean.
 */
export function tokenLogProbs(logits: Tensor2D, tokens: Tensor1D): Tensor1D {
  return pick(logits, detachedLogSoftmax(logits), tokens);
}

/*
 * The three below share one log-softmax and write each gradient in its closed
 * form over it: what reaches the logits needs no second forward pass, and
 * whichever output a loss leaves out costs nothing in its backward pass.
 */

/** log softmax of logits [N, V] by log-sum-exp, cut off from the gradient: the ops that use it bring their own. */
function detachedLogSoftmax(logits: Tensor2D): Tensor2D {
  const cut = customGrad((x) => {
    const shifted = sub(x as Tensor2D, max(x as Tensor2D, -1, true));
    return { value: sub(shifted, log(sum(exp(shifted), -1, true))), gradFunc: () => zerosLike(x as Tensor2D) };
  });
  return cut(logits) as Tensor2D;
}

/** The chosen token's entry of each row; ∂/∂logits = onehot − softmax. */
function pick(logits: Tensor2D, logSoftmax: Tensor2D, tokens: Tensor1D): Tensor1D {
  const [N, V] = logits.shape;
  const op = customGrad((_, save) => {
    (save as GradSaveFunc)([logSoftmax, tokens]);
    // One flat gather: with a batch dimension the wasm backend's reads past the tensor's end.
    const places = add(range(0, N * V, V, 'int32'), tokens);
    return {
      value: gather(reshape(logSoftmax, [N * V]), places) as Tensor1D,
      gradFunc: (dy: Tensor, [logSoftmax, tokens]: Tensor[]) =>
        mul(sub(oneHotRows(tokens as Tensor1D, V), exp(logSoftmax)), reshape(dy, [N, 1])),
    };
  });
  return op(logits) as Tensor1D;
}

/** H = −Σ p·log p of each row; ∂H/∂logits = −p·(log p + H). */
function entropyOf(logits: Tensor2D, logSoftmax: Tensor2D): Tensor1D {
  const [N] = logits.shape;
  const op = customGrad((_, save) => {
    const entropy = neg(sum(mul(exp(logSoftmax), logSoftmax), -1));
    (save as GradSaveFunc)([logSoftmax, entropy]);
    return {
      value: entropy,
      gradFunc: (dy: Tensor, [logSoftmax, entropy]: Tensor[]) =>
        mul(mul(exp(logSoftmax), add(logSoftmax, reshape(entropy, [N, 1]))), neg(reshape(dy, [N, 1]))),
    };
  });
  return op(logits) as Tensor1D;
}
