import { add, engine, util, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { gpuBackend, gpuBuffer, holdsFloats } from './storage';

/*
 * How our own kernels run on WebGPU: WGSL on the buffers of tfjs's tensors,
 * recorded between tfjs's own programs. Unlike those, a program may write
 * several tensors, and its source knows every size as a constant: shapes stay
 * the same through a training run, a constant spares a uniform buffer for each
 * launch, and software adapters check an array's bounds far more cheaply when its length is fixed.
 */

export interface Launch {
  /** What the program computes; with `constants` and the arrays' sizes it names the source, which must depend on nothing else. */
  name: string;
  /** Read as `array<f32, size>` (int32 tensors as i32) under these names. */
  inputs: Readonly<Record<string, TensorInfo>>;
  /** Shapes of the float32 tensors to make and write, under these names; or a tensor that is there already, to write into. */
  outputs: Readonly<Record<string, number[] | TensorInfo>>;
  /** Whole numbers and floats that the source reads by name. */
  constants?: Readonly<Record<string, number>>;
  /** Numbers that change from launch to launch; the source reads `settings.name`, an f32. */
  settings?: Readonly<Record<string, number>>;
  /** WGSL after the declarations; its entry point is `main`. */
  source: () => string;
  /** Numbers of workgroups. */
  workgroups: readonly [number, number?, number?];
}

/** What we use of tfjs's backend beyond its public face: the pass that it records into. */
interface Recorder {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
}

/** Dispatches recorded before they are submitted; set by whoever starts the device. */
let perSubmit = 256;
export function submitEvery(dispatches: number): void {
  perSubmit = dispatches;
}

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

/** Most workgroups in one dimension of a dispatch that every device allows. */
const MOST_WORKGROUPS = 65_535;

/**
 * Run a program once. Returns its outputs by name; what it made, the caller
 * owns (see {@link asTensor}). Only where {@link onGpu}.
 */
export function launch<Name extends string>(program: Launch & { outputs: Readonly<Record<Name, number[] | TensorInfo>> }): Record<Name, TensorInfo> {
  const backend = gpuBackend();
  const copies: Tensor[] = [];
  const inputs = Object.entries(program.inputs).map(([name, given]): [string, TensorInfo] => {
    if (given.dtype !== 'float32' || holdsFloats(given)) return [name, given];
    // tfjs's cast from int32 leaves the integers in the buffer.
    const floats = add(given as Tensor, 0);
    copies.push(floats);
    return [name, floats];
  });
  const outputs = (Object.entries(program.outputs) as [Name, number[] | TensorInfo][]).map(([name, output]): [Name, TensorInfo] => [
    name,
    Array.isArray(output) ? backend.makeTensorInfo(output, 'float32') : output,
  ]);
  const bound = [...inputs, ...outputs];
  // Uploads record copies of their own, so every buffer is at hand before the pass goes on.
  const resources: GPUBufferBinding[] = bound.map(([, info]) => ({ buffer: gpuBuffer(info) }));
  if (program.settings) resources.push(settingsBinding(backend.device, Object.values(program.settings)));

  const pipeline = pipelineOf(backend.device, program, inputs, outputs);
  const bindGroup = backend.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: resources.map((resource, binding) => ({ binding, resource })),
  });
  const recorder = backend as unknown as Recorder;
  for (const [, { dataId }] of bound) recorder.commandQueueOwnedIds.add(dataId);
  backend.ensureCommandEncoderReady();
  recorder.computePassEncoder ??= recorder.commandEncoder!.beginComputePass();
  recorder.computePassEncoder.setPipeline(pipeline);
  recorder.computePassEncoder.setBindGroup(0, bindGroup);
  recorder.computePassEncoder.dispatchWorkgroups(...(program.workgroups as [number]));
  if (++recorder.dispatchCountInPass >= perSubmit) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  for (const copy of copies) copy.dispose();
  return Object.fromEntries(outputs) as Record<Name, TensorInfo>;
}

/** Floats to copy from one tensor into another; offsets and size in floats. */
export interface Copy {
  from: TensorInfo;
  fromOffset?: number;
  to: TensorInfo;
  toOffset?: number;
  size: number;
}

