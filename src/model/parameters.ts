import { tensor, variable, type Variable } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../tensor/random';
import type { ModelConfig } from './config';

/** Tensors on the device by their name in a Hub Llama checkpoint; matrices are [out, in]. A variable that is not trainable is frozen. */
export type Parameters = Map<string, Variable>;

/** Weights outside the device, by the same names; what checkpoints and files hold. */
export type Weights = Map<string, { shape: number[]; data: Float32Array }>;

/** Name and shape of every parameter of the trunk, in checkpoint order. */
export function parameterShapes(config: ModelConfig): Map<string, number[]> {
  const { vocab_size: V, hidden_size: D, intermediate_size: F, num_hidden_layers: L } = config;
  const shapes = new Map<string, number[]>([['model.embed_tokens.weight', [V, D]]]);
  for (let layer = 0; layer < L; layer++) {
    const prefix = `model.layers.${layer}`;
    shapes.set(`${prefix}.input_layernorm.weight`, [D]);
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) shapes.set(`${prefix}.self_attn.${name}.weight`, [D, D]);
    shapes.set(`${prefix}.post_attention_layernorm.weight`, [D]);
    shapes.set(`${prefix}.mlp.gate_proj.weight`, [F, D]);
    shapes.set(`${prefix}.mlp.up_proj.weight`, [F, D]);
    shapes.set(`${prefix}.mlp.down_proj.weight`, [D, F]);
  }
  shapes.set('model.norm.weight', [D]);
  return shapes;
}

/**
 * Fresh weights: norms 1, matrices N(0, initializer_range²), and the two that
 * write to the residual stream smaller by √(2·layers) (GPT-2, Radford et al. 2019, §2.3).
 */
export function initWeights(config: ModelConfig, random: RandomStream): Weights {
  const weights: Weights = new Map();
  const residual = config.initializer_range / Math.sqrt(2 * config.num_hidden_layers);
  for (const [name, shape] of parameterShapes(config)) {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const std = /(o_proj|down_proj)\.weight$/.test(name) ? residual : config.initializer_range;
    for (let i = 0; i < data.length; i++) data[i] = shape.length === 1 ? 1 : std * random.normal();
    weights.set(name, { shape, data });
  }
  return weights;
}

/** Upload weights to the device, all of them trainable or those that `trained` names. The caller owns the variables: see {@link disposeParameters}. */
export function toParameters(weights: Weights, trained: (name: string) => boolean = () => true): Parameters {
  const parameters: Parameters = new Map();
  for (const [name, { shape, data }] of weights) {
    const value = tensor(data, shape, 'float32');
    parameters.set(name, variable(value, trained(name)));
    value.dispose();
  }
  return parameters;
}

/** Read parameters back from the device. */
export async function toWeights(parameters: Parameters): Promise<Weights> {
  const weights: Weights = new Map();
  for (const [name, parameter] of parameters)
    weights.set(name, { shape: parameter.shape.slice(), data: Float32Array.from(await parameter.data()) });
  return weights;
}

export function disposeParameters(parameters: Parameters): void {
  for (const parameter of parameters.values()) parameter.dispose();
  parameters.clear();
}

export function countParameters(weights: Iterable<{ shape: number[] }>): number {
  let count = 0;
  for (const { shape } of weights) count += shape.reduce((a, b) => a * b, 1);
  return count;
}
