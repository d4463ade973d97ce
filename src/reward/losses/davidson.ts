import { abs, add, logSumExp, mul, neg, onesLike, stack, sub, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';

/**
 * −log-likelihood of pairs that may be ties, under the model of Davidson (1970):
 * with Δ = r₁ − r₂,
 *
 *     P(first ≻ second) : P(tie) : P(second ≻ first) = exp(Δ/2) : ν : exp(−Δ/2)
 *
 * so that a tie is the likelier the closer the two are. All [N].
 * @param labels 1, 0, or ½ for a tie
 * @param tie log ν: any real number gives ν > 0, so that it can be trained
 */
export function davidsonLosses(first: Tensor1D, second: Tensor1D, labels: Tensor1D, tie: Scalar): Tensor1D {
  const half = mul(0.5, sub(first, second));
  const side = sub(mul(2, labels), 1);
  const judged = add(mul(side, half), mul(sub(1, abs(side)), tie));
  return sub(logSumExp(stack([half, neg(half), mul(tie, onesLike(half))]), 0), judged) as Tensor1D;
}
