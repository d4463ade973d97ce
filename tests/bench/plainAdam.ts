import { add, div, minimum, mul, sqrt, square, stack, sum, tidy, train, type AdamOptimizer, type Scalar, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { Optimiser } from '../../src/rl/update';

/** `tf.train.adam` behind clipping by the global norm. */
export class PlainAdam implements Optimiser {
  private readonly adam: AdamOptimizer;

  constructor(private readonly options: { beta1: number; beta2: number; epsilon: number; maxGradNorm: number }) {
    this.adam = train.adam(0, options.beta1, options.beta2, options.epsilon);
  }

  step(variables: ReadonlyMap<string, Variable>, gradients: ReadonlyMap<string, Tensor>, learningRate: number): Scalar {
    Object.assign(this.adam, { learningRate });
    return tidy(() => {
      // Not by addN: of more tensors than a device has bindings it gives zeros.
      const norm = sqrt(sum(stack([...gradients.values()].map((gradient) => sum(square(gradient)))))) as Scalar;
      const factor = minimum(1, div(this.options.maxGradNorm, add(norm, 1e-6)));
      this.adam.applyGradients([...gradients].map(([name, gradient]) => ({ name: variables.get(name)!.name, tensor: mul(gradient, factor) })));
      return norm;
    });
  }

  dispose(): void {
    this.adam.dispose();
  }
}
