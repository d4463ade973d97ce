import { util, type Tensor2D, type Tensor4D, type TensorInfo } from '@tensorflow/tfjs-core';
import { withGradients } from './frozen';
import { asTensor, flatRange, launch } from './launch';
import { hostTensor, hostValues, onGpu } from './storage';

/** How a square window goes over an image: an odd number of pixels wide, centred on every `stride`-th pixel of both axes. */
export interface Window {
  size: number;
  stride: number;
}

/** Windows along an axis of so many pixels. */
export const windowsAlong = (pixels: number, { stride }: Window): number => Math.ceil(pixels / stride);

/**
 * What a convolution reads: each window of x [N, H, W, C] as a row of
 * [N·H′·W′, size²·C], its pixels row by row, 0 where it reaches over the edge. A
 * product with a matrix [out, size²·C] is then the convolution (Chellapilla et al.
 * 2006). One launch, and one for the gradient, where each pixel adds up what the
 * windows over it have, always in the same order.
 */
export function patches(x: Tensor4D, window: Window): Tensor2D {
  const grid = gridOf(x.shape, window);
  return withGradients([x], () => ({
    value: asTensor<Tensor2D>(onGpu() ? gather(x, grid) : gatherOnHost(x, grid)),
    gradients: (dy) => [() => asTensor(onGpu() ? scatter(dy, grid) : scatterOnHost(dy, grid))],
  }));
}

/** Sizes by name, as the kernels read them. */
interface Grid extends Record<string, number> {
  N: number;
  H: number;
  W: number;
  C: number;
  /** Windows along the height and the width. */
  down: number;
  across: number;
  size: number;
  stride: number;
  /** Pixels of a window before its centre. */
  before: number;
}

function gridOf([N, H, W, C]: Tensor4D['shape'], window: Window): Grid {
  return { N, H, W, C, down: windowsAlong(H, window), across: windowsAlong(W, window), ...window, before: (window.size - 1) / 2 };
}

const imageShape = ({ N, H, W, C }: Grid) => [N, H, W, C];
const patchShape = ({ N, C, down, across, size }: Grid) => [N * down * across, size * size * C];

// A thread for all channels of a pixel: divisions of whole numbers are what costs on a processor.

function gather(x: TensorInfo, grid: Grid): TensorInfo {
  const { N, down, across, size } = grid;
  const { workgroups, begin } = flatRange(N * down * across * size * size);
  return launch({
    name: 'patches',
    inputs: { x },
    outputs: { out: patchShape(grid) },
    constants: grid,
    workgroups,
    source: () => `${begin}
  let window = index / (size * size);
  let place = index % (size * size);
  let row = (window / across) % down * stride + place / size - before;
  let column = window % across * stride + place % size - before;
  let image = window / (down * across);
  let inside = row >= 0 && row < H && column >= 0 && column < W;
  let at = select(0, ((image * H + row) * W + column) * C, inside);
  for (var c = 0; c < C; c++) { out[index * C + c] = select(0.0, x[at + c], inside); }
}`,
  }).out;
}

function scatter(dy: TensorInfo, grid: Grid): TensorInfo {
  const { N, H, W } = grid;
  const { workgroups, begin } = flatRange(N * H * W);
  return launch({
    name: 'patches gradient',
    inputs: { dy },
    outputs: { dx: imageShape(grid) },
    constants: grid,
    workgroups,
    source: () => `${begin}
  let paddedRow = (index / W) % H + before;
  let paddedColumn = index % W + before;
  let image = index / (H * W);
  for (var c = 0; c < C; c++) {
    var sum = 0.0;
    for (var i = paddedRow % stride; i < min(size, paddedRow + 1); i += stride) {
      let top = (paddedRow - i) / stride;
      if (top >= down) { continue; }
      for (var j = paddedColumn % stride; j < min(size, paddedColumn + 1); j += stride) {
        let left = (paddedColumn - j) / stride;
        if (left >= across) { continue; }
        sum += dy[((((image * down + top) * across + left) * size + i) * size + j) * C + c];
      }
    }
    dx[index * C + c] = sum;
  }
}`,
  }).dx;
}

/** Where each pixel that a window covers begins: in the patches, and in the images. */
function eachPixel({ N, H, W, C, down, across, size, stride, before }: Grid, visit: (patchAt: number, imageAt: number) => void): void {
  let at = 0;
  for (let image = 0; image < N; image++)
    for (let top = 0; top < down; top++)
      for (let left = 0; left < across; left++)
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++, at += C) {
            const [row, column] = [top * stride + i - before, left * stride + j - before];
            if (row >= 0 && row < H && column >= 0 && column < W) visit(at, ((image * H + row) * W + column) * C);
          }
}

function gatherOnHost(x: TensorInfo, grid: Grid): TensorInfo {
  const pixels = hostValues(x);
  const out = new Float32Array(util.sizeFromShape(patchShape(grid)));
  eachPixel(grid, (patchAt, imageAt) => {
    for (let c = 0; c < grid.C; c++) out[patchAt + c] = pixels[imageAt + c];
  });
  return hostTensor(out, patchShape(grid));
}

function scatterOnHost(dy: TensorInfo, grid: Grid): TensorInfo {
  const given = hostValues(dy);
  const dx = new Float32Array(util.sizeFromShape(imageShape(grid)));
  eachPixel(grid, (patchAt, imageAt) => {
    for (let c = 0; c < grid.C; c++) dx[imageAt + c] += given[patchAt + c];
  });
  return hostTensor(dx, imageShape(grid));
}
