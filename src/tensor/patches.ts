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

function gather(x: TensorInfo, grid: Grid): TensorInfo {
  const shape = patchShape(grid);
  const { workgroups, begin } = flatRange(util.sizeFromShape(shape));
  return launch({
    name: 'patches',
    inputs: { x },
    outputs: { out: shape },
    constants: grid,
    workgroups,
    source: () => `${begin}
  let window = index / (size * size * C);
  let place = index % (size * size * C);
  let row = (window / across) % down * stride + place / (size * C) - before;
  let column = window % across * stride + (place / C) % size - before;
  let inside = row >= 0 && row < H && column >= 0 && column < W;
  let image = window / (down * across);
  out[index] = select(0.0, x[((image * H + clamp(row, 0, H - 1)) * W + clamp(column, 0, W - 1)) * C + place % C], inside);
}`,
  }).out;
}

function scatter(dy: TensorInfo, grid: Grid): TensorInfo {
  const shape = imageShape(grid);
  const { workgroups, begin } = flatRange(util.sizeFromShape(shape));
  return launch({
    name: 'patches gradient',
    inputs: { dy },
    outputs: { dx: shape },
    constants: grid,
    workgroups,
    source: () => `${begin}
  let channel = index % C;
  let column = (index / C) % W;
  let row = (index / (C * W)) % H;
  let image = index / (C * W * H);
  var sum = 0.0;
  for (var i = 0; i < size; i++) {
    let top = row + before - i;
    if (top < 0 || top % stride != 0 || top / stride >= down) { continue; }
    for (var j = 0; j < size; j++) {
      let left = column + before - j;
      if (left < 0 || left % stride != 0 || left / stride >= across) { continue; }
      let window = (image * down + top / stride) * across + left / stride;
      sum += dy[((window * size + i) * size + j) * C + channel];
    }
  }
  dx[index] = sum;
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
