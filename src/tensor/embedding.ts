import { cast, gather, matMul, oneHot, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { withGradients } from './frozen';
import { asTensor, flatRange, launch } from './launch';
import { onGpu } from './storage';

/**
 * Rows of a table [V, D] by ids [N] int32: [N, D]. The gradient adds each
 * token's rows in the order of the batch: tfjs's own adds with float atomics,
 * in any order, so that no run would repeat, and is missing on wasm.
 */
export function embedding(table: Tensor2D, ids: Tensor1D): Tensor2D {
  return withGradients([table], (save) => {
    save([ids]);
    const [V] = table.shape;
    return {
      value: gather(table, ids),
      gradients: (dy, [ids]) => [() => (onGpu() ? sumByToken : productWithOneHot)(dy, ids as Tensor1D, V)],
    };
  });
}

function productWithOneHot(dy: Tensor2D, ids: Tensor1D, V: number): Tensor2D {
  // By way of integers: asked for floats, tfjs's wasm kernel writes an integer's bits.
  return matMul(cast(oneHot(ids, V), 'float32') as Tensor2D, dy, true, false);
}

/** Two launches: where each token occurs first and where again, as chains through the batch; then a walk along each chain. */
function sumByToken(dy: Tensor2D, ids: Tensor1D, V: number): Tensor2D {
  const [N, D] = dy.shape;
  const chains = flatRange(V + N);
  // Places are small whole numbers, which float32 holds exactly; N stands for "nowhere".
  const { next } = launch({
    name: 'chains of tokens',
    inputs: { ids },
    outputs: { next: [V + N] },
    constants: { V, N },
    workgroups: chains.workgroups,
    source: () => `${chains.begin}
  var token = index;
  var place = 0;
  if (index >= V) { token = ids[index - V]; place = index - V + 1; }
  while (place < N && ids[place] != token) { place++; }
  next[index] = f32(place);
}`,
  });
  const links = asTensor(next);
  const { workgroups, begin } = flatRange(V * D);
  const { out } = launch({
    name: 'sum by token',
    inputs: { dy, next: links },
    outputs: { out: [V, D] },
    constants: { V, N, D },
    workgroups,
    source: () => `${begin}
  let token = index / D;
  let column = index % D;
  var sum = 0.0;
  for (var place = i32(next[token]); place < N; place = i32(next[V + place])) { sum += dy[place * D + column]; }
  out[index] = sum;
}`,
  });
  links.dispose();
  return asTensor(out);
}
