import { BatchMatMul, Tile, broadcast_util, getKernel, registerKernel, unregisterKernel, util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { hasQuadProduct, quadProduct } from './quadProduct';
import { gpuBackend } from './storage';
import { variants } from './variants';

/*
 * A · B on WebGPU in place of tfjs's own kernel. Each thread keeps a tile of
 * ROWS × 4 outputs in registers and walks along the inner dimension without a
 * workgroup barrier, for barriers are what makes tfjs's slow on software adapters.
 * Every sum runs in one order, so that a run repeats bit for bit (tfjs's own
 * adds with atomics when the inner dimension is long).
 */

type MatMulInputs = { a: TensorInfo; b: TensorInfo };
type MatMulAttributes = { transposeA: boolean; transposeB: boolean };

/** A product of flat batches: out[i] = op(a[i]) · op(b[i]), M × K times K × N; a batch of 1 serves every i. */
interface Product extends MatMulAttributes {
  batch: number;
  M: number;
  N: number;
  K: number;
  batchA: number;
  batchB: number;
}

let original: KernelFunc | null = null;

/** Register the kernel over tfjs's; harmless when done twice. */
export function registerMatMul(): void {
  if (original) return;
  original = getKernel(BatchMatMul, 'webgpu')!.kernelFunc;
  unregisterKernel(BatchMatMul, 'webgpu');
  registerKernel({
    kernelName: BatchMatMul,
    backendName: 'webgpu',
    kernelFunc: (call) => {
      const { a, b } = call.inputs as MatMulInputs;
      // Whole numbers and empty matrices are tfjs's own business.
      const ours = a.dtype === 'float32' && b.dtype === 'float32' && util.sizeFromShape(a.shape) * util.sizeFromShape(b.shape) > 0;
      return ours ? multiply(a, b, call.attrs as unknown as MatMulAttributes) : original!(call);
    },
  });
}

function multiply(a: TensorInfo, b: TensorInfo, attributes: MatMulAttributes): TensorInfo {
  const outer = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const wideA = repeatBatches(a, outer);
  const wideB = repeatBatches(b, outer);
  const product = describe(wideA, wideB, attributes);
  const out = run(wideA, wideB, product);
  if (wideA !== a) gpuBackend().disposeData(wideA.dataId);
  if (wideB !== b) gpuBackend().disposeData(wideB.dataId);
  return { ...out, shape: [...outer, a.shape[a.shape.length - (attributes.transposeA ? 1 : 2)], product.N] };
}

/** The operand itself if it has one matrix or one for every product; else, where it repeats in some dimensions only, a copy that has all. */
function repeatBatches(x: TensorInfo, outer: number[]): TensorInfo {
  const own = [...new Array<number>(outer.length + 2 - x.shape.length).fill(1), ...x.shape];
  const count = util.sizeFromShape(own.slice(0, -2));
  if (count === 1 || count === util.sizeFromShape(outer)) return x;
  const reps = [...outer.map((size, i) => size / own[i]), 1, 1];
  const tile = getKernel(Tile, 'webgpu')!.kernelFunc;
  return tile({ inputs: { x: { ...x, shape: own } }, backend: gpuBackend(), attrs: { reps } }) as TensorInfo;
}

function describe(a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: MatMulAttributes): Product {
  let [M, K] = a.shape.slice(-2);
  if (transposeA) [M, K] = [K, M];
  const N = b.shape[b.shape.length - (transposeB ? 2 : 1)];
  let batchA = util.sizeFromShape(a.shape.slice(0, -2));
  const batchB = util.sizeFromShape(b.shape.slice(0, -2));
  // One matrix b for all of a: the rows of a are one tall matrix.
  if (batchB === 1 && !transposeA) [M, batchA] = [M * batchA, 1];
  return { batch: Math.max(batchA, batchB), M, N, K, batchA, batchB, transposeA, transposeB };
}

const GROUP: [number, number, number] = [8, 8, 1];

function run(a: TensorInfo, b: TensorInfo, product: Product): TensorInfo {
  const { batch, M, N, K, batchA, batchB, transposeA, transposeB } = product;
  if (variants().product === 'quads' && hasQuadProduct(product)) {
    const strides = { count: batch, strideA: batchA === 1 ? 0 : M * K, strideB: batchB === 1 ? 0 : K * N };
    return quadProduct(a, b, { M, N, K, transposeA, transposeB, batch: strides }, { out: [batch, M, N] }).out;
  }
  const rows = M >= 64 ? 8 : M > 1 ? 4 : 1;
  const vectors = { a: (transposeA ? M : K) % 4 === 0, b: (transposeB ? K : N) % 4 === 0, out: N % 4 === 0 };
  const program = {
    variableNames: ['a', 'b'],
    outputShape: [batch, M, N],
    dispatchLayout: { x: [2], y: [1], z: [0] },
    dispatch: [Math.ceil(N / 4 / GROUP[0]), Math.ceil(M / rows / GROUP[1]), batch] as [number, number, number],
    workgroupSize: GROUP,
    variableComponents: [vectors.a ? 4 : 1, vectors.b ? 4 : 1],
    outputComponent: vectors.out ? 4 : 1,
    uniforms: 'M : i32, N : i32, K : i32, strideA : i32, strideB : i32,',
    shaderKey: `matMul ${rows} ${transposeA} ${transposeB} ${vectors.a} ${vectors.b} ${vectors.out} ${K % 4 === 0}`,
    getUserCode: () => shader(rows, product, vectors),
  };
  const flat = (x: TensorInfo, size: number): TensorInfo => ({ ...x, shape: [size, util.sizeFromShape(x.shape) / size] });
  return gpuBackend().runWebGPUProgram(program, [flat(a, batchA), flat(b, batchB)], 'float32', [
    { type: 'int32', data: [M] },
    { type: 'int32', data: [N] },
    { type: 'int32', data: [K] },
    { type: 'int32', data: [batchA === 1 ? 0 : M * K] },
    { type: 'int32', data: [batchB === 1 ? 0 : K * N] },
  ]);
}

/** Which of the three arrays are read or written as vec4. */
type Vectors = Record<'a' | 'b' | 'out', boolean>;

const FOUR = [0, 1, 2, 3];

/**
 * Indices beyond an edge are pulled back to it, so that every load is inside;
 * such a sum is not stored, and beyond K the factor from a is 0. Loads convert,
 * because tfjs's cast from int32 leaves the integers in the buffer.
 */
function shader(rows: number, { transposeA, transposeB, K }: Product, vectors: Vectors): string {
  const rowIndices = Array.from({ length: rows }, (_, i) => i);
  const rowBlocks = rowIndices.filter((i) => i % 4 === 0);
  const beyondK = (k: string, value: string) => (K % 4 === 0 ? value : `select(0.0, ${value}, ${k} < uniforms.K)`);
  const k = (offset: number) => (K % 4 === 0 ? `k + ${offset}` : `min(k + ${offset}, uniforms.K - 1)`);

  // a(i, kk): the factor in row i of the tile and column k + kk.
  const loadA: string[] = [];
  let a: (i: number, kk: number) => string;
  if (vectors.a && !transposeA) {
    for (const i of rowIndices) loadA.push(`let a${i} = vec4<f32>(a[(baseA + row${i} * uniforms.K + k) / 4]);`);
    a = (i, kk) => `a${i}[${kk}]`;
  } else if (vectors.a && rows >= 4) {
    for (const kk of FOUR) for (const i of rowBlocks) loadA.push(`let a${i}_${kk} = vec4<f32>(a[(baseA + (${k(kk)}) * uniforms.M + row${i}) / 4]);`);
    a = (i, kk) => beyondK(`k + ${kk}`, `a${i - (i % 4)}_${kk}[${i % 4}]`);
  } else {
    const at = (i: number, kk: number) => (transposeA ? `(${k(kk)}) * uniforms.M + row${i}` : `row${i} * uniforms.K + ${k(kk)}`);
    const scalar = (index: string) => (vectors.a ? `f32(a[(${index}) / 4][(${index}) % 4])` : `f32(a[${index}])`);
    for (const i of rowIndices)
      loadA.push(`let a${i} = vec4<f32>(${FOUR.map((kk) => beyondK(`k + ${kk}`, scalar(`baseA + ${at(i, kk)}`))).join(', ')});`);
    a = (i, kk) => `a${i}[${kk}]`;
  }

  // b(kk): the four factors in row k + kk and the tile's columns.
  const loadB: string[] = [];
  let b: (kk: number) => string;
  if (vectors.b && transposeB) {
    for (const j of FOUR) loadB.push(`let b${j} = vec4<f32>(b[(baseB + column${j} * uniforms.K + k) / 4]);`);
    b = (kk) => `vec4<f32>(b0[${kk}], b1[${kk}], b2[${kk}], b3[${kk}])`;
  } else if (vectors.b) {
    for (const kk of FOUR) loadB.push(`let b${kk} = vec4<f32>(b[(baseB + (${k(kk)}) * uniforms.N + column0) / 4]);`);
    b = (kk) => `b${kk}`;
  } else {
    const at = (kk: number, j: number) => (transposeB ? `column${j} * uniforms.K + ${k(kk)}` : `(${k(kk)}) * uniforms.N + column${j}`);
    for (const kk of FOUR) loadB.push(`let b${kk} = vec4<f32>(${FOUR.map((j) => `f32(b[baseB + ${at(kk, j)}])`).join(', ')});`);
    b = (kk) => `b${kk}`;
  }

  const store = (i: number) =>
    vectors.out
      ? `result[(baseOut + (row + ${i}) * uniforms.N + column) / 4] = sum${i};`
      : FOUR.map((j) => `if (column + ${j} < uniforms.N) { result[baseOut + (row + ${i}) * uniforms.N + column + ${j}] = sum${i}[${j}]; }`).join(' ');
  return `
fn main() {
  let column = i32(globalId.x) * 4;
  let row = i32(globalId.y) * ${rows};
  if (column >= uniforms.N || row >= uniforms.M) { return; }
  let batch = i32(globalId.z);
  let baseA = batch * uniforms.strideA;
  let baseB = batch * uniforms.strideB;
  let baseOut = batch * uniforms.M * uniforms.N;
  ${rowIndices.map((i) => `let row${i} = min(row + ${i}, uniforms.M - 1); var sum${i} = vec4<f32>(0.0);`).join('\n  ')}
  ${FOUR.map((j) => `let column${j} = min(column + ${j}, uniforms.N - 1);`).join('\n  ')}
  for (var k = 0; k < uniforms.K; k += 4) {
    ${[...loadA, ...loadB].join('\n    ')}
    ${FOUR.map((kk) => `let f${kk} = ${b(kk)};`).join('\n    ')}
    ${FOUR.flatMap((kk) => rowIndices.map((i) => `sum${i} += ${a(i, kk)} * f${kk};`)).join('\n    ')}
  }
  ${rowIndices.map((i) => `if (row + ${i} < uniforms.M) { ${store(i)} }`).join('\n  ')}
}
`;
}
