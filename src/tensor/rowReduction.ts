import { Max, Mean, Softmax, Sum, backend_util, getKernel, registerKernel, unregisterKernel, util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { gpuBackend, holdsFloats } from './storage';

/*
 * Sum, mean, maximum and softmax along rows, one thread to a row. tfjs gives a
 * workgroup to each row and ends in a tree of barriers, which is right on a GPU;
 * on a software adapter barriers cost more than the sums, and made up a third of a training step.
 */

/** Rows under which a software adapter's few cores would stand idle. */
const FEWEST_ROWS = 16;
const GROUP: [number, number, number] = [64, 1, 1];

/** Each reads `length` numbers of x from `start`, and writes from `row` or `start` of the result. */
const SHADERS: Record<string, string> = {
  [Sum]: `
    var sum = 0.0;
    for (var i = start; i < start + length; i++) { sum += x[i]; }
    result[row] = sum;`,
  [Mean]: `
    var sum = 0.0;
    for (var i = start; i < start + length; i++) { sum += x[i]; }
    result[row] = sum / f32(length);`,
  [Max]: `
    var best = x[start];
    for (var i = start + 1; i < start + length; i++) { best = max(best, x[i]); }
    result[row] = best;`,
  [Softmax]: `
    var best = x[start];
    for (var i = start + 1; i < start + length; i++) { best = max(best, x[i]); }
    var sum = 0.0;
    for (var i = start; i < start + length; i++) {
      let weight = exp(x[i] - best);
      result[i] = weight;
      sum += weight;
    }
    for (var i = start; i < start + length; i++) { result[i] = result[i] / sum; }`,
};

const originals = new Map<string, KernelFunc>();

/** Register the four over tfjs's, for software adapters; harmless when done twice. */
export function registerRowReductions(): void {
  for (const kernelName of Object.keys(SHADERS)) {
    if (originals.has(kernelName)) continue;
    const original = getKernel(kernelName, 'webgpu')!.kernelFunc;
    originals.set(kernelName, original);
    unregisterKernel(kernelName, 'webgpu');
    registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: (call) => {
        const { x, logits } = call.inputs as Record<string, TensorInfo>;
        const { axis, keepDims } = call.attrs as { axis?: number | number[]; keepDims?: boolean };
        const source = x ?? logits;
        // Softmax is along the last axis always.
        const axes = util.parseAxisParam(kernelName === Softmax ? -1 : (axis ?? null)!, source.shape);
        const [outer, inner] = backend_util.computeOutAndReduceShapes(source.shape, axes);
        const length = util.sizeFromShape(inner);
        const rows = util.sizeFromShape(outer);
        const trailing = backend_util.axesAreInnerMostDims(axes, source.shape.length);
        if (!trailing || !holdsFloats(source) || length === 0 || rows < FEWEST_ROWS) return original(call);
        const out = run(kernelName, source, rows, length);
        const reduced = keepDims ? backend_util.expandShapeToKeepDim(outer, axes) : outer;
        return { ...out, shape: kernelName === Softmax ? source.shape : reduced };
      },
    });
  }
}

function run(kernelName: string, x: TensorInfo, rows: number, length: number): TensorInfo {
  const program = {
    variableNames: ['x'],
    outputShape: kernelName === Softmax ? [rows, length] : [rows],
    dispatchLayout: { x: [0] },
    dispatch: [Math.ceil(rows / GROUP[0]), 1, 1] as [number, number, number],
    workgroupSize: GROUP,
    uniforms: 'rows : i32, length : i32,',
    shaderKey: `row${kernelName}`,
    getUserCode: () => `
fn main(row : i32) {
  if (row >= uniforms.rows) { return; }
  let length = uniforms.length;
  let start = row * length;
  ${SHADERS[kernelName]}
}
`,
  };
  return gpuBackend().runWebGPUProgram(program, [{ ...x, shape: [rows, length] }], 'float32', [
    { type: 'int32', data: [rows] },
    { type: 'int32', data: [length] },
  ]);
}
