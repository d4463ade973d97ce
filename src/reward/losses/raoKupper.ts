import { abs, add, ceil, mul, softplus, sub, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';

/**
 * −log-likelihood of pairs that may be ties, under the model of Rao and Kupper
 * (1967): a judge sees no difference below the threshold η = log θ,
 *
 *     P(first ≻ second) = σ(Δ − η)    P(tie) = (θ² − 1)·σ(Δ − η)·σ(−Δ − η)
 *
 * with Δ = r₁ − r₂. All [N].
 * @param labels 1, 0, or ½ for a tie
 * @param tie log(θ² − 1): any real number gives θ > 1, so that it can be trained
 */
export function raoKupperLosses(first: Tensor1D, second: Tensor1D, labels: Tensor1D, tie: Scalar): Tensor1D {
  const gap = sub(first, second);
  const threshold = mul(0.5, softplus(tie));
  // Each σ counts where its side was preferred, and both where neither was.
  const ahead = mul(ceil(labels), softplus(sub(threshold, gap)));
  const behind = mul(ceil(sub(1, labels)), softplus(add(threshold, gap)));
  const tied = sub(1, abs(sub(mul(2, labels), 1)));
  return sub(add(ahead, behind), mul(tied, tie)) as Tensor1D;
}
