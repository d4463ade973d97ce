import {
  add,
  cast,
  cumsum,
  customGrad,
  gather,
  matMul,
  mean,
  mul,
  oneHot,
  reshape,
  reverse,
  rsqrt,
  sigmoid,
  softmax,
  square,
  sub,
  sum,
  tensor2d,
  transpose,
  type GradSaveFunc,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { ModelConfig } from './config';
import type { Parameters } from './parameters';

/*
 * A decoder-only transformer in the Hub's Llama layout: RMSNorm (Zhang &
 * Sennrich 2019), rotary positions in the half-split form (Su et al. 2021),
 * SwiGLU (Shazeer 2020), no biases, the output matrix tied to the embedding.
 * B rows, T positions, D width, H heads of size S, V tokens.
 */

/**
 * What turns each pair (x_i, x_{i+S/2}) by its position's angle, [B, 1, T, S]:
 * cos twice over, and −sin for the first half, sin for the second.
 */
export type Rotary = { cos: Tensor4D; sin: Tensor4D };

/**
 * What a layer's attention reads: by default its own keys and values; a KV
 * cache puts earlier ones before them. Both [B, H, T, S].
 */
export type Remember = (layer: number, keys: Tensor4D, values: Tensor4D) => [Tensor4D, Tensor4D];

// Large enough to vanish under softmax, small enough to stay finite: infinities are not portable on WebGPU.
const MASKED = -1e9;

/**
 * Final normalised hidden states [B, T, D] of token ids [B, T] (int32) under an
 * attention mask [B, T] (float32, 1 = a real token, 0 = padding on either side).
 * Positions are the exclusive cumulative sum of the mask, so left padding moves nothing.
 */
export function hiddenStates(parameters: Parameters, config: ModelConfig, ids: Tensor2D, mask: Tensor2D): Tensor3D {
  const positions = cumsum(mask, 1, true) as Tensor2D;
  const rotary = rotaryAngles(config, positions);
  const bias = causalBias(mask);
  let x = embed(parameters, ids);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) x = block(parameters, config, layer, x, rotary, bias);
  const [B, T, D] = x.shape;
  return reshape(finalNorm(parameters, config, reshape(x, [B * T, D])), [B, T, D]);
}

/** The normalisation after the last layer, of states [N, D]. */
export function finalNorm(parameters: Parameters, config: ModelConfig, x: Tensor2D): Tensor2D {
  return rmsNorm(x, parameters.get('model.norm.weight')!, config.rms_norm_eps);
}

/** Next-token logits [N, V] of hidden states [N, D], through the tied embedding. */
export function nextTokenLogits(parameters: Parameters, hidden: Tensor2D): Tensor2D {
  return matMul(hidden, parameters.get('model.embed_tokens.weight')! as unknown as Tensor2D, false, true);
}

/** Embeddings [B, T, D] of ids [B, T]. */
export function embed(parameters: Parameters, ids: Tensor2D): Tensor3D {
  const table = parameters.get('model.embed_tokens.weight')! as unknown as Tensor2D;
  const [B, T] = ids.shape;
  const [V, D] = table.shape;
  const flat = reshape(ids, [B * T]) as Tensor1D;
  // tfjs's own gradient of gather adds with float atomics, which is irreproducible and absent on wasm; a product with the one-hot rows is neither.
  const lookUp = customGrad((weight, save) => {
    (save as GradSaveFunc)([flat]);
    return {
      value: gather(weight as Tensor, flat),
      gradFunc: (dy: Tensor, [flat]: Tensor[]) =>
        matMul(oneHotRows(flat as Tensor1D, V), dy as Tensor2D, true, false),
    };
  });
  return reshape(lookUp(table), [B, T, D]);
}

/** Rows [N, size] of zeros with a one at each index [N]. By way of integers: asked for floats, tfjs's wasm kernel writes an integer's bits. */
export function oneHotRows(indices: Tensor1D, size: number): Tensor2D {
  return cast(oneHot(indices, size), 'float32') as Tensor2D;
}

/**
 * Rotary angles of positions [B, T], each below T: position · θ^(−2i/S) for
 * i < S/2. Looked up in tables from the host: WGSL promises its cos and sin
 * only to 2⁻¹¹, and only between −π and π.
 */
export function rotaryAngles(config: ModelConfig, positions: Tensor2D): Rotary {
  const [B, T] = positions.shape;
  const S = config.hidden_size / config.num_attention_heads;
  const table = (value: (angle: number, i: number) => number) => {
    const entry = (n: number) => value(Math.floor(n / S) * config.rope_theta ** ((-2 * (n % (S / 2))) / S), n % S);
    return tensor2d(Float32Array.from({ length: T * S }, (_, n) => entry(n)), [T, S]);
  };
  const flat = cast(reshape(positions, [B * T]), 'int32') as Tensor1D;
  const lookUp = (values: Tensor2D) => reshape(gather(values, flat), [B, 1, T, S]) as Tensor4D;
  return { cos: lookUp(table(Math.cos)), sin: lookUp(table((angle, i) => (i < S / 2 ? -1 : 1) * Math.sin(angle))) };
}

