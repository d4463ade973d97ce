import { add, dispose, keep, scalar, tensor, tidy, zeros, type Scalar, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { AdamWEngine, AdamWOptions, AdamWState, Moments } from './adamW';
import { CLIP_EPSILON } from './adamWOnHost';
import { forgetHostCopy, gpuBackend, gpuBuffer, holdsFloats } from './storage';

/*
 * Three kinds of launch a step: squares of each gradient, one that makes of them
 * the norm, the clip factor and the bias corrections, and one update a variable.
 * Sums have a fixed order (no float atomics), so a run repeats bit for bit. The
 * count of updates lives on the device, for only the device knows in time that a norm was not finite.
 */

const THREADS = 64;
// Elements that one thread of the first launch sums up, so that the second has few numbers left.
const ELEMENTS_PER_THREAD = 64;
const MAX_WORKGROUPS = 4096;

/** {@link AdamW} in WGSL, on the buffers of tfjs's own tensors. */
export class AdamWOnGpu implements AdamWEngine {
  readonly #options: AdamWOptions;
  readonly #restored: Map<string, Moments>;
  readonly #moments = new Map<string, { first: Tensor; second: Tensor }>();
  readonly #pipelines: Record<Launch, GPUComputePipeline>;
  /** Updates applied; 1 − β1ᵗ; 1 − β2ᵗ; the factor on gradients, negative to skip the update. */
  readonly #control: Tensor;
  readonly #settings: GPUBuffer;
  /** Where the squares of each gradient go; made anew when other variables are updated. */
  #layout: SquaresLayout | null = null;

  constructor(options: AdamWOptions, { step, moments }: AdamWState) {
    const { device } = gpuBackend();
    this.#options = options;
    this.#restored = new Map(moments);
    this.#control = keep(tensor([step, 0, 0, 0], [4], 'float32'));
    this.#settings = device.createBuffer({ size: SETTINGS.length * 4, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    const module = device.createShaderModule({ code: SHADER });
    const pipeline = (entryPoint: string) => device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint } });
    this.#pipelines = { squares: pipeline('squares'), norms: pipeline('norms'), update: pipeline('update') };
  }

  step(variables: ReadonlyMap<string, Variable>, gradients: ReadonlyMap<string, Tensor>, learningRate: number): Scalar {
    const backend = gpuBackend();
    const { partials, spans } = this.#layOut(gradients);
    const copies: Tensor[] = [];
    // Uploads record copies of their own, so every buffer is at hand before our pass begins.
    const work = [...gradients].map(([name, gradient], i) => {
      const variable = variables.get(name)!;
      if (gpuBackend().refCount(variable.dataId) > 1 || !holdsFloats(variable)) ownStorage(variable);
      const { first, second } = this.#momentsOf(name, variable);
      const written = [variable, first, second];
      if (!holdsFloats(gradient)) copies.push((gradient = add(gradient, 0)));
      return { size: variable.size, span: spans[i], gradient: gpuBuffer(gradient), written, buffers: written.map(gpuBuffer) };
    });
    const norm = scalar(0);
    const [control, normBuffer] = [gpuBuffer(this.#control), gpuBuffer(norm)];
    backend.device.queue.writeBuffer(this.#settings, 0, this.#settingValues(learningRate, partials.size / 4));

    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    const encoder = (backend as unknown as { commandEncoder: GPUCommandEncoder }).commandEncoder;
    const pass = encoder.beginComputePass();
    const launch = (kind: Launch, workgroups: number, buffers: GPUBuffer[]) => {
      const pipeline = this.#pipelines[kind];
      const entries = buffers.map((buffer, i) => ({ binding: BINDINGS[kind][i], resource: { buffer } }));
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, backend.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(workgroups);
    };
    for (const { size, span, gradient } of work) launch('squares', workgroupsOf(size), [span, gradient, partials]);
    launch('norms', 1, [this.#settings, partials, control, normBuffer]);
    for (const { size, gradient, buffers } of work)
      launch('update', Math.min(Math.ceil(size / THREADS), MAX_WORKGROUPS), [this.#settings, gradient, control, ...buffers]);
    pass.end();
    // Now, for the next step writes the settings again.
    backend.submitQueue();

    for (const { written } of work) written.forEach(forgetHostCopy);
    [this.#control, norm].forEach(forgetHostCopy);
    dispose(copies);
    return norm;
  }

  async state(): Promise<AdamWState> {
    const moments = new Map(this.#restored);
    const read = async ([name, { first, second }]: [string, Record<keyof Moments, Tensor>]) => {
      const values = await Promise.all([first.data<'float32'>(), second.data<'float32'>()]);
      moments.set(name, { first: values[0].slice(), second: values[1].slice() });
    };
    const [control] = await Promise.all([this.#control.data(), ...[...this.#moments].map(read)]);
    return { step: control[0], moments };
  }

  dispose(): void {
    for (const { first, second } of this.#moments.values()) [first, second].forEach((moment) => moment.dispose());
    this.#moments.clear();
    this.#control.dispose();
    this.#settings.destroy();
    this.#disposeLayout();
  }

  #layOut(gradients: ReadonlyMap<string, Tensor>): SquaresLayout {
    const sizes = [...gradients.values()].map((gradient) => gradient.size);
    const key = sizes.join();
    if (this.#layout?.key === key) return this.#layout;
    this.#disposeLayout();
    const { device } = gpuBackend();
    let offset = 0;
    const spans = sizes.map((size) => {
      const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
      device.queue.writeBuffer(buffer, 0, new Uint32Array([offset, size]));
      offset += workgroupsOf(size) * THREADS;
      return buffer;
    });
    const partials = device.createBuffer({ size: offset * 4, usage: GPUBufferUsage.STORAGE });
    return (this.#layout = { key, partials, spans });
  }

  #disposeLayout(): void {
    if (!this.#layout) return;
    for (const buffer of [this.#layout.partials, ...this.#layout.spans]) buffer.destroy();
    this.#layout = null;
  }

  #momentsOf(name: string, { shape }: Variable): Record<keyof Moments, Tensor> {
    let moments = this.#moments.get(name);
    if (!moments) {
      const restored = this.#restored.get(name);
      const moment = (values?: Float32Array) => keep(values ? tensor(values.slice(), shape, 'float32') : zeros(shape));
      moments = { first: moment(restored?.first), second: moment(restored?.second) };
      this.#moments.set(name, moments);
      this.#restored.delete(name);
    }
    return moments;
  }

  #settingValues(learningRate: number, partialCount: number): Float32Array<ArrayBuffer> {
    const { beta1, beta2, epsilon, epsilonPlacement, weightDecay, maxGradNorm } = this.#options;
    const values: Record<(typeof SETTINGS)[number], number> = {
      learningRate,
      beta1,
      beta2,
      // In double precision, where 1 − 0.999 is still exact.
      oneMinusBeta1: 1 - beta1,
      oneMinusBeta2: 1 - beta2,
      logBeta1: Math.max(Math.log(beta1), LOG_OF_NOTHING),
      logBeta2: Math.max(Math.log(beta2), LOG_OF_NOTHING),
      epsilon,
      epsilonAfterCorrection: Number(epsilonPlacement === 'pytorch'),
      weightDecay,
      maxGradNorm: maxGradNorm ?? 3e38,
      partialCount,
    };
    return Float32Array.from(SETTINGS, (name) => values[name]);
  }
}

/** Give a variable a buffer of its own: tfjs may let another tensor (a reshape, a clone) share it, and a tensor must not change. */
function ownStorage(variable: Variable): void {
  tidy(() => variable.assign(add(variable, 0)));
}

function workgroupsOf(size: number): number {
  return Math.min(Math.ceil(size / (THREADS * ELEMENTS_PER_THREAD)), MAX_WORKGROUPS);
}

interface SquaresLayout {
  /** The sizes of the variables that it was made for. */
  key: string;
  partials: GPUBuffer;
  /** For each variable its size, and where its sums begin in `partials`. */
  spans: GPUBuffer[];
}

type Launch = 'squares' | 'norms' | 'update';

const LOG_OF_NOTHING = -100;

const SETTINGS = [
  'learningRate',
  'beta1',
  'beta2',
  'oneMinusBeta1',
  'oneMinusBeta2',
  'logBeta1',
  'logBeta2',
  'epsilon',
  'epsilonAfterCorrection',
  'weightDecay',
  'maxGradNorm',
  'partialCount',
] as const;

/** The bindings that each entry point uses, in the order in which `launch` is given buffers. */
const BINDINGS: Record<Launch, number[]> = { squares: [1, 2, 3], norms: [0, 3, 4, 5], update: [0, 2, 4, 6, 7, 8] };

const SHADER = `
struct Settings { ${SETTINGS.map((name) => `${name} : f32`).join(', ')} }
struct Span { offset : u32, size : u32 }

@group(0) @binding(0) var<uniform> settings : Settings;
@group(0) @binding(1) var<uniform> span : Span;
@group(0) @binding(2) var<storage, read> gradient : array<f32>;
@group(0) @binding(3) var<storage, read_write> partials : array<f32>;
@group(0) @binding(4) var<storage, read_write> control : array<f32>;
@group(0) @binding(5) var<storage, read_write> norm : array<u32>;
@group(0) @binding(6) var<storage, read_write> weights : array<f32>;
@group(0) @binding(7) var<storage, read_write> first : array<f32>;
@group(0) @binding(8) var<storage, read_write> second : array<f32>;

// By its bits, because a shader compiler may assume that no infinity or NaN occurs.
fn finite(x : f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// 1 − exp(−x) without cancellation at small x ≥ 0.
fn oneMinusExp(x : f32) -> f32 {
  if (x >= 1.0) { return 1.0 - exp(-x); }
  var sum = 1.0;
  for (var k = 12.0; k >= 2.0; k -= 1.0) { sum = 1.0 - x / k * sum; }
  return x * sum;
}

// A partial sum of squares is never negative; −1 stands for an element that isn't finite.
@compute @workgroup_size(${THREADS})
fn squares(@builtin(global_invocation_id) id : vec3<u32>, @builtin(num_workgroups) groups : vec3<u32>) {
  var sum = 0.0;
  var sound = true;
  for (var i = id.x; i < span.size; i += groups.x * ${THREADS}u) {
    let g = gradient[i];
    sound = sound && finite(g);
    sum += g * g;
  }
  partials[span.offset + id.x] = select(-1.0, sum, sound);
}

var<workgroup> sums : array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn norms(@builtin(local_invocation_index) thread : u32) {
  var sum = 0.0;
  var sound = true;
  for (var i = thread; i < u32(settings.partialCount); i += ${THREADS}u) {
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
    norm[0] = 0x7fc00000u; // NaN
    return;
  }
  let globalNorm = sqrt(total);
  norm[0] = bitcast<u32>(globalNorm);
  control[0] += 1.0;
  control[1] = oneMinusExp(-settings.logBeta1 * control[0]);
  control[2] = oneMinusExp(-settings.logBeta2 * control[0]);
  control[3] = min(1.0, settings.maxGradNorm / (globalNorm + ${CLIP_EPSILON}));
}

@compute @workgroup_size(${THREADS})
fn update(@builtin(global_invocation_id) id : vec3<u32>, @builtin(num_workgroups) groups : vec3<u32>) {
  let scale = control[3];
  if (scale < 0.0) { return; }
  let root = sqrt(control[2]);
  let epsilon = settings.epsilon * select(1.0, root, settings.epsilonAfterCorrection > 0.0);
  let rate = root / control[1];
  for (var i = id.x; i < arrayLength(&gradient); i += groups.x * ${THREADS}u) {
    let g = gradient[i] * scale;
    let m = settings.beta1 * first[i] + settings.oneMinusBeta1 * g;
    let v = settings.beta2 * second[i] + settings.oneMinusBeta2 * g * g;
    first[i] = m;
    second[i] = v;
    weights[i] -= settings.learningRate * (settings.weightDecay * weights[i] + rate * m / (sqrt(v) + epsilon));
  }
}
`;
