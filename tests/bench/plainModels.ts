import {
  add,
  cast,
  concat,
  gather,
  losses,
  matMul,
  mean,
  mul,
  oneHot,
  reshape,
  rsqrt,
  sigmoid,
  slice,
  softmax,
  split,
  square,
  sub,
  tanh,
  tensor2d,
  transpose,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../src/model/config';
import type { Parameters } from '../../src/model/parameters';
import { GPT_EPSILON, llamaConfig } from './models';
import type { ModelSize } from './work';

/*
 * The two architectures in tfjs's own operations, each with the gradient that
 * tfjs derives: what one writes who has nothing else. Rows stand one below the
 * other, [B·T, D]; heads are [B, H, T, S].
 */

const MASKED = -1e9;

/** Mean loss in nats a token of a GPT's parameters on ids [B, T] and the tokens that follow, [B·T]. */
export function plainGptLoss(parameters: Parameters, { layers, heads, vocabulary }: ModelSize, ids: Tensor2D, targets: Tensor1D): Scalar {
  const [B, T] = ids.shape;
  const p = (name: string) => parameters.get(name)! as Tensor as Tensor2D;
  const norm = (x: Tensor2D, name: string) => {
    const centred = sub(x, mean(x, -1, true));
    const unit = mul(centred, rsqrt(add(mean(square(centred), -1, true), GPT_EPSILON)));
    return add(mul(unit, p(`${name}.weight`)), p(`${name}.bias`)) as Tensor2D;
  };
  const layer = (x: Tensor2D, name: string) => add(matMul(x, p(`${name}.weight`), false, true), p(`${name}.bias`)) as Tensor2D;
  const gelu = (x: Tensor2D) => mul(mul(0.5, x), add(1, tanh(mul(Math.sqrt(2 / Math.PI), add(x, mul(0.044715, mul(x, mul(x, x)))))))) as Tensor2D;
  const bias = causalBias(T);
  // Each position's own row of the table, once for every row of the batch.
  const table = gather(p('wte') as Tensor, reshape(ids, [B * T]));
  let x = reshape(add(reshape(table, [B, T, -1]), slice(p('wpe'), [0, 0], [T, -1])), [B * T, -1]) as Tensor2D;
  for (let i = 0; i < layers; i++) {
    const [q, k, v] = split(layer(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`), 3, 1).map((part) => toHeads(part as Tensor2D, B, heads));
    x = add(x, layer(fromHeads(attend(q, k, v, bias)), `h.${i}.attn.c_proj`));
    x = add(x, layer(gelu(layer(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`)), `h.${i}.mlp.c_proj`));
  }
  return crossEntropy(matMul(norm(x, 'ln_f'), p('wte'), false, true), targets, vocabulary);
}

/** The same of the lab's own architecture. */
export function plainLlamaLoss(parameters: Parameters, size: ModelSize, ids: Tensor2D, targets: Tensor1D): Scalar {
  const config = llamaConfig(size);
  const T = ids.shape[1];
  const states = plainHiddenStates(parameters, config, ids, plainAngles(config, T), causalBias(T));
  return crossEntropy(matMul(states, parameters.get('model.embed_tokens.weight') as Tensor as Tensor2D, false, true), targets, size.vocabulary);
}

function crossEntropy(logits: Tensor2D, targets: Tensor1D, vocabulary: number): Scalar {
  return losses.softmaxCrossEntropy(cast(oneHot(targets, vocabulary), 'float32'), logits) as Scalar;
}

/** Rotary angles, each [.., T, S / 2] for whatever comes before. */
export type PlainAngles = { cos: Tensor; sin: Tensor };

/** What a layer's attention reads, both [B, H, T, S]: its own keys and values, or those of a cache as well. */
export type Remember = (layer: number, keys: Tensor4D, values: Tensor4D) => [Tensor4D, Tensor4D];

/** Final normalised states [B·T, D] of the lab's architecture; `bias` is added to the scores [B, H, T, keys]. */
export function plainHiddenStates(
  parameters: Parameters,
  config: ModelConfig,
  ids: Tensor2D,
  angles: PlainAngles,
  bias: Tensor,
  remember: Remember = (_, keys, values) => [keys, values],
): Tensor2D {
  const [B, T] = ids.shape;
  const p = (name: string) => parameters.get(`${name}.weight`)! as Tensor as Tensor2D;
  const norm = (x: Tensor2D, name: string) => mul(mul(x, rsqrt(add(mean(square(x), -1, true), config.rms_norm_eps))), p(name)) as Tensor2D;
  const layer = (x: Tensor2D, name: string) => matMul(x, p(name), false, true) as Tensor2D;
  let x = gather(p('model.embed_tokens') as Tensor, reshape(ids, [B * T])) as Tensor2D;
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const name = `model.layers.${i}`;
    const normed = norm(x, `${name}.input_layernorm`);
    const [q, k, v] = ['q', 'k', 'v'].map((part) => toHeads(layer(normed, `${name}.self_attn.${part}_proj`), B, config.num_attention_heads));
    const [keys, values] = remember(i, rotate(k, angles), v);
    x = add(x, layer(fromHeads(attend(rotate(q, angles), keys, values, bias)), `${name}.self_attn.o_proj`));
    const input = norm(x, `${name}.post_attention_layernorm`);
    const gate = layer(input, `${name}.mlp.gate_proj`);
    const gated = mul(mul(gate, sigmoid(gate)), layer(input, `${name}.mlp.up_proj`)) as Tensor2D;
    x = add(x, layer(gated, `${name}.mlp.down_proj`));
  }
  return norm(x, 'model.norm');
}

/** Angles of positions 0 … T − 1, [T, S / 2]. */
export function plainAngles(config: ModelConfig, T: number): PlainAngles {
  const half = config.hidden_size / config.num_attention_heads / 2;
  const table = (value: (angle: number) => number) =>
    tensor2d(Float32Array.from({ length: T * half }, (_, n) => value(Math.floor(n / half) * config.rope_theta ** (-(n % half) / half))), [T, half]);
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** [T, T]: 0 where the key is not after the query, else very negative. */
export function causalBias(T: number): Tensor2D {
  return tensor2d(Float32Array.from({ length: T * T }, (_, n) => (n % T <= Math.floor(n / T) ? 0 : MASKED)), [T, T]);
}

/** [B, 1, 1, T]: very negative where the mask [B, T] says padding. */
export function paddingBias(mask: Tensor2D): Tensor4D {
  const [B, T] = mask.shape;
  return reshape(mul(sub(1, mask), MASKED), [B, 1, 1, T]);
}

function attend(q: Tensor4D, k: Tensor4D, v: Tensor4D, bias: Tensor): Tensor4D {
  const scores = mul(matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3]));
  return matMul(softmax(add(scores, bias), -1) as Tensor4D, v) as Tensor4D;
}

function rotate(x: Tensor4D, { cos, sin }: PlainAngles): Tensor4D {
  const [a, b] = split(x, 2, 3);
  return concat([sub(mul(a, cos), mul(b, sin)), add(mul(b, cos), mul(a, sin))], 3) as Tensor4D;
}

function toHeads(x: Tensor2D, B: number, H: number): Tensor4D {
  const [N, D] = x.shape;
  return transpose(reshape(x, [B, N / B, H, D / H]), [0, 2, 1, 3]);
}

function fromHeads(x: Tensor4D): Tensor2D {
  const [B, H, T, S] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [B * T, H * S]);
}
