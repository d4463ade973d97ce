import { concat, pad, slice, zeros, type Tensor2D } from '@tensorflow/tfjs-core';
import { withGradients } from './frozen';
import { asTensor, copyBetween } from './launch';
import { gpuBackend, onGpu } from './storage';

/*
 * Several matrices as one, so that what multiplies by all of them is one launch.
 */

/** Matrices [Mᵢ, D] one below the other, [ΣMᵢ, D]. On the GPU copies and no launch, both ways. */
export function stackRows(matrices: readonly Tensor2D[]): Tensor2D {
  if (matrices.length === 1) return matrices[0];
  const starts = matrices.map((_, i) => matrices.slice(0, i).reduce((rows, { shape }) => rows + shape[0], 0));
  return withGradients(matrices, () => ({
    value: stacked(matrices, starts),
    gradients: (dy) => matrices.map(({ shape }, i) => () => rowsOf(dy, starts[i], shape[0])),
  }));
}

/** Matrices [Mᵢ, Rᵢ] along a diagonal, [ΣMᵢ, ΣRᵢ], and 0 beside them. */
export function blockDiagonal(matrices: readonly Tensor2D[]): Tensor2D {
  const width = matrices.reduce((columns, { shape }) => columns + shape[1], 0);
  let before = 0;
  return stackRows(
    matrices.map((matrix) => {
      const [rows, columns] = matrix.shape;
      const left = before;
      before += columns;
      return columns === 0 ? zeros([rows, width]) : pad(matrix, [[0, 0], [left, width - left - columns]]);
    }),
  );
}

function stacked(matrices: readonly Tensor2D[], starts: readonly number[]): Tensor2D {
  if (!onGpu()) return concat([...matrices], 0);
  const D = matrices[0].shape[1];
  const rows = starts.at(-1)! + matrices.at(-1)!.shape[0];
  const out = gpuBackend().makeTensorInfo([rows, D], 'float32');
  copyBetween(matrices.map((from, i) => ({ from, to: out, toOffset: starts[i] * D, size: from.size })));
  return asTensor(out);
}

function rowsOf(x: Tensor2D, start: number, rows: number): Tensor2D {
  const D = x.shape[1];
  if (!onGpu()) return slice(x, [start, 0], [rows, D]);
  const out = gpuBackend().makeTensorInfo([rows, D], 'float32');
  copyBetween([{ from: x, fromOffset: start * D, to: out, size: rows * D }]);
  return asTensor(out);
}
