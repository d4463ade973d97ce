import { engine, getKernel, registerKernel, type NamedAttrMap, type Tensor1D, type Tensor2D, type TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendName } from './backend';
import { PCG_WGSL, foldToWord, pcgHash } from './pcg';
import { gpuBackend, hostTensor, hostValues } from './storage';

const KERNEL = 'SampleCategorical';

interface Attributes {
  temperature: number;
  seed: number;
  counter: number;
}

/**
 * One draw a row from softmax(logits / temperature), by the Gumbel-max trick
 * (Gumbel 1954; Maddison et al. 2014): the argmax of logits + temperature · G,
 * with G = −log E and E exponential. Temperature 0 is the argmax itself.
 *
 * @param logits [B, V] float32, finite
 * @param counter which draw of the stream that `seed` names: the same (seed, counter) gives the same draw
 * @returns [B] int32, each in 0 … V − 1
 */
export function sampleCategorical(logits: Tensor2D, temperature: number, seed: number, counter: number): Tensor1D {
  const attributes: Attributes = { temperature, seed: foldToWord(seed), counter: foldToWord(counter) };
  return engine().runKernel(KERNEL, { logits }, attributes as unknown as NamedAttrMap) as Tensor1D;
}

/** Register the kernel for a backend; harmless when done twice. */
export function registerSampler(backendName: BackendName): void {
  if (getKernel(KERNEL, backendName)) return;
  const draw = backendName === 'webgpu' ? drawOnGpu : drawOnHost;
  registerKernel({
    kernelName: KERNEL,
    backendName,
    kernelFunc: ({ inputs, attrs }) => draw((inputs as { logits: TensorInfo }).logits, attrs as unknown as Attributes),
  });
}

/*
 * E is wanted with a small relative error where it is small, for the smallest
 * wins. With v uniform, E = −log(1 − v): a series near 0, where a GPU's log
 * is allowed an error of 2⁻²¹; elsewhere the log of 1 − v, which is taken
 * from the complemented bits so that it is never 0.
 */
const SERIES_BELOW = 1 / 64;

function drawOnHost(logits: TensorInfo, { temperature, seed, counter }: Attributes): TensorInfo {
  const [rows, columns] = logits.shape;
  const values = hostValues(logits);
  const draws = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = -3.4e38;
    for (let column = 0; column < columns; column++) {
      const score = values[row * columns + column] + temperature * gumbel(pcgHash(seed, counter, row, column));
      if (score > best) [best, draws[row]] = [score, column];
    }
  }
  return hostTensor(draws, [rows]);
}

function gumbel(bits: number): number {
  const v = (bits + 0.5) / 2 ** 32;
  return -Math.log(v < SERIES_BELOW ? -Math.log1p(-v) : -Math.log((2 ** 32 - 0.5 - bits) / 2 ** 32));
}

// One workgroup a row: each thread keeps the best of every 64th column, then the first compares the 64.
const THREADS = 64;

function drawOnGpu(logits: TensorInfo, { temperature, seed, counter }: Attributes): TensorInfo {
  const [rows] = logits.shape;
  const program = {
    variableNames: ['logits'],
    outputShape: [rows],
    dispatchLayout: { x: [0] },
    dispatch: [rows, 1, 1] as [number, number, number],
    workgroupSize: [THREADS, 1, 1] as [number, number, number],
    shaderKey: 'sampleCategorical',
    uniforms: 'temperature : f32, seed : u32, counter : u32,',
    getUserCode: () => SHADER,
  };
  return gpuBackend().runWebGPUProgram(program, [logits], 'int32', [
    { type: 'float32', data: [temperature] },
    { type: 'uint32', data: [seed] },
    { type: 'uint32', data: [counter] },
  ]);
}

const SHADER = `
${PCG_WGSL}

var<workgroup> bestScore : array<f32, ${THREADS}>;
var<workgroup> bestColumn : array<i32, ${THREADS}>;

fn gumbel(bits : u32) -> f32 {
  let v = (f32(bits) + 0.5) * ${2 ** -32};
  let complement = (f32(~bits) + 0.5) * ${2 ** -32};
  let series = v * (1.0 + v * (0.5 + v * (${1 / 3} + v * 0.25)));
  return -log(select(-log(complement), series, v < ${SERIES_BELOW}));
}

fn main(index : i32) {
  let row = i32(workgroupId.z * numWorkgroups.x * numWorkgroups.y + workgroupId.y * numWorkgroups.x + workgroupId.x);
  let columns = uniforms.logitsShape.y;
  var best = -3.4e38;
  var chosen = 0;
  if (row < uniforms.outShape) {
    for (var column = i32(localIndex); column < columns; column += ${THREADS}) {
      let noise = gumbel(pcgHash(vec4<u32>(uniforms.seed, uniforms.counter, u32(row), u32(column))));
      let score = f32(logits[row * columns + column]) + uniforms.temperature * noise;
      if (score > best) {
        best = score;
        chosen = column;
      }
    }
  }
  bestScore[localIndex] = best;
  bestColumn[localIndex] = chosen;
  workgroupBarrier();
  if (localIndex == 0u && row < uniforms.outShape) {
    for (var thread = 1; thread < ${THREADS}; thread++) {
      // Equal scores go to the lower column, as on the host.
      if (bestScore[thread] > best || (bestScore[thread] == best && bestColumn[thread] < chosen)) {
        best = bestScore[thread];
        chosen = bestColumn[thread];
      }
    }
    result[row] = chosen;
  }
}
`;
