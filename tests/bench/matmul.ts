/*
 * `npx tsx tests/bench/matmul.ts`: the matrix product of this project beside
 * tfjs's own, on Dawn, at the shapes of the small model's training step. Times
 * are the process's processor time, which on a software adapter is the work itself.
 */
import '@tensorflow/tfjs-backend-webgpu';
import { BatchMatMul, fill, getKernel, matMul, memory, registerKernel, slice, unregisterKernel, type KernelFunc, type Tensor } from '@tensorflow/tfjs-core';
import { startBackend } from '../../src/tensor/backend';
import { openDawn } from '../../tools/dawn';

const SHAPES: [name: string, a: number[], b: number[], transposeA: boolean, transposeB: boolean][] = [
  ['1024 × 1024 × 1024', [1024, 1024], [1024, 1024], false, false],
  ['linear layer', [1280, 64], [176, 64], false, true],
  ['its input gradient', [1280, 176], [176, 64], false, false],
  ['its weight gradient', [1280, 176], [1280, 64], true, false],
  ['attention scores', [128, 40, 16], [128, 40, 16], false, true],
  ['attention mixing', [128, 40, 40], [128, 40, 16], false, false],
  ['logits', [1280, 64], [1024, 64], false, true],
  ['logits while decoding', [32, 64], [1024, 64], false, true],
];

const theirs = getKernel(BatchMatMul, 'webgpu')!.kernelFunc;
console.log((await startBackend({ prefer: 'webgpu', gpu: openDawn() })).name);
const ours = getKernel(BatchMatMul, 'webgpu')!.kernelFunc;

for (const [name, aShape, bShape, transposeA, transposeB] of SHAPES) {
  const [a, b] = [fill(aShape, 0.5), fill(bShape, 0.25)];
  const gigaflops = (2 * a.size * bShape.at(transposeB ? -2 : -1)!) / 1e9;
  const repeats = Math.max(1, Math.round(0.5 / gigaflops / 4));
  const best = { ours: Infinity, theirs: Infinity };
  for (let round = 0; round < 4; round++) {
    best.ours = Math.min(best.ours, await seconds(ours, repeats));
    best.theirs = Math.min(best.theirs, await seconds(theirs, repeats));
  }
  const rate = (time: number) => `${(gigaflops / time).toFixed(2)} GFLOP/s`;
  console.log(`${name.padEnd(22)} ours ${rate(best.ours)}, tfjs ${rate(best.theirs)}, ${(best.theirs / best.ours).toFixed(1)} times faster`);
  a.dispose();
  b.dispose();

  async function seconds(kernelFunc: KernelFunc, count: number): Promise<number> {
    unregisterKernel(BatchMatMul, 'webgpu');
    registerKernel({ kernelName: BatchMatMul, backendName: 'webgpu', kernelFunc });
    const start = process.cpuUsage().user;
    let product: Tensor = matMul(a, b, transposeA, transposeB);
    for (let i = 1; i < count; i++) {
      product.dispose();
      product = matMul(a, b, transposeA, transposeB);
    }
    const corner = slice(product, new Array<number>(product.rank).fill(0), new Array<number>(product.rank).fill(1));
    await corner.data();
    corner.dispose();
    product.dispose();
    return (process.cpuUsage().user - start) / 1e6 / count;
  }
}
if (memory().numTensors > 0) throw new Error('The bench leaks tensors.');
process.exit(0);
