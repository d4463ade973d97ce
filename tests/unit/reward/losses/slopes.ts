import { grads, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/**
 * Expects the losses that `of` gives for the inputs to be those of `plain`, and the gradient of their
 * sum, in every number of every input, its central differences; `plain` computes in float64.
 */
export async function expectLosses<Inputs extends readonly (number | number[] | number[][])[]>(
  of: (...inputs: Tensor[]) => Tensor,
  plain: (...inputs: Inputs) => number[],
  ...inputs: Inputs
): Promise<void> {
  const tensors = inputs.map((input) => tensor(input as number[]));
  const losses = Array.from(await of(...tensors).data());
  const expected = plain(...inputs);
  expect(losses).toHaveLength(expected.length);
  losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i], 4));
  const slopes = await Promise.all(grads((...moved: Tensor[]) => sum(of(...moved)))(tensors).map((gradient) => gradient.data()));
  const total = (...moved: Inputs) => plain(...moved).reduce((a, b) => a + b, 0);
  const step = 1e-5;
  inputs.forEach((input, place) => {
    const flat = [input].flat(2) as number[];
    flat.forEach((_, i) => {
      const at = (by: number) => {
        let seen = 0;
        const shift = (value: unknown): unknown => (Array.isArray(value) ? value.map(shift) : (value as number) + (seen++ === i ? by : 0));
        return total(...(inputs.map((other, j) => (j === place ? shift(other) : other)) as unknown as Inputs));
      };
      expect(slopes[place][i]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3);
    });
  });
}
