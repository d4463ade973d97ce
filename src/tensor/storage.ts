import { engine, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** tfjs's WebGPU backend; only for kernels that run nowhere else. */
export function gpuBackend(): WebGPUBackend {
  return engine().backend as WebGPUBackend;
}

/** Whether tensors live on a GPU now. */
export function onGpu(): boolean {
  return engine().backendName === 'webgpu';
}

/** Whether a tensor's GPU buffer holds floats: what tfjs casts from integers says float32, but keeps the integers' bits. */
export function holdsFloats({ dataId }: TensorInfo): boolean {
  return gpuBackend().tensorMap.get(dataId).dtype === 'float32';
}

/** The GPU buffer behind a tensor, uploaded if it was not there yet. */
export function gpuBuffer({ dataId }: TensorInfo): GPUBuffer {
  const backend = gpuBackend();
  backend.uploadToGPU(dataId);
  return backend.tensorMap.get(dataId).resource as GPUBuffer;
}

/** To be called after a write into a tensor's GPU buffer: without it tfjs goes on serving what it last read back. */
export function forgetHostCopy({ dataId }: TensorInfo): void {
  gpuBackend().tensorMap.get(dataId).values = null as never;
}

/** The values of a tensor where its device's memory is the host's (wasm, cpu). */
export function hostValues({ dataId }: TensorInfo): Float32Array | Int32Array {
  return engine().backend.readSync(dataId) as Float32Array | Int32Array;
}

/** A tensor around values, where its device's memory is the host's. */
export function hostTensor(values: Float32Array | Int32Array, shape: number[]): TensorInfo {
  const dtype = values instanceof Int32Array ? 'int32' : 'float32';
  return { dataId: engine().backend.write(values, shape, dtype), shape, dtype };
}

/** What we use of tfjs's store of buffers beyond its public face: those that wait for another use, by size and usage. */
interface BufferStore {
  freeBuffers: Map<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
}

/** Give the device back what tfjs keeps for later tensors of the same sizes, which it never does itself: the next work will want other sizes. */
export function releaseFreeBuffers(): void {
  if (!onGpu()) return;
  const store = gpuBackend().bufferManager as unknown as BufferStore;
  for (const buffers of store.freeBuffers.values())
    for (const buffer of buffers.splice(0)) {
      buffer.destroy();
      store.numFreeBuffers--;
      store.numBytesAllocated -= buffer.size;
    }
}
