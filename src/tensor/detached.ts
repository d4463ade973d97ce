import { clone, customGrad, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/** The same numbers, which a gradient takes for constants. */
export function detached<T extends Tensor>(x: T): T {
  return customGrad((value) => ({ value: clone(value as Tensor), gradFunc: () => zerosLike(value as Tensor) }))(x) as T;
}
