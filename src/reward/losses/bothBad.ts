import { add, zerosLike, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';
import { thumbsLosses } from './thumbs';

/**
 * What “both are bad” says beyond a tie: two thumbs down, −log σ(zero − r₁) −
 * log σ(zero − r₂), to be added to the loss of the tie. All [N].
 * @param zero as that of {@link thumbsLosses}
 */
export function bothBadLosses(first: Tensor1D, second: Tensor1D, zero: Scalar): Tensor1D {
  const down = zerosLike(first);
  return add(thumbsLosses(first, down, zero), thumbsLosses(second, down, zero));
}
