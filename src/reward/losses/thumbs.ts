import { mul, softplus, sub, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';

/**
 * −log-likelihood of thumbs, unpaired: P(up) = σ(r − zero), all [N].
 * @param labels 1 for up, 0 for down
 * @param zero the score of a response that is neither good nor bad. Pairs cannot tell it, for they see differences alone, so it is trained beside them.
 */
export function thumbsLosses(scores: Tensor1D, labels: Tensor1D, zero: Scalar): Tensor1D {
  const above = sub(scores, zero);
  return sub(softplus(above), mul(labels, above)) as Tensor1D;
}
