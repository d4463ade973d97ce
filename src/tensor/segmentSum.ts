import { UnsortedSegmentSum, getKernel, registerKernel, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendName } from './backend';
import { hostTensor, hostValues } from './storage';

/**
 * Gradient of an embedding look-up: out[segment[i]] += x[i] over the first axis.
 * tfjs's wasm backend lacks it, and without it nothing with a gather can train there.
 */
export function registerSegmentSum(backendName: BackendName): void {
  if (getKernel(UnsortedSegmentSum, backendName)) return;
  registerKernel({
    kernelName: UnsortedSegmentSum,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
      const numSegments = (attrs as { numSegments: number }).numSegments;
      const width = util.sizeFromShape(x.shape.slice(1));
      const values = hostValues(x);
      const segments = hostValues(segmentIds);
      const sum = new Float32Array(numSegments * width);
      for (let i = 0; i < segments.length; i++)
        if (segments[i] >= 0) for (let j = 0; j < width; j++) sum[segments[i] * width + j] += values[i * width + j];
      return hostTensor(sum, [numSegments, ...x.shape.slice(1)]);
    },
  });
}
