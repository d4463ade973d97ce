import { add, cast, dispose, keep, matMul, mul, oneHot, pad, reshape, slice, softmax, split, sub, tensor1d, transpose, zeros, type Tensor, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { asTensor, flatRange, launch } from './launch';
import { rotate, type Angles } from './rotary';
import { forgetHostCopy, onGpu } from './storage';

/** Keys (rotated) and values of one layer, [B·L, D] each: L places a row of the batch, those not yet written hold zeros. */
export interface LayerCache {
  keys: Tensor2D;
  values: Tensor2D;
}

export interface DecodingShape {
  /** B */
  batch: number;
  /** H */
  heads: number;
  /** L */
  length: number;
}

/**
 * Attention while decoding one token a row: turn the new query and key to
 * `position`, write key and value there into the cache, which is changed in
 * place on the GPU and replaced elsewhere, and attend to all places up to it
 * that the mask [B, L] allows. Two launches; no gradient.
 * @param qkv [B, 3·D], side by side
 * @param angles of every place, [B·L, S / 2]
 * @returns [B, D]
 */
export function cachedAttention(qkv: Tensor2D, angles: Angles, cache: LayerCache, mask: Tensor2D, position: number, shape: DecodingShape): Tensor2D {
  if (!onGpu()) return reference(qkv, angles, cache, mask, position, shape);
  const { batch: B, heads: H, length: L } = shape;
  const D = qkv.shape[1] / 3;
  const S = D / H;
  const half = S / 2;
  const writing = flatRange((B * D) / 2);
  const { query } = launch<string>({
    name: 'write to the key-value cache',
    inputs: { qkv, cos: angles.cos, sin: angles.sin },
    outputs: { query: [B, D], keys: cache.keys, values: cache.values },
    constants: { L, D, half },
    settings: { position },
    workgroups: writing.workgroups,
    source: () => `${writing.begin}
  let row = index / (D / 2);
  let pair = index % (D / 2);
  let i = pair % half;
  let column = (pair / half) * 2 * half + i;
  let place = row * L + i32(settings.position);
  let c = cos[place * half + i];
  let s = sin[place * half + i];
  let q = row * 3 * D + column;
  let k = q + D;
  let v = k + D;
  query[row * D + column] = qkv[q] * c - qkv[q + half] * s;
  query[row * D + column + half] = qkv[q + half] * c + qkv[q] * s;
  keys[place * D + column] = qkv[k] * c - qkv[k + half] * s;
  keys[place * D + column + half] = qkv[k + half] * c + qkv[k] * s;
  values[place * D + column] = qkv[v];
  values[place * D + column + half] = qkv[v + half];
}`,
  });
  forgetHostCopy(cache.keys);
  forgetHostCopy(cache.values);
  const turned = asTensor(query);
  const { workgroups, begin } = flatRange(B * H);
  const places = Array.from({ length: S }, (_, s) => s);
  const { out } = launch({
    name: `cached attention ${S}`,
    inputs: { query: turned, keys: cache.keys, values: cache.values, mask },
    outputs: { out: [B, D] },
    constants: { H, L, D, S },
    settings: { position },
    workgroups,
    source: () => `${begin}
  let row = index / H;
  let head = index % H;
  let at = row * D + head * S;
  ${places.map((s) => `let q_${s} = query[at + ${s}] * ${1 / Math.sqrt(S)}; var sum_${s} = 0.0;`).join('\n  ')}
  var best = -1e30;
  var total = 0.0;
  for (var j = 0; j <= i32(settings.position); j++) {
    if (mask[row * L + j] == 0.0) { continue; }
    let place = (row * L + j) * D + head * S;
    var dot = 0.0;
    ${places.map((s) => `dot += q_${s} * keys[place + ${s}];`).join(' ')}
    let higher = max(best, dot);
    let kept = exp(best - higher);
    let p = exp(dot - higher);
    best = higher;
    total = total * kept + p;
    ${places.map((s) => `sum_${s} = sum_${s} * kept + p * values[place + ${s}];`).join(' ')}
  }
  let share = 1.0 / total;
  ${places.map((s) => `out[at + ${s}] = sum_${s} * share;`).join(' ')}
}`,
  });
  turned.dispose();
  return asTensor(out);
}

/** An empty cache for a layer of width D; the caller disposes it with {@link disposeCache}. */
export function emptyCache({ batch, length }: DecodingShape, D: number): LayerCache {
  return { keys: keep(zeros([batch * length, D])), values: keep(zeros([batch * length, D])) };
}

export function disposeCache({ keys, values }: LayerCache): void {
  dispose([keys, values]);
}

/** Put the keys and values of a pass over the prompts, qkv [B·P, 3·D] with keys turned to their positions, into the first P places of each row. */
export function fillCache(cache: LayerCache, qkv: Tensor2D, { batch: B, length: L }: DecodingShape): void {
  const D = qkv.shape[1] / 3;
  const P = qkv.shape[0] / B;
  if (!onGpu()) {
    const [, keys, values] = split(qkv, 3, 1) as Tensor2D[];
    const padded = (x: Tensor2D) => reshape(pad(reshape(x, [B, P, D]), [[0, 0], [0, L - P], [0, 0]]), [B * L, D]) as Tensor2D;
    replace(cache, padded(keys), padded(values));
    return;
  }
  const { workgroups, begin } = flatRange(B * P * D);
  launch<string>({
    name: 'fill the key-value cache',
    inputs: { qkv },
    outputs: { keys: cache.keys, values: cache.values },
    constants: { L, P, D },
    workgroups,
    source: () => `${begin}
  let row = index / (P * D);
  let place = index + row * (L - P) * D;
  let source = (index / D) * 3 * D + index % D;
  keys[place] = qkv[source + D];
  values[place] = qkv[source + 2 * D];
}`,
  });
  forgetHostCopy(cache.keys);
  forgetHostCopy(cache.values);
}

function replace(cache: LayerCache, keys: Tensor2D, values: Tensor2D): void {
  disposeCache(cache);
  cache.keys = keep(keys);
  cache.values = keep(values);
}

const MASKED = -1e9;

function reference(qkv: Tensor2D, angles: Angles, cache: LayerCache, mask: Tensor2D, position: number, { batch: B, heads: H, length: L }: DecodingShape): Tensor2D {
  const D = qkv.shape[1] / 3;
  const S = D / H;
  const part = (i: number) => slice(qkv, [0, i * D], [B, D]);
  const here = (x: Tensor2D) => reshape(slice(reshape(x, [B, L, S / 2]), [0, position, 0], [B, 1, S / 2]), [B, S / 2]) as Tensor2D;
  const now: Angles = { cos: here(angles.cos), sin: here(angles.sin) };
  const slot = reshape(cast(oneHot(tensor1d([position], 'int32'), L), 'float32'), [1, L, 1]);
  const written = (old: Tensor2D, x: Tensor) => reshape(add(reshape(old, [B, L, D]), mul(reshape(x, [B, 1, D]), slot)), [B * L, D]) as Tensor2D;
  replace(cache, written(cache.keys, rotate(part(1), now)), written(cache.values, part(2)));

  const heads = (x: Tensor2D, length: number) => transpose(reshape(x, [B, length, H, S]), [0, 2, 1, 3]) as Tensor4D;
  const seen = mul(mask, tensor1d(Float32Array.from({ length: L }, (_, j) => (j <= position ? 1 : 0))));
  const scores = mul(matMul(heads(rotate(part(0), now), 1), heads(cache.keys, L), false, true), 1 / Math.sqrt(S));
  const weights = softmax(add(scores, mul(sub(1, reshape(seen, [B, 1, 1, L])), MASKED)), -1) as Tensor4D;
  return reshape(matMul(weights, heads(cache.values, L)), [B, D]);
}
