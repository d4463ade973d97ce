import { add, dispose, mean, neg, ones, reshape, tensor1d, tensor2d, tidy, variableGrads, type Scalar, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { tokenLogProbs } from '../../src/model/logProbs';
import { disposeParameters, toParameters, type Parameters } from '../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../src/model/transformer';
import { AdamW } from '../../src/tensor/adamW';
import { causalAttention } from '../../src/tensor/attention';
import { startBackend } from '../../src/tensor/backend';
import { embedding } from '../../src/tensor/embedding';
import { linear } from '../../src/tensor/linear';
import { layerNorm } from '../../src/tensor/norms';
import { GPT_EPSILON, gptWeights, llamaConfig, llamaWeights, TRAINING, tokenBatch } from './models';
import { generation } from './ourGeneration';
import { ourPpo } from './ourPpo';
import { ppoSetup } from './ppoSetup';
import type { Engine, ModelSize, Prepared, Surroundings, Work } from './work';

/** The lab's own engine. */
export async function startOurs(surroundings: Surroundings): Promise<Engine> {
  const { name } = await startBackend({ prefer: 'webgpu', gpu: surroundings.gpu });
  return {
    adapter: name,
    async prepare(work) {
      if (work.kind === 'train') return training(work);
      return work.kind === 'ppo' ? ourPpo(await ppoSetup(work.scale, surroundings)) : generation(work);
    },
  };
}

/** Mean loss in nats a token of a GPT's parameters on ids [B, T] and the tokens that follow, [B·T]. */
export function gptLoss(parameters: Parameters, size: ModelSize, ids: Tensor2D, targets: Tensor1D): Scalar {
  const [B, T] = ids.shape;
  const p = (name: string) => parameters.get(name)!;
  const vector = (name: string) => p(name) as unknown as Tensor1D;
  const matrix = (name: string) => p(name) as unknown as Tensor2D;
  const norm = (x: Tensor2D, name: string) => layerNorm(x, vector(`${name}.weight`), vector(`${name}.bias`), GPT_EPSILON);
  const layer = (x: Tensor2D, name: string, options: { residual?: Tensor2D; activation?: 'gelu' } = {}) =>
    linear(x, matrix(`${name}.weight`), { bias: vector(`${name}.bias`), ...options });
  const mask = ones([B, T]) as Tensor2D;
  const places = tensor1d(Int32Array.from({ length: B * T }, (_, i) => i % T), 'int32');
  let x = add(embedding(matrix('wte'), reshape(ids, [B * T])), embedding(matrix('wpe'), places)) as Tensor2D;
  for (let i = 0; i < size.layers; i++) {
    const qkv = layer(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`);
    const middle = layer(causalAttention(qkv, mask, { batch: B, heads: size.heads }), `h.${i}.attn.c_proj`, { residual: x });
    const hidden = layer(norm(middle, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`, { activation: 'gelu' });
    x = layer(hidden, `h.${i}.mlp.c_proj`, { residual: middle });
  }
  return neg(mean(tokenLogProbs(linear(norm(x, 'ln_f'), matrix('wte')), targets))) as Scalar;
}

/** The same of the lab's model. */
export function llamaLoss(parameters: Parameters, size: ModelSize, ids: Tensor2D, targets: Tensor1D): Scalar {
  const hidden = hiddenStates(parameters, llamaConfig(size), ids, ones(ids.shape));
  return neg(mean(tokenLogProbs(nextTokenLogits(parameters, reshape(hidden, [ids.size, size.width])), targets))) as Scalar;
}

function training({ architecture, size, batch }: Work & { kind: 'train' }): Prepared {
  const parameters = toParameters(architecture === 'gpt' ? gptWeights(size) : llamaWeights(size));
  const loss = architecture === 'gpt' ? gptLoss : llamaLoss;
  const { learningRate, ...options } = TRAINING;
  const optimiser = new AdamW({ ...options, epsilonPlacement: 'pytorch', weightDecay: 0 });
  const data = tokenBatch(size, batch);
  return {
    async run() {
      const { value, grads } = tidy(() => {
        const ids = tensor2d(data.ids, [batch, size.context], 'int32');
        const targets = tensor1d(data.targets, 'int32');
        return variableGrads(() => loss(parameters, size, ids, targets), [...parameters.values()]);
      });
      const gradients = new Map([...parameters].map(([name, parameter]) => [name, grads[parameter.name]]));
      const norm = optimiser.step(parameters, gradients, learningRate);
      dispose([norm, grads]);
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
