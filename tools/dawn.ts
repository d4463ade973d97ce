// For its gradients: Node's resolver cannot follow the imports of the file of tfjs-core that registers them.
import '@tensorflow/tfjs';
import { create, globals } from 'webgpu';

/** Dawn's WebGPU for Node, on whatever Vulkan driver there is; what `startBackend({ gpu })` takes. */
export function openDawn(): GPU {
  // tfjs tests buffers with `instanceof GPUBuffer` and reads GPUBufferUsage, as a browser has them.
  Object.assign(globalThis, globals);
  return create([]);
}
