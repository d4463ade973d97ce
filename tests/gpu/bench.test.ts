import { dispose, tensor1d, tensor2d, tidy, variableGrads, type Scalar, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeParameters, toParameters, type Parameters } from '../../src/model/parameters';
import { AdamW } from '../../src/tensor/adamW';
import { dispatchCount } from '../../src/tensor/backend';
import { generation } from '../bench/ourGeneration';
import { gptWeights, llamaWeights, tokenBatch, TRAINING } from '../bench/models';
import { gptLoss, llamaLoss } from '../bench/ours';
import { plainGptLoss, plainLlamaLoss } from '../bench/plainModels';
import type { ModelSize } from '../bench/work';
import { relativeError } from '../reference/parity';
import { startWebGpu } from './startWebGpu';

/*
 * What `npm run bench` compares is the same mathematics; and how many programs
 * a step and a token launch, which no size of a batch changes.
 */

type Loss = (parameters: Parameters, size: ModelSize, ids: Tensor2D, targets: Tensor1D) => Scalar;

const TINY: ModelSize = { layers: 2, width: 16, heads: 2, vocabulary: 24, context: 9 };
const ROWS = 3;

const MODELS = [
  { name: 'GPT', weights: gptWeights, ours: gptLoss, plain: plainGptLoss },
  { name: 'Llama', weights: llamaWeights, ours: llamaLoss, plain: plainLlamaLoss },
];

beforeAll(async () => {
  await startWebGpu();
});

function lossAndGradients(loss: Loss, parameters: Parameters, size: ModelSize) {
  const data = tokenBatch(size, ROWS);
  const { value, grads } = tidy(() =>
    variableGrads(
      () => loss(parameters, size, tensor2d(data.ids, [ROWS, size.context], 'int32'), tensor1d(data.targets, 'int32')),
      [...parameters.values()],
    ),
  );
  return { value, gradients: new Map([...parameters].map(([name, parameter]) => [name, grads[parameter.name]])) };
}

describe.each(MODELS)('the $name of the bench', ({ weights, ours, plain }) => {
  it('has the same loss and gradients in our operations as in plain tfjs', async () => {
    const start = weights(TINY);
    // Away from the start, where biases are 0 and attention looks everywhere alike.
    for (const { data } of start.values()) for (let i = 0; i < data.length; i++) data[i] += 0.3 * Math.sin(3 * i + data.length);
    const parameters = toParameters(start);
    const [a, b] = [ours, plain].map((loss) => lossAndGradients(loss, parameters, TINY));
    expect(relativeError(await a.value.data(), await b.value.data())).toBeLessThan(1e-5);
    for (const [name, gradient] of a.gradients)
      expect(relativeError(await gradient.data(), await b.gradients.get(name)!.data()), name).toBeLessThan(2e-4);
    dispose([a.value, b.value, ...a.gradients.values(), ...b.gradients.values()]);
    disposeParameters(parameters);
  });
});

const FOUR_LAYERS: ModelSize = { ...TINY, layers: 4 };

it('launches at most 150 programs for a training step of the GPT with four layers, clipping and AdamW included', async () => {
  const parameters = toParameters(gptWeights(FOUR_LAYERS));
  const { learningRate, ...options } = TRAINING;
  const optimiser = new AdamW({ ...options, epsilonPlacement: 'pytorch', weightDecay: 0 });
  const launches: number[] = [];
  for (let step = 0; step < 2; step++) {
    const before = dispatchCount();
    const { value, gradients } = lossAndGradients(gptLoss, parameters, FOUR_LAYERS);
    const norm = optimiser.step(parameters, gradients, learningRate);
    await value.data();
    launches.push(dispatchCount() - before);
    dispose([value, norm, ...gradients.values()]);
  }
  optimiser.dispose();
  disposeParameters(parameters);
  expect(launches[1]).toBeGreaterThan(50);
  expect(launches[1]).toBeLessThanOrEqual(150);
});

it('launches at most 10 programs a layer and 6 more for a decoded token', async () => {
  const decoding = generation({ kind: 'generate', how: 'quarters', size: FOUR_LAYERS, rows: 2, prompt: 3, tokens: 4 });
  const { launches } = (await decoding.run()).parts!;
  decoding.dispose();
  expect(launches).toBeGreaterThan(FOUR_LAYERS.layers);
  expect(launches).toBeLessThanOrEqual(10 * FOUR_LAYERS.layers + 6);
});
