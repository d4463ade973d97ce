import { Sum, dispose, engine, getGradient, registerBackend, removeBackend, setBackend, tensor1d, tensor2d, tidy, variableGrads } from '@tensorflow/tfjs-core';
import { disposeParameters, toParameters } from '../../src/model/parameters';
import { gptWeights, llamaConfig, llamaWeights, randomPrompts, SAMPLING, TRAINING, tokenBatch } from './models';
import { PlainAdam } from './plainAdam';
import { plainGenerate } from './plainDecoding';
import { plainGptLoss, plainLlamaLoss } from './plainModels';
import { plainPpo } from './plainPpo';
import { ppoSetup } from './ppoSetup';
import type { Engine, Prepared, Surroundings, Work } from './work';

/** Plain TensorFlow.js as it comes, on its own kernels and with its own settings: the baseline. */
export async function startPlainTfjs(surroundings: Surroundings): Promise<Engine> {
  const gpu = surroundings.gpu ?? navigator.gpu;
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
      return work.kind === 'ppo' ? plainPpo(await ppoSetup(work.scale, surroundings)) : generation(work);
    },
  };
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

function generation({ size, rows, prompt, tokens, how }: Work & { kind: 'generate' }): Prepared {
  if (how !== 'cached') throw new Error(`The baseline generates with a cache only, not ${how}.`);
  const parameters = toParameters(llamaWeights(size));
  const prompts = randomPrompts(size, rows, prompt);
  return {
    async run() {
      const { responses } = await plainGenerate(parameters, llamaConfig(size), prompts, { ...SAMPLING, maxNewTokens: tokens, promptWidth: prompt });
      return { values: responses.flat() };
    },
    dispose: () => disposeParameters(parameters),
  };
}
