import { div, mul, sum, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';

/**
 * Mean over the judgements of weight 1; those of weight 0 only fill a batch.
 * Both [N]. Every loss beside this one gives a number for each judgement, in
 * nats where it is a likelihood, so that kinds of judgement mix in one batch.
 */
export function weightedMean(losses: Tensor1D, weights: Tensor1D): Scalar {
  return div(sum(mul(losses, weights)), sum(weights)) as Scalar;
}
