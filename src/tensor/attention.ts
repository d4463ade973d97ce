import {
  add,
  concat,
  customGrad,
  matMul,
  mul,
  reshape,
  slice,
  softmax,
  sub,
  sum,
  tensor2d,
  transpose,
  type GradSaveFunc,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { asTensor, flatRange, launch } from './launch';
import { onGpu } from './storage';
import { variants } from './variants';

/*
 * Causal attention softmax(q·kᵀ/√S + mask)·v in one launch, without the T × T
 * matrix (Rabe & Staats 2021; Dao et al. 2022): each thread walks along the keys of a
 * few queries with a running maximum and sum. Backward it computes the weights
 * again from the logarithm of that sum: one launch for ∂q, one for ∂k and ∂v.
 * Rows are positions of a batch, [B·T, H·S]; a head is S neighbouring columns.
 */

export interface AttentionShape {
  /** B */
  batch: number;
  /** H */
  heads: number;
}

/** Queries, keys and values, [B·T, D] each, or one tensor [B·T, 3·D] that holds them side by side. */
export type Projections = readonly [query: Tensor2D, key: Tensor2D, value: Tensor2D] | readonly [packed: Tensor2D];

/**
 * Attention of each position to itself and those before it that the mask [B, T]
 * allows (1 = a real token, 0 = padding). A position that may look at nothing
 * gets 0. Returns [B·T, D].
 */
export function causalAttention(projections: Projections, mask: Tensor2D, { batch: B, heads: H }: AttentionShape): Tensor2D {
  const T = mask.shape[1];
  const width = projections[0].shape[1] / (projections.length === 1 ? 3 : 1);
  const sizes: Sizes = { B, H, T, S: width / H };
  const op = customGrad((...args) => {
    const save = args.pop() as GradSaveFunc;
    const given = args as unknown as Tensor2D[];
    if (!onGpu()) {
      const { out, weights } = referenceForward(given, mask, sizes);
      save([...given, weights]);
      return { value: out, gradFunc: (dy: Tensor, saved: Tensor[]) => referenceBackward(saved.slice(0, -1) as Tensor2D[], saved.at(-1) as Tensor4D, dy as Tensor2D, sizes) };
    }
    const { out, logTotal } = forward(given, mask, sizes);
    save([...given, mask, out, logTotal]);
    return {
      value: out,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [mask, out, logTotal] = saved.slice(-3);
        return backward(saved.slice(0, -3) as Tensor2D[], mask, out, logTotal, dy, sizes);
      },
    };
  });
  return op(...projections) as Tensor2D;
}

interface Sizes {
  B: number;
  H: number;
  T: number;
  S: number;
}

/** Rows that one thread takes: on a processor several share the loads of a key, on a GPU more threads matter more. */
const rowsOfThread = (T: number) => (variants().rowThreads === 1 && T > 1 ? 2 : 1);

const PARTS = ['q', 'k', 'v'] as const;
type Part = (typeof PARTS)[number];

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

/** How WGSL names an element of a part: row, then place within the head. */
function places({ H, S }: Sizes, packed: boolean) {
  const D = H * S;
  const stride = packed ? 3 * D : D;
  const at = (part: Part, row: string) => `(${row}) * ${stride} + ${packed ? PARTS.indexOf(part) * D : 0} + head * ${S}`;
  const array = (part: Part, prefix = '') => prefix + (packed ? 'qkv' : part);
  return { at, array };
}

function inputsOf(given: readonly Tensor[]): Record<string, Tensor> {
  return given.length === 1 ? { qkv: given[0] } : { q: given[0], k: given[1], v: given[2] };
}

/** Threads over blocks of `rows` positions of each head; neighbours have neighbouring blocks, so they read the same keys together. */
function positions({ B, H, T }: Sizes, rows: number) {
  const blocks = Math.ceil(T / rows);
  const range = flatRange(B * H * blocks);
  return {
    workgroups: range.workgroups,
    begin: `${range.begin}
  let b = index / ${H * blocks};
  let head = (index / ${blocks}) % ${H};
  let first = (index % ${blocks}) * ${rows};`,
  };
}