/** Copy between tensors on the device, after all that was recorded before; no launch. */
export function copyBetween(copies: readonly Copy[]): void {
  if (copies.length === 0) return;
  const backend = gpuBackend();
  const buffers = copies.map(({ from, to }) => [gpuBuffer(from), gpuBuffer(to)]);
  const recorder = backend as unknown as Recorder;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  copies.forEach(({ from, fromOffset = 0, to, toOffset = 0, size }, i) => {
    recorder.commandQueueOwnedIds.add(from.dataId);
    recorder.commandQueueOwnedIds.add(to.dataId);
    recorder.commandEncoder!.copyBufferToBuffer(buffers[i][0], fromOffset * 4, buffers[i][1], toOffset * 4, size * 4);
  });
}

/** A tensor, owned by tfjs's scopes, around an output of {@link launch}. */
export function asTensor<T extends Tensor>(info: TensorInfo, shape = info.shape): T {
  return engine().makeTensorFromTensorInfo({ ...info, shape }) as T;
}

/**
 * Workgroups and WGSL for one thread an item of a flat range, however long:
 * the source gets `index`, an i32, and threads beyond the range have left.
 */
export function flatRange(count: number, groupSize = 64): { workgroups: [number, number]; begin: string } {
  const groups = Math.ceil(count / groupSize);
  const wide = Math.min(groups, MOST_WORKGROUPS);
  return {
    workgroups: [wide, Math.ceil(groups / wide)],
    begin: `
@compute @workgroup_size(${groupSize})
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let index = i32(id.x + id.y * ${wide * groupSize}u);
  if (index >= ${count}) { return; }`,
  };
}

function pipelineOf(device: GPUDevice, program: Launch, inputs: readonly [string, TensorInfo][], outputs: readonly [string, TensorInfo][]): GPUComputePipeline {
  const declare = (access: string) => ([name, { dtype, shape }]: [string, TensorInfo]) =>
    `var<storage, ${access}> ${name} : array<${dtype === 'int32' ? 'i32' : 'f32'}, ${util.sizeFromShape(shape)}>;`;
  const declarations = [...inputs.map(declare('read')), ...outputs.map(declare('read_write'))];
  const settings = Object.keys(program.settings ?? {});
  if (settings.length > 0) declarations.push('var<uniform> settings : Settings;');
  const constants = Object.entries(program.constants ?? {});
  const key = [program.name, ...constants.flat(), ...declarations].join();

  let known = pipelines.get(device);
  if (!known) pipelines.set(device, (known = new Map()));
  let pipeline = known.get(key);
  if (!pipeline) {
    const source = program.source();
    const code = [
      ...[...source.matchAll(/^enable .*;$/gm)].map(([line]) => line),
      settings.length > 0 ? `struct Settings { ${settings.map((name) => `${name} : f32`).join(', ')} }` : '',
      ...declarations.map((declaration, binding) => `@group(0) @binding(${binding}) ${declaration}`),
      ...constants.map(([name, value]) => `const ${name} = ${value};`),
      source.replace(/^enable .*;$/gm, ''),
    ].join('\n');
    pipeline = device.createComputePipeline({
      label: program.name,
      layout: 'auto',
      compute: { module: device.createShaderModule({ label: program.name, code }), entryPoint: 'main' },
    });
    known.set(key, pipeline);
  }
  return pipeline;
}

/*
 * Settings are few and repeat (a learning rate for each step, a position for
 * each token), so a ring of places in one buffer serves: one is written again only after all others were.
 */
const RING = 1024;
/** Bytes between two places: the alignment of uniform bindings that every device accepts, and the most that settings may take. */
const PLACE = 256;
const rings = new WeakMap<GPUDevice, { buffer: GPUBuffer; next: number }>();

function settingsBinding(device: GPUDevice, values: number[]): GPUBufferBinding {
  let ring = rings.get(device);
  if (!ring) {
    const buffer = device.createBuffer({ size: RING * PLACE, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    rings.set(device, (ring = { buffer, next: 0 }));
  }
  const offset = ring.next * PLACE;
  ring.next = (ring.next + 1) % RING;
  device.queue.writeBuffer(ring.buffer, offset, Float32Array.from(values));
  return { buffer: ring.buffer, offset, size: PLACE };
}
