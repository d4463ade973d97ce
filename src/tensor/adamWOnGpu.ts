import { add, dispose, keep, tensor, tidy, zeros, type Scalar, type Tensor, type Tensor1D, type Variable } from '@tensorflow/tfjs-core';
import type { AdamWEngine, AdamWOptions, AdamWState, Moments } from './adamW';
import { CLIP_EPSILON } from './adamWOnHost';
import { asTensor, copyBetween, flatRange, launch } from './launch';
import { forgetHostCopy, gpuBackend, holdsFloats } from './storage';

/*
 * All variables at once: they and their gradients are copied side by side into
 * flat tensors, three launches make the update there, and the weights are copied
 * back, which costs far less than two launches a variable. Sums have a fixed
 * order (no float atomics), so a run repeats bit for bit. The count of updates
 * lives on the device, for only the device knows in time that a norm was not finite.
 */

const THREADS = 64;
// Elements that one thread of the first launch sums up at least, so that the second has few numbers left.
const ELEMENTS_PER_THREAD = 64;
const MAX_WORKGROUPS = 4096;

/** Where each variable lies in the flat tensors, and those. */
interface Flat {
  spans: ReadonlyMap<string, { offset: number; size: number }>;
  size: number;
  weights: Tensor1D;
  gradients: Tensor1D;
  first: Tensor1D;
  second: Tensor1D;
}

/** Which engine wrote a variable last: as long as it is the same one, its flat copy is still true. */
const lastWriter = new WeakMap<object, AdamWOnGpu>();

/** {@link AdamW} in WGSL, on the buffers of tfjs's own tensors. */
export class AdamWOnGpu implements AdamWEngine {
  readonly #options: AdamWOptions;
  /** Moments of variables that have had no gradient here yet. */
  readonly #restored: Map<string, Moments>;
  /** Updates applied; 1 − β1ᵗ; 1 − β2ᵗ; the factor on gradients, negative to skip the update. */
  readonly #control: Tensor1D;
  #flat: Flat | null = null;

  constructor(options: AdamWOptions, { step, moments }: AdamWState) {
    this.#options = options;
    this.#restored = new Map(moments);
    this.#control = keep(tensor([step, 0, 0, 0], [4], 'float32'));
  }