function forward(given: readonly Tensor2D[], mask: Tensor2D, sizes: Sizes): { out: Tensor2D; logTotal: Tensor } {
  const { B, H, T, S } = sizes;
  const R = rowsOfThread(T);
  const { at, array } = places(sizes, given.length === 1);
  const { workgroups, begin } = positions(sizes, R);
  const { out, logTotal } = launch({
    name: `attention ${R} ${given.length}`,
    inputs: { ...inputsOf(given), mask },
    outputs: { out: [B * T, H * S], logTotal: [B, H, T] },
    constants: { H, T, S },
    workgroups,
    source: () => `${begin}
  ${upTo(R).map((r) => `
  let row${r} = min(first + ${r}, T - 1);
  let q${r} = ${at('q', `b * T + row${r}`)};
  ${upTo(S).map((s) => `let q${r}_${s} = ${array('q')}[q${r} + ${s}] * ${1 / Math.sqrt(S)};`).join(' ')}
  ${upTo(S).map((s) => `var sum${r}_${s} = 0.0;`).join(' ')}
  var best${r} = -1e30; var total${r} = 0.0;`).join('')}
  for (var j = 0; j <= row${R - 1}; j++) {
    if (mask[b * T + j] == 0.0) { continue; }
    let kAt = ${at('k', 'b * T + j')};
    ${upTo(R).map((r) => `var dot${r} = 0.0;`).join(' ')}
    ${upTo(S).map((s) => `{ let x = ${array('k')}[kAt + ${s}]; ${upTo(R).map((r) => `dot${r} += q${r}_${s} * x;`).join(' ')} }`).join('\n    ')}
    ${upTo(R).map((r) => `
    dot${r} = select(-1e30, dot${r}, j <= row${r});
    let higher${r} = max(best${r}, dot${r});
    let keep${r} = exp(best${r} - higher${r});
    let p${r} = select(0.0, exp(dot${r} - higher${r}), j <= row${r});
    best${r} = higher${r};
    total${r} = total${r} * keep${r} + p${r};`).join('')}
    let vAt = ${at('v', 'b * T + j')};
    ${upTo(S).map((s) => `{ let x = ${array('v')}[vAt + ${s}]; ${upTo(R).map((r) => `sum${r}_${s} = sum${r}_${s} * keep${r} + p${r} * x;`).join(' ')} }`).join('\n    ')}
  }
  ${upTo(R).map((r) => `if (first + ${r} < T) {
    let share = select(0.0, 1.0 / max(total${r}, 1e-30), total${r} > 0.0);
    let outAt = (b * T + row${r}) * ${H * S} + head * S;
    ${upTo(S).map((s) => `out[outAt + ${s}] = sum${r}_${s} * share;`).join(' ')}
    // Where nothing may be seen: so large that every weight is 0 when computed again.
    logTotal[(b * H + head) * T + row${r}] = select(1e30, best${r} + log(max(total${r}, 1e-30)), total${r} > 0.0);
  }`).join('\n  ')}
}`,
  });
  return { out: asTensor(out), logTotal: asTensor(logTotal) };
}

