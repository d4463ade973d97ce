import {
  Sum,
  add,
  dispose,
  div,
  engine,
  getGradient,
  minimum,
  mul,
  registerBackend,
  removeBackend,
  setBackend,
  sqrt,
  square,
  stack,
  sum,
  tensor1d,
  tensor2d,
  tidy,
  train,
  variableGrads,
  type AdamOptimizer,
  type NamedTensorMap,
  type Scalar,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { disposeParameters, toParameters } from '../../src/model/parameters';
import type { Optimiser } from '../../src/rl/update';
import { gptWeights, llamaWeights, TRAINING, tokenBatch } from './models';
import { plainGptLoss, plainLlamaLoss } from './plainModels';
import type { Engine, Prepared, Surroundings, Work } from './work';

/** Plain TensorFlow.js as it comes, on its own kernels and with its own settings: the baseline. */
export async function startPlainTfjs({ gpu = navigator.gpu }: Surroundings): Promise<Engine> {
  if (!getGradient(Sum)) await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  const tfjs = await import('@tensorflow/tfjs-backend-webgpu');
  const adapter = (await gpu.requestAdapter({ powerPreference: 'high-performance' }))!;
  // The limits and features that tfjs asks for itself.
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize, maxComputeWorkgroupsPerDimension } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize, maxComputeWorkgroupsPerDimension },
    requiredFeatures: (['timestamp-query', 'bgra8unorm-storage'] as GPUFeatureName[]).filter((feature) => adapter.features.has(feature)),
  });
  if (engine().registryFactory['webgpu']) removeBackend('webgpu');
  registerBackend('webgpu', async () => new tfjs.WebGPUBackend(device, adapter.info), 3);
  if (!(await setBackend('webgpu'))) throw new Error('tfjs could not start its WebGPU backend.');
  return {
    adapter: adapter.info.description || adapter.info.vendor,
    async prepare(work) {
      if (work.kind === 'train') return training(work);
      throw new Error(`Nothing here does ${work.kind}.`);
    },
  };
}

/** `tf.train.adam` behind clipping by the global norm. */
export class PlainAdam implements Optimiser {
  private readonly adam: AdamOptimizer;

  constructor(private readonly options: { beta1: number; beta2: number; epsilon: number; maxGradNorm: number }) {
    this.adam = train.adam(0, options.beta1, options.beta2, options.epsilon);
  }

  step(variables: ReadonlyMap<string, Variable>, gradients: ReadonlyMap<string, Tensor>, learningRate: number): Scalar {
    Object.assign(this.adam, { learningRate });
    return tidy(() => {
      // Not by addN: of more tensors than a device has bindings it gives zeros.
      const norm = sqrt(sum(stack([...gradients.values()].map((gradient) => sum(square(gradient)))))) as Scalar;
      const factor = minimum(1, div(this.options.maxGradNorm, add(norm, 1e-6)));
      const clipped: NamedTensorMap = {};
      for (const [name, gradient] of gradients) clipped[variables.get(name)!.name] = mul(gradient, factor);
      this.adam.applyGradients(clipped);
      return norm;
    });
  }

  dispose(): void {
    this.adam.dispose();
  }
}

function training({ architecture, size, batch }: Work & { kind: 'train' }): Prepared {
  const parameters = toParameters(architecture === 'gpt' ? gptWeights(size) : llamaWeights(size));
  const loss = architecture === 'gpt' ? plainGptLoss : plainLlamaLoss;
  const optimiser = new PlainAdam(TRAINING);
  const data = tokenBatch(size, batch);
  return {
    async run() {
      const { value, grads } = tidy(() => {
        const ids = tensor2d(data.ids, [batch, size.context], 'int32');
        const targets = tensor1d(data.targets, 'int32');
        return variableGrads(() => loss(parameters, size, ids, targets), [...parameters.values()]);
      });
      const gradients = new Map([...parameters].map(([name, parameter]) => [name, grads[parameter.name]]));
      dispose([optimiser.step(parameters, gradients, TRAINING.learningRate), grads]);
      const values = Array.from(await value.data());
      value.dispose();
      return { values };
    },
    dispose() {
      optimiser.dispose();
      disposeParameters(parameters);
    },
  };
}
