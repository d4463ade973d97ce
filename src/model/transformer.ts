import { reshape, tensor2d, type Tensor1D, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import { causalAttention } from '../tensor/attention';
import { embedding } from '../tensor/embedding';
import { linear } from '../tensor/linear';
import { adaptedLinear, type LowRankUpdate } from '../tensor/lowRank';
import { rmsNorm } from '../tensor/norms';
import { anglesOf, rotate, type Angles } from '../tensor/rotary';
import { stackRows } from '../tensor/stack';
import { swiGlu } from '../tensor/swiGlu';
import type { ModelConfig } from './config';
import { adapterOf } from './lora';
import type { Parameters } from './parameters';

/*
 * A decoder-only transformer in the Hub's Llama layout: RMSNorm (Zhang &
 * Sennrich 2019), rotary positions in the half-split form (Su et al. 2021),
 * SwiGLU (Shazeer 2020), no biases, the output matrix tied to the embedding.
 * B rows, T positions, D width, H heads of size S, V tokens. Positions of all
 * rows stand one below the other, [B·T, D], as every operation wants them.
 */

/** A layer's attention: what queries, keys (both turned to their positions) and values, side by side in [B·T, 3·D], mix into. */
export type Attend = (layer: number, qkv: Tensor2D) => Tensor2D;

/**
 * Final normalised hidden states [B, T, D] of token ids [B, T] (int32) under an
 * attention mask [B, T] (float32, 1 = a real token, 0 = padding on either side).
 * Positions are the exclusive cumulative sum of the mask, so left padding moves nothing.
 */
export function hiddenStates(parameters: Parameters, config: ModelConfig, ids: Tensor2D, mask: Tensor2D): Tensor3D {
  const [B, T] = ids.shape;
  const x = layers(parameters, config, ids, mask, (_, qkv) =>
    causalAttention(qkv, mask, { batch: B, heads: config.num_attention_heads }),
  );
  return reshape(finalNorm(parameters, config, x), [B, T, config.hidden_size]);
}

/** States [B·T, D] after the last layer, before {@link finalNorm}; `attend` says what each layer's attention looks at. */
export function layers(parameters: Parameters, config: ModelConfig, ids: Tensor2D, mask: Tensor2D, attend: Attend): Tensor2D {
  const [B, T] = ids.shape;
  const angles = rotaryAngles(config, mask);
  let x = embed(parameters, reshape(ids, [B * T]));
  for (let layer = 0; layer < config.num_hidden_layers; layer++) x = block(parameters, config, layer, x, angles, attend);
  return x;
}

/** The normalisation after the last layer, of states [N, D]. */
export function finalNorm(parameters: Parameters, config: ModelConfig, x: Tensor2D): Tensor2D {
  return rmsNorm(x, vector(parameters, 'model.norm'), config.rms_norm_eps);
}

/** Next-token logits [N, V] of hidden states [N, D], through the tied embedding. */
export function nextTokenLogits(parameters: Parameters, hidden: Tensor2D): Tensor2D {
  return linear(hidden, matrix(parameters, 'model.embed_tokens'));
}

/** Embeddings [N, D] of ids [N]. */
export function embed(parameters: Parameters, ids: Tensor1D): Tensor2D {
  return embedding(matrix(parameters, 'model.embed_tokens'), ids);
}

/**
 * Angles of each place of a mask [B, T], for {@link rotate}: position ·
 * θ^(−2i/S) for i < S/2. Looked up in tables from the host: WGSL promises its
 * cos and sin only to 2⁻¹¹, and only between −π and π.
 */
export function rotaryAngles(config: ModelConfig, mask: Tensor2D): Angles {
  const T = mask.shape[1];
  const half = config.hidden_size / config.num_attention_heads / 2;
  const table = (value: (angle: number) => number) =>
    tensor2d(Float32Array.from({ length: T * half }, (_, n) => value(Math.floor(n / half) * config.rope_theta ** (-(n % half) / half))), [T, half]);
  return anglesOf(mask, { cos: table(Math.cos), sin: table(Math.sin) });
}

/** One layer: x + attention(norm(x)), then + SwiGLU(norm(x)); [B·T, D] to the same. */
function block(parameters: Parameters, config: ModelConfig, layer: number, x: Tensor2D, angles: Angles, attend: Attend): Tensor2D {
  const name = (part: string) => `model.layers.${layer}.${part}`;
  const normed = rmsNorm(x, vector(parameters, name('input_layernorm')), config.rms_norm_eps);
  const qkv = project(parameters, ['q', 'k', 'v'].map((part) => name(`self_attn.${part}_proj`)), normed);
  const mixed = attend(layer, rotate(qkv, angles, 2 * config.hidden_size));
  const middle = project(parameters, [name('self_attn.o_proj')], mixed, x);

  const input = rmsNorm(middle, vector(parameters, name('post_attention_layernorm')), config.rms_norm_eps);
  const gated = swiGlu(project(parameters, ['gate', 'up'].map((part) => name(`mlp.${part}_proj`)), input));
  return project(parameters, [name('mlp.down_proj')], gated, middle);
}

/** A linear map: a matrix, and its adapter where it has one. */
export interface Projection {
  weight: Tensor2D;
  adapter?: LowRankUpdate;
}

/** Matrices of a layer that read the same input, as one whose outputs stand side by side. */
export function projection(parameters: Parameters, names: readonly string[]): Projection {
  return { weight: stackRows(names.map((name) => matrix(parameters, name))), adapter: adapterOf(parameters, names) };
}

/** x·Wᵀ + residual by the {@link projection} of these matrices. */
function project(parameters: Parameters, names: readonly string[], x: Tensor2D, residual?: Tensor2D): Tensor2D {
  const { weight, adapter } = projection(parameters, names);
  return adapter ? adaptedLinear(x, weight, adapter, residual) : linear(x, weight, { residual });
}

export function matrix(parameters: Parameters, name: string): Tensor2D {
  return parameters.get(`${name}.weight`)! as unknown as Tensor2D;
}

export function vector(parameters: Parameters, name: string): Tensor1D {
  return parameters.get(`${name}.weight`)! as unknown as Tensor1D;
}
