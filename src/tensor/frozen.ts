import { customGrad, tidy, Variable, type GradSaveFunc, type Tensor } from '@tensorflow/tfjs-core';

/*
 * What is not trained costs no gradient. tfjs leaves out a part of the graph
 * that leads to nothing trained, but of an operation of our own it takes the
 * gradient of every input, needed or not.
 */

/** Results of operations whose inputs were all frozen. */
const constants = new WeakSet<Tensor>();

/** A variable that is not trainable, or what operations of ours made of nothing else. Plain tensors count as trained. */
export function isFrozen(x: Tensor): boolean {
  return x instanceof Variable ? !x.trainable : constants.has(x);
}

/** What an operation gives: its value, and one function for each input that computes its gradient from that of the value and what was saved. */
export interface Differentiable<Value extends Tensor> {
  value: Value;
  gradients: (dy: Value, saved: Tensor[]) => (() => Tensor)[];
}

/** tfjs's customGrad, in which the gradient of a frozen input is never computed. */
export function withGradients<Value extends Tensor>(inputs: readonly Tensor[], operation: (save: GradSaveFunc) => Differentiable<Value>): Value {
  const trained = inputs.map((input) => !isFrozen(input));
  if (!trained.includes(true)) {
    const value = tidy(() => operation(() => undefined).value);
    constants.add(value);
    return value;
  }
  const op = customGrad((...args) => {
    const { value, gradients } = operation(args.pop() as GradSaveFunc);
    // Tidied here, or what stands between would be held until the whole graph is gone through.
    const gradFunc = (dy: Tensor, saved: Tensor[]) => tidy(() => gradients(dy as Value, saved).flatMap((gradient, i) => (trained[i] ? [gradient()] : [])));
    return { value, gradFunc };
  });
  return op(...inputs.filter((_, i) => trained[i])) as Value;
}