/** Additive attention bias [B, 1, T, T]: 0 where key ≤ query and the key is a real token, else very negative. */
export function causalBias(mask: Tensor2D): Tensor4D {
  const T = mask.shape[1];
  const causal = new Float32Array(T * T);
  for (let query = 0; query < T; query++) causal.fill(MASKED, query * T + query + 1, (query + 1) * T);
  return add(reshape(tensor2d(causal, [T, T]), [1, 1, T, T]), paddingBias(mask)) as Tensor4D;
}

/** Additive bias [B, 1, 1, T] that hides padded keys. */
export function paddingBias(mask: Tensor2D): Tensor4D {
  const [B, T] = mask.shape;
  return reshape(mul(sub(1, mask), MASKED), [B, 1, 1, T]);
}

/** One layer: x + attention(norm(x)), then + SwiGLU(norm(x)); [B, T, D] to the same. */
export function block(
  parameters: Parameters,
  config: ModelConfig,
  layer: number,
  x: Tensor3D,
  rotary: Rotary,
  bias: Tensor4D,
  remember: Remember = (_, keys, values) => [keys, values],
): Tensor3D {
  const [B, T, D] = x.shape;
  const H = config.num_attention_heads;
  const weight = (name: string) => parameters.get(`model.layers.${layer}.${name}.weight`)!;
  // With one position the two layouts are the same bytes, and decoding saves a launch each time.
  const heads = (y: Tensor2D) =>
    (T === 1 ? reshape(y, [B, H, 1, D / H]) : transpose(reshape(y, [B, T, H, D / H]), [0, 2, 1, 3])) as Tensor4D;
  const joined = (y: Tensor4D) => reshape(T === 1 ? y : transpose(y, [0, 2, 1, 3]), [B * T, D]) as Tensor2D;

  const flat = reshape(x, [B * T, D]) as Tensor2D;
  const normed = rmsNorm(flat, weight('input_layernorm'), config.rms_norm_eps);
  const query = rotate(heads(linear(normed, weight('self_attn.q_proj'))), rotary);
  const [keys, values] = remember(
    layer,
    rotate(heads(linear(normed, weight('self_attn.k_proj'))), rotary),
    heads(linear(normed, weight('self_attn.v_proj'))),
  );
  const scores = mul(matMul(query, keys, false, true), 1 / Math.sqrt(D / H));
  const mixed = matMul(softmax(add(scores, bias), -1) as Tensor4D, values);
  const attended = linear(joined(mixed as Tensor4D), weight('self_attn.o_proj'));
  const middle = add(flat, attended) as Tensor2D;

  const input = rmsNorm(middle, weight('post_attention_layernorm'), config.rms_norm_eps);
  const gate = linear(input, weight('mlp.gate_proj'));
  const gated = mul(mul(gate, sigmoid(gate)), linear(input, weight('mlp.up_proj'))) as Tensor2D;
  return reshape(add(middle, linear(gated, weight('mlp.down_proj'))), [B, T, D]);
}

/** x · weightᵀ for x [N, in] and weight [out, in]. Rank 2 on purpose: tfjs's rank-3 product has no gradient. */
function linear(x: Tensor2D, weight: Tensor): Tensor2D {
  return matMul(x, weight as Tensor2D, false, true);
}

/*
 * The two below write their gradients in closed form: half the launches of what
 * tfjs would derive, and launches are what a small model's time goes into.
 */

/** weight · x / √(mean(x²) + ε) over the last axis of x [N, D]; weight [D]. */
function rmsNorm(x: Tensor2D, weight: Tensor, epsilon: number): Tensor2D {
  const op = customGrad((x, weight, save) => {
    const scale = rsqrt(add(mean(square(x as Tensor), -1, true), epsilon));
    const unit = mul(x as Tensor, scale);
    (save as GradSaveFunc)([unit, scale, weight as Tensor]);
    return {
      value: mul(unit, weight as Tensor),
      gradFunc: (dy: Tensor, [unit, scale, weight]: Tensor[]) => {
        const dUnit = mul(dy, weight);
        const dx = mul(sub(dUnit, mul(unit, mean(mul(dUnit, unit), -1, true))), scale);
        return [dx, sum(mul(dy, unit), 0)];
      },
    };
  });
  return op(x, weight) as Tensor2D;
}

/** Turn x [B, H, T, S] by its positions' angles; the gradient turns back. */
function rotate(x: Tensor4D, rotary: Rotary): Tensor4D {
  const op = customGrad((x, save) => {
    (save as GradSaveFunc)([rotary.cos, rotary.sin]);
    return {
      value: add(mul(x as Tensor4D, rotary.cos), mul(swapHalves(x as Tensor4D), rotary.sin)),
      gradFunc: (dy: Tensor, [cos, sin]: Tensor[]) => sub(mul(dy, cos), mul(swapHalves(dy as Tensor4D), sin)),
    };
  });
  return op(x) as Tensor4D;
}

function swapHalves(x: Tensor4D): Tensor4D {
  const [B, H, T, S] = x.shape;
  return reshape(reverse(reshape(x, [B * H * T, 2, S / 2]), 1), x.shape);
}
