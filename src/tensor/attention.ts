import {
  add,
  concat,
  customGrad,
  matMul,
  mul,
  reshape,
  softmax,
  split,
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

/**
 * Attention of each position to itself and those before it that the mask [B, T]
 * allows (1 = a real token, 0 = padding). A position that may look at nothing
 * gets 0.
 * @param qkv queries, keys and values side by side, [B·T, 3·D]
 * @returns [B·T, D]
 */
export function causalAttention(qkv: Tensor2D, mask: Tensor2D, { batch: B, heads: H }: AttentionShape): Tensor2D {
  const T = mask.shape[1];
  const sizes: Sizes = { B, H, T, S: qkv.shape[1] / 3 / H };
  const op = customGrad((qkv, save) => {
    const remember = save as GradSaveFunc;
    if (!onGpu()) {
      const { out, weights } = referenceForward(qkv as Tensor2D, mask, sizes);
      remember([qkv as Tensor, weights]);
      return { value: out, gradFunc: (dy: Tensor, [qkv, weights]: Tensor[]) => referenceBackward(qkv as Tensor2D, weights as Tensor4D, dy as Tensor2D, sizes) };
    }
    const { out, logTotal } = forward(qkv as Tensor2D, mask, sizes);
    remember([qkv as Tensor, mask, out, logTotal]);
    return { value: out, gradFunc: (dy: Tensor, [qkv, mask, out, logTotal]: Tensor[]) => backward(qkv, mask, out, logTotal, dy, sizes) };
  });
  return op(qkv) as Tensor2D;
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

/** Where a part of a row of `qkv` begins, for the thread's head. */
const at = (part: Part, row: string, { H, S }: Sizes) => `(${row}) * ${3 * H * S} + ${PARTS.indexOf(part) * H * S} + head * ${S}`;

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

function forward(qkv: Tensor2D, mask: Tensor2D, sizes: Sizes): { out: Tensor2D; logTotal: Tensor } {
  const { B, H, T, S } = sizes;
  const R = rowsOfThread(T);
  const { workgroups, begin } = positions(sizes, R);
  const { out, logTotal } = launch({
    name: `attention ${R}`,
    inputs: { qkv, mask },
    outputs: { out: [B * T, H * S], logTotal: [B, H, T] },
    constants: { H, T, S },
    workgroups,
    source: () => `${begin}
  ${upTo(R).map((r) => `
  let row${r} = min(first + ${r}, T - 1);
  let q${r} = ${at('q', `b * T + row${r}`, sizes)};
  ${upTo(S).map((s) => `let q${r}_${s} = qkv[q${r} + ${s}] * ${1 / Math.sqrt(S)};`).join(' ')}
  ${upTo(S).map((s) => `var sum${r}_${s} = 0.0;`).join(' ')}
  var best${r} = -1e30; var total${r} = 0.0;`).join('')}
  for (var j = 0; j <= row${R - 1}; j++) {
    if (mask[b * T + j] == 0.0) { continue; }
    let kAt = ${at('k', 'b * T + j', sizes)};
    ${upTo(R).map((r) => `var dot${r} = 0.0;`).join(' ')}
    ${upTo(S).map((s) => `{ let x = qkv[kAt + ${s}]; ${upTo(R).map((r) => `dot${r} += q${r}_${s} * x;`).join(' ')} }`).join('\n    ')}
    ${upTo(R).map((r) => `
    dot${r} = select(-1e30, dot${r}, j <= row${r});
    let higher${r} = max(best${r}, dot${r});
    let keep${r} = exp(best${r} - higher${r});
    let p${r} = select(0.0, exp(dot${r} - higher${r}), j <= row${r});
    best${r} = higher${r};
    total${r} = total${r} * keep${r} + p${r};`).join('')}
    let vAt = ${at('v', 'b * T + j', sizes)};
    ${upTo(S).map((s) => `{ let x = qkv[vAt + ${s}]; ${upTo(R).map((r) => `sum${r}_${s} = sum${r}_${s} * keep${r} + p${r} * x;`).join(' ')} }`).join('\n    ')}
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

function backward(qkv: Tensor, mask: Tensor, out: Tensor, logTotal: Tensor, dy: Tensor, sizes: Sizes): Tensor2D {
  const { B, H, T, S } = sizes;
  const R = rowsOfThread(T);
  const { workgroups, begin } = positions(sizes, R);
  const scale = 1 / Math.sqrt(S);
  const outAt = (row: string) => `(b * T + ${row}) * ${H * S} + head * S`;

  // ∂q, and with it what each weight's gradient is measured from: δ = Σ out·∂out.
  const ofQuery = launch<string>({
    name: `attention gradient of queries ${R}`,
    inputs: { qkv, mask, attended: out, logTotal, dy },
    outputs: { dqkv: qkv.shape, level: [B, H, T] },
    constants: { H, T, S },
    workgroups,
    source: () => `${begin}
  ${upTo(R).map((r) => `
  let row${r} = min(first + ${r}, T - 1);
  let q${r} = ${at('q', `b * T + row${r}`, sizes)};
  let out${r} = ${outAt(`row${r}`)};
  let lse${r} = logTotal[(b * H + head) * T + row${r}];
  var level${r} = 0.0;
  ${upTo(S).map((s) => `let q${r}_${s} = qkv[q${r} + ${s}]; let dy${r}_${s} = dy[out${r} + ${s}]; level${r} += dy${r}_${s} * attended[out${r} + ${s}]; var sum${r}_${s} = 0.0;`).join('\n  ')}`).join('')}
  for (var j = 0; j <= row${R - 1}; j++) {
    if (mask[b * T + j] == 0.0) { continue; }
    let kAt = ${at('k', 'b * T + j', sizes)};
    let vAt = ${at('v', 'b * T + j', sizes)};
    ${upTo(R).map((r) => `var dot${r} = 0.0; var dp${r} = 0.0;`).join(' ')}
    ${upTo(S).map((s) => `let k_${s} = qkv[kAt + ${s}]; { let x = qkv[vAt + ${s}]; ${upTo(R).map((r) => `dot${r} += q${r}_${s} * k_${s}; dp${r} += dy${r}_${s} * x;`).join(' ')} }`).join('\n    ')}
    ${upTo(R).map((r) => `let ds${r} = select(0.0, exp(min(dot${r} * ${scale} - lse${r}, 0.0)) * (dp${r} - level${r}) * ${scale}, j <= row${r});`).join('\n    ')}
    ${upTo(S).map((s) => upTo(R).map((r) => `sum${r}_${s} += ds${r} * k_${s};`).join(' ')).join('\n    ')}
  }
  ${upTo(R).map((r) => `if (first + ${r} < T) {
    ${upTo(S).map((s) => `dqkv[q${r} + ${s}] = sum${r}_${s};`).join(' ')}
    level[(b * H + head) * T + row${r}] = level${r};
  }`).join('\n  ')}
}`,
  });
  const level = asTensor(ofQuery.level);

  const ofKey = launch<string>({
    name: `attention gradient of keys ${R}`,
    inputs: { qkv, mask, logTotal, level, dy },
    outputs: { dqkv: ofQuery.dqkv },
    constants: { H, T, S },
    workgroups,
    source: () => `${begin}
  ${upTo(R).map((r) => `
  let row${r} = min(first + ${r}, T - 1);
  let k${r} = ${at('k', `b * T + row${r}`, sizes)};
  let v${r} = ${at('v', `b * T + row${r}`, sizes)};
  ${upTo(S).map((s) => `let k${r}_${s} = qkv[k${r} + ${s}]; let v${r}_${s} = qkv[v${r} + ${s}]; var dk${r}_${s} = 0.0; var dv${r}_${s} = 0.0;`).join('\n  ')}
  let real${r} = mask[b * T + row${r}] != 0.0;`).join('')}
  for (var i = first; i < T; i++) {
    let qAt = ${at('q', 'b * T + i', sizes)};
    let outAt = ${outAt('i')};
    let lse = logTotal[(b * H + head) * T + i];
    let level_i = level[(b * H + head) * T + i];
    ${upTo(R).map((r) => `var dot${r} = 0.0; var dp${r} = 0.0;`).join(' ')}
    ${upTo(S).map((s) => `let q_${s} = qkv[qAt + ${s}]; let dy_${s} = dy[outAt + ${s}]; ${upTo(R).map((r) => `dot${r} += q_${s} * k${r}_${s}; dp${r} += dy_${s} * v${r}_${s};`).join(' ')}`).join('\n    ')}
    ${upTo(R).map((r) => `let p${r} = select(0.0, exp(min(dot${r} * ${scale} - lse, 0.0)), real${r} && row${r} <= i); let ds${r} = p${r} * (dp${r} - level_i) * ${scale};`).join('\n    ')}
    ${upTo(S).map((s) => upTo(R).map((r) => `dk${r}_${s} += ds${r} * q_${s}; dv${r}_${s} += p${r} * dy_${s};`).join(' ')).join('\n    ')}
  }
  ${upTo(R).map((r) => `if (first + ${r} < T) {
    ${upTo(S).map((s) => `dqkv[k${r} + ${s}] = dk${r}_${s}; dqkv[v${r} + ${s}] = dv${r}_${s};`).join(' ')}
  }`).join('\n  ')}
}`,
  });
  level.dispose();
  return asTensor(ofKey.dqkv);
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

function parts(qkv: Tensor2D, sizes: Sizes): Tensor4D[] {
  return (split(qkv, 3, 1) as Tensor2D[]).map((x) => heads(x, sizes));
}

/** The same in tfjs's operations, with the T × T matrix: for backends without our kernels, and to check them by. */
function referenceForward(qkv: Tensor2D, mask: Tensor2D, sizes: Sizes): { out: Tensor2D; weights: Tensor4D } {
  const { B, T, S } = sizes;
  const [q, k, v] = parts(qkv, sizes);
  const visible = Float32Array.from({ length: T * T }, (_, n) => (n % T <= Math.floor(n / T) ? 1 : 0));
  const seen = mul(reshape(tensor2d(visible, [T, T]), [1, 1, T, T]), reshape(mask, [B, 1, 1, T]));
  const scores = add(mul(matMul(q, k, false, true), 1 / Math.sqrt(S)), mul(sub(1, seen), MASKED));
  const weights = mul(softmax(scores, -1), seen) as Tensor4D;
  return { out: joined(matMul(weights, v) as Tensor4D, sizes), weights };
}

function referenceBackward(qkv: Tensor2D, weights: Tensor4D, dy: Tensor2D, sizes: Sizes): Tensor2D {
  const [q, k, v] = parts(qkv, sizes);
  const dOut = heads(dy, sizes);
  const dWeights = matMul(dOut, v, false, true);
  const dScores = mul(mul(weights, sub(dWeights, sum(mul(dWeights, weights), -1, true))), 1 / Math.sqrt(sizes.S)) as Tensor4D;
  return concat([matMul(dScores, k), matMul(dScores, q, true), matMul(weights, dOut, true)].map((x) => joined(x as Tensor4D, sizes)), 1) as Tensor2D;
}