function backward(given: readonly Tensor2D[], mask: Tensor, out: Tensor, logTotal: Tensor, dy: Tensor, sizes: Sizes): Tensor2D[] {
  const { B, H, T, S } = sizes;
  const packed = given.length === 1;
  const R = rowsOfThread(T);
  const { at, array } = places(sizes, packed);
  const { workgroups, begin } = positions(sizes, R);
  const scale = 1 / Math.sqrt(S);
  const outAt = (row: string) => `(b * T + ${row}) * ${H * S} + head * S`;
  const gradients = given.map(({ shape }) => shape);

  // ∂q, and with it what each weight's gradient is measured from: δ = Σ out·∂out.
  const ofQuery = launch<string>({
    name: `attention gradient of queries ${R} ${packed}`,
    inputs: { ...inputsOf(given), mask, attended: out, logTotal, dy },
    outputs: { [array('q', 'd')]: gradients[0], level: [B, H, T] },
    constants: { H, T, S },
    workgroups,
    source: () => `${begin}
  ${upTo(R).map((r) => `
  let row${r} = min(first + ${r}, T - 1);
  let q${r} = ${at('q', `b * T + row${r}`)};
  let out${r} = ${outAt(`row${r}`)};
  let lse${r} = logTotal[(b * H + head) * T + row${r}];
  var level${r} = 0.0;
  ${upTo(S).map((s) => `let q${r}_${s} = ${array('q')}[q${r} + ${s}]; let dy${r}_${s} = dy[out${r} + ${s}]; level${r} += dy${r}_${s} * attended[out${r} + ${s}]; var sum${r}_${s} = 0.0;`).join('\n  ')}`).join('')}
  for (var j = 0; j <= row${R - 1}; j++) {
    if (mask[b * T + j] == 0.0) { continue; }
    let kAt = ${at('k', 'b * T + j')};
    let vAt = ${at('v', 'b * T + j')};
    ${upTo(R).map((r) => `var dot${r} = 0.0; var dp${r} = 0.0;`).join(' ')}
    ${upTo(S).map((s) => `let k_${s} = ${array('k')}[kAt + ${s}]; { let x = ${array('v')}[vAt + ${s}]; ${upTo(R).map((r) => `dot${r} += q${r}_${s} * k_${s}; dp${r} += dy${r}_${s} * x;`).join(' ')} }`).join('\n    ')}
    ${upTo(R).map((r) => `let ds${r} = select(0.0, exp(min(dot${r} * ${scale} - lse${r}, 0.0)) * (dp${r} - level${r}) * ${scale}, j <= row${r});`).join('\n    ')}
    ${upTo(S).map((s) => upTo(R).map((r) => `sum${r}_${s} += ds${r} * k_${s};`).join(' ')).join('\n    ')}
  }
  ${upTo(R).map((r) => `if (first + ${r} < T) {
    ${upTo(S).map((s) => `${array('q', 'd')}[q${r} + ${s}] = sum${r}_${s};`).join(' ')}
    level[(b * H + head) * T + row${r}] = level${r};
  }`).join('\n  ')}
}`,
  });
  const level = asTensor(ofQuery.level);
  const dq = ofQuery[array('q', 'd')];

  const ofKey = launch<string>({
    name: `attention gradient of keys ${R} ${packed}`,
    inputs: { ...inputsOf(given), mask, logTotal, level, dy },
    outputs: packed ? { dqkv: dq } : { dk: gradients[1], dv: gradients[2]! },
    constants: { H, T, S },
    workgroups,
    source: () => `${begin}
  ${upTo(R).map((r) => `
  let row${r} = min(first + ${r}, T - 1);
  let k${r} = ${at('k', `b * T + row${r}`)};
  let v${r} = ${at('v', `b * T + row${r}`)};
  ${upTo(S).map((s) => `let k${r}_${s} = ${array('k')}[k${r} + ${s}]; let v${r}_${s} = ${array('v')}[v${r} + ${s}]; var dk${r}_${s} = 0.0; var dv${r}_${s} = 0.0;`).join('\n  ')}
  let real${r} = mask[b * T + row${r}] != 0.0;`).join('')}
  for (var i = first; i < T; i++) {
    let qAt = ${at('q', 'b * T + i')};
    let outAt = ${outAt('i')};
    let lse = logTotal[(b * H + head) * T + i];
    let level_i = level[(b * H + head) * T + i];
    ${upTo(R).map((r) => `var dot${r} = 0.0; var dp${r} = 0.0;`).join(' ')}
    ${upTo(S).map((s) => `let q_${s} = ${array('q')}[qAt + ${s}]; let dy_${s} = dy[outAt + ${s}]; ${upTo(R).map((r) => `dot${r} += q_${s} * k${r}_${s}; dp${r} += dy_${s} * v${r}_${s};`).join(' ')}`).join('\n    ')}
    ${upTo(R).map((r) => `let p${r} = select(0.0, exp(min(dot${r} * ${scale} - lse, 0.0)), real${r} && row${r} <= i); let ds${r} = p${r} * (dp${r} - level_i) * ${scale};`).join('\n    ')}
    ${upTo(S).map((s) => upTo(R).map((r) => `dk${r}_${s} += ds${r} * q_${s}; dv${r}_${s} += p${r} * dy_${s};`).join(' ')).join('\n    ')}
  }
  ${upTo(R).map((r) => `if (first + ${r} < T) {
    ${upTo(S).map((s) => `${array('k', 'd')}[k${r} + ${s}] = dk${r}_${s}; ${array('v', 'd')}[v${r} + ${s}] = dv${r}_${s};`).join(' ')}
  }`).join('\n  ')}
}`,
  });
  level.dispose();
  return packed ? [asTensor(ofKey.dqkv)] : [asTensor(dq), asTensor(ofKey.dk), asTensor(ofKey.dv)];
}