  step(variables: ReadonlyMap<string, Variable>, gradients: ReadonlyMap<string, Tensor>, learningRate: number): Scalar {
    const flat = this.#layOut(gradients);
    const copies: Tensor[] = [];
    const changed = [...gradients].map(([name, given]) => {
      const variable = variables.get(name)!;
      if (gpuBackend().refCount(variable.dataId) > 1 || !holdsFloats(variable)) ownStorage(variable);
      let gradient = given;
      if (!holdsFloats(gradient)) copies.push((gradient = add(gradient, 0)));
      return { variable, gradient, ...flat.spans.get(name)! };
    });
    const unknown = changed.filter(({ variable }) => lastWriter.get(variable.dataId) !== this);
    copyBetween([
      ...changed.map(({ gradient, offset, size }) => ({ from: gradient, to: flat.gradients, toOffset: offset, size })),
      ...unknown.map(({ variable, offset, size }) => ({ from: variable, to: flat.weights, toOffset: offset, size })),
    ]);
    const norm = this.#update(flat, learningRate);
    copyBetween(changed.map(({ variable, offset, size }) => ({ from: flat.weights, fromOffset: offset, to: variable, size })));

    for (const { variable } of changed) {
      lastWriter.set(variable.dataId, this);
      forgetHostCopy(variable);
    }
    for (const written of [this.#control, flat.weights, flat.first, flat.second]) forgetHostCopy(written);
    dispose(copies);
    return norm;
  }

  async state(): Promise<AdamWState> {
    const moments = new Map(this.#restored);
    const flat = this.#flat;
    if (flat) {
      const [first, second] = await Promise.all([flat.first.data<'float32'>(), flat.second.data<'float32'>()]);
      for (const [name, { offset, size }] of flat.spans)
        moments.set(name, { first: first.slice(offset, offset + size), second: second.slice(offset, offset + size) });
    }
    return { step: (await this.#control.data())[0], moments };
  }

  dispose(): void {
    this.#control.dispose();
    disposeFlat(this.#flat);
    this.#flat = null;
  }

  /** The squares of the gradients, partly summed; their norm, the clip factor and the bias corrections; the update itself. Returns the norm. */
  #update(flat: Flat, learningRate: number): Scalar {
    const { beta1, beta2, epsilon, epsilonPlacement, weightDecay, maxGradNorm } = this.#options;
    const P = flat.size;
    const groups = Math.min(Math.ceil(P / (THREADS * ELEMENTS_PER_THREAD)), MAX_WORKGROUPS);
    const control = this.#control;
    const partials = asTensor(
      launch({
        name: 'AdamW squares',
        inputs: { gradient: flat.gradients },
        outputs: { partials: [groups * THREADS] },
        constants: { P, groups },
        workgroups: [groups],
        source: () => SQUARES,
      }).partials,
    );
    const { norm } = launch<string>({
      name: 'AdamW norm',
      inputs: { partials },
      outputs: { norm: [], control },
      constants: {
        PARTIALS: groups * THREADS,
        maxGradNorm: maxGradNorm ?? 3e38,
        // exp(log β · t) is βᵗ; of β = 0 nothing is left after one step.
        logBeta1: Math.max(Math.log(beta1), LOG_OF_NOTHING),
        logBeta2: Math.max(Math.log(beta2), LOG_OF_NOTHING),
      },
      workgroups: [1],
      source: () => NORM,
    });
    partials.dispose();
    const { workgroups, begin } = flatRange(P);
    launch<string>({
      name: `AdamW update ${epsilonPlacement}`,
      inputs: { gradient: flat.gradients },
      outputs: { control, weights: flat.weights, first: flat.first, second: flat.second },
      // The complements in double precision, where 1 − 0.999 is still exact.
      constants: { beta1, beta2, oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2, epsilon, weightDecay },
      settings: { learningRate },
      workgroups,
      source: () => `${begin}
  let scale = control[3];
  if (scale < 0.0) { return; }
  let rootCorrection = sqrt(control[2]);
  let g = gradient[index] * scale;
  let m = f32(beta1) * first[index] + f32(oneMinusBeta1) * g;
  let v = f32(beta2) * second[index] + f32(oneMinusBeta2) * g * g;
  first[index] = m;
  second[index] = v;
  let stepSize = settings.learningRate * rootCorrection / control[1];
  let denominator = sqrt(v) + f32(epsilon)${epsilonPlacement === 'pytorch' ? ' * rootCorrection' : ''};
  // With ε = 0 a parameter that never had a gradient has 0 / 0.
  let change = select(stepSize * m / denominator, 0.0, denominator == 0.0);
  weights[index] = weights[index] - settings.learningRate * f32(weightDecay) * weights[index] - change;
}`,
    });
    return asTensor(norm);
  }

  /** Flat tensors for exactly these variables, which stay the same ones. */
  #layOut(gradients: ReadonlyMap<string, Tensor>): Flat {
    const old = this.#flat;
    if (old) {
      if (old.spans.size === gradients.size && [...gradients].every(([name, { size }]) => old.spans.get(name)?.size === size)) return old;
      throw new Error('An optimiser takes gradients of the same variables at every step.');
    }
    const spans = new Map<string, { offset: number; size: number }>();
    let size = 0;
    for (const [name, gradient] of gradients) {
      spans.set(name, { offset: size, size: gradient.size });
      size += gradient.size;
    }
    const [first, second] = (['first', 'second'] as const).map((which) => {
      const values = new Float32Array(size);
      for (const [name, { offset }] of spans) values.set(this.#restored.get(name)?.[which] ?? [], offset);
      return keep(tensor(values, [size], 'float32')) as Tensor1D;
    });
    const [weights, gradient] = [keep(zeros([size])), keep(zeros([size]))] as Tensor1D[];
    const flat: Flat = { spans, size, weights, gradients: gradient, first, second };
    for (const name of spans.keys()) this.#restored.delete(name);
    return (this.#flat = flat);
  }
}

function disposeFlat(flat: Flat | null): void {
  if (flat) dispose([flat.weights, flat.gradients, flat.first, flat.second]);
}

/** Give a variable a buffer of its own: tfjs may let another tensor (a reshape, a clone) share it, and a tensor must not change. */
function ownStorage(variable: Variable): void {
  tidy(() => variable.assign(add(variable, 0)));
}

const LOG_OF_NOTHING = -100;

// By its bits, because a shader compiler may assume that no infinity or NaN occurs.
const FINITE = `
fn finite(x : f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}`;

// A partial sum of squares is never negative; −1 stands for an element that isn't finite.
const SQUARES = `${FINITE}
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  var sum = 0.0;
  var sound = true;
  for (var i = i32(id.x); i < P; i += groups * ${THREADS}) {
    let g = gradient[i];
    sound = sound && finite(g);
    sum += g * g;
  }
  partials[id.x] = select(-1.0, sum, sound);
}`;

const NORM = `${FINITE}
// 1 − exp(−x) without cancellation at small x ≥ 0.
fn oneMinusExp(x : f32) -> f32 {
  if (x >= 1.0) { return 1.0 - exp(-x); }
  var sum = 1.0;
  for (var k = 12.0; k >= 2.0; k -= 1.0) { sum = 1.0 - x / k * sum; }
  return x * sum;
}

var<workgroup> sums : array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread : u32) {
  var sum = 0.0;
  var sound = true;
  for (var i = i32(thread); i < PARTIALS; i += ${THREADS}) {
    sound = sound && partials[i] >= 0.0;
    sum += partials[i];
  }
  sums[thread] = select(-1.0, sum, sound && finite(sum));
  workgroupBarrier();
  if (thread > 0u) { return; }
  var total = 0.0;
  sound = true;
  for (var i = 0; i < ${THREADS}; i++) {
    sound = sound && sums[i] >= 0.0;
    total += sums[i];
  }
  if (!sound || !finite(total)) {
    control[3] = -1.0;
    norm[0] = bitcast<f32>(0x7fc00000u + u32(min(total, 0.0))); // NaN, which no constant may be
    return;
  }
  norm[0] = sqrt(total);
  control[0] += 1.0;
  control[1] = oneMinusExp(-f32(logBeta1) * control[0]);
  control[2] = oneMinusExp(-f32(logBeta2) * control[0]);
  control[3] = min(1.0, f32(maxGradNorm) / (norm[0] + ${CLIP_EPSILON}));
}`;
