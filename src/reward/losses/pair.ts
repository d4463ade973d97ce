import { mul, softplus, sub, type Tensor1D } from '@tensorflow/tfjs-core';

/**
 * −log-likelihood of pairs under Bradley and Terry's model (1952), P(first ≻
 * second) = σ(r₁ − r₂), all [N]. With Δ = r₁ − r₂, the cross-entropy to a label
 * y is −[y·log σ(Δ) + (1 − y)·log σ(−Δ)] = softplus(Δ) − y·Δ. A rewrite is the
 * pair (edited ≻ original).
 * @param labels 1 where the first is better, 0 where the second is, ½ for a tie (`LABELS`)
 */
export function pairLosses(first: Tensor1D, second: Tensor1D, labels: Tensor1D): Tensor1D {
  const gap = sub(first, second);
  return sub(softplus(gap), mul(labels, gap)) as Tensor1D;
}

/**
 * The first's scores, less m where it is the better one and more by m where it
 * is not: any loss of these and the second's then asks for a lead of m, as
 * −log σ(Δ − m) does (Touvron et al. 2023, "Llama 2", §3.2.2). Ties have none.
 * @param labels as those of {@link pairLosses}
 * @param margins m ≥ 0
 */
export function handicapped(first: Tensor1D, labels: Tensor1D, margins: Tensor1D): Tensor1D {
  return sub(first, mul(sub(mul(2, labels), 1), margins)) as Tensor1D;
}