// Large enough to vanish under softmax, small enough to stay finite.
const MASKED = -1e9;

/** [B·T, D] to [B, H, T, S]. */
function heads(x: Tensor2D, { B, H, T, S }: Sizes): Tensor4D {
  return transpose(reshape(x, [B, T, H, S]), [0, 2, 1, 3]);
}

function joined(x: Tensor4D, { B, H, T, S }: Sizes): Tensor2D {
  return reshape(transpose(x, [0, 2, 1, 3]), [B * T, H * S]);
}

function parts(given: readonly Tensor2D[], { B, H, T, S }: Sizes): Tensor2D[] {
  return given.length === 3 ? [...given] : upTo(3).map((i) => slice(given[0], [0, i * H * S], [B * T, H * S]));
}

/** The same in tfjs's operations, with the T × T matrix: for backends without our kernels, and to check them by. */
function referenceForward(given: readonly Tensor2D[], mask: Tensor2D, sizes: Sizes): { out: Tensor2D; weights: Tensor4D } {
  const { B, T, S } = sizes;
  const [q, k, v] = parts(given, sizes).map((x) => heads(x, sizes));
  const visible = Float32Array.from({ length: T * T }, (_, n) => (n % T <= Math.floor(n / T) ? 1 : 0));
  const seen = mul(reshape(tensor2d(visible, [T, T]), [1, 1, T, T]), reshape(mask, [B, 1, 1, T]));
  const scores = add(mul(matMul(q, k, false, true), 1 / Math.sqrt(S)), mul(sub(1, seen), MASKED));
  const weights = mul(softmax(scores, -1), seen) as Tensor4D;
  return { out: joined(matMul(weights, v) as Tensor4D, sizes), weights };
}

function referenceBackward(given: readonly Tensor2D[], weights: Tensor4D, dy: Tensor2D, sizes: Sizes): Tensor2D[] {
  const [q, k, v] = parts(given, sizes).map((x) => heads(x, sizes));
  const dOut = heads(dy, sizes);
  const dWeights = matMul(dOut, v, false, true);
  const dScores = mul(mul(weights, sub(dWeights, sum(mul(dWeights, weights), -1, true))), 1 / Math.sqrt(sizes.S)) as Tensor4D;
  const gradients = [matMul(dScores, k), matMul(dScores, q, true), matMul(weights, dOut, true)].map((x) => joined(x as Tensor4D, sizes));
  return given.length === 3 ? gradients : [concat(gradients, 1)];
}
