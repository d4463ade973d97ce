import { Sum, engine, env, getGradient, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { submitEvery } from './launch';
import { registerMatMul } from './matmul';
import { registerRowReductions } from './rowReduction';
import { registerSegmentSum } from './segmentSum';
import { deviceIsSound } from './selfTest';
import { measureSpeed, type Speed } from './speed';
import { gpuBackend } from './storage';
import { tryVariants, type TrialTimes } from './variantTrial';
import { canUse, chooseVariants, startVariants, type Variants } from './variants';

/** Where tensors live and programs run, best first. */
export type BackendName = 'webgpu' | 'wasm' | 'cpu';

/** The device in use, as a person may be told of it. */
export interface Adapter {
  backend: BackendName;
  /** What the device calls itself. */
  name: string;
  /** True where a processor does the work of a GPU, so that training takes many times longer. */
  slow: boolean;
  /** Why each better backend could not be used, in sentences; empty where the best was taken. */
  refused: readonly string[];
  /** What was found when it was first tried. */
  trial: Trial;
  /** What one buffer may hold, in bytes; null off the GPU. */
  limits: BufferLimits | null;
}

/** What a device was found to be worth. */
export interface Trial {
  speed: Speed;
  /** The programs that are fastest on it; absent off the GPU. */
  variants?: Variants;
  /** What they were chosen by. */
  times?: TrialTimes;
}

export interface BufferLimits {
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
}

export interface StartOptions {
  /** Use this backend or fail; without it the best that works is taken. */
  prefer?: BackendName;
  /** Another WebGPU than the browser's: in Node, Dawn's. */
  gpu?: GPU;
  /** What was found of the adapter of this name, if anybody remembers; without it, it is tried for a moment. */
  rememberedTrial?: (adapterName: string) => Promise<Trial | null>;
  /** Address of the folder that holds tfjs's .wasm files, with its closing slash. */
  wasmFolder?: string;
}

/** No device could be started; the message says in plain words what was tried and why it failed. */
export class NoDeviceError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NoDeviceError';
  }
}

/*
 * Dispatches recorded before tfjs submits them. Its own 15 cost some 90 submits
 * for one training step; with 1,000, buffers wait so long to be used again
 * that a step of the small model takes 241 MB instead of 156.
 */
export const DISPATCHES_PER_SUBMIT = 256;

// What our largest tensors need (logits, flat one-hot rows); a device gives only its default limits unless asked.
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
] as const;

// Timestamps for tfjs's profiling, subgroups for our matrix product.
const WANTED_FEATURES: GPUFeatureName[] = ['timestamp-query', 'subgroups'];

const lostListeners = new Set<(reason: string) => void>();
const errorListeners = new Set<(message: string, outOfMemory: boolean) => void>();
let currentDevice: GPUDevice | null = null;
let dispatches = 0;

/**
 * Start the device that this thread computes on, and register our kernels for it.
 * Starting again drops every tensor of the device before. Throws {@link NoDeviceError}.
 */
export async function startBackend(options: StartOptions = {}): Promise<Adapter> {
  // tfjs-core registers no gradient by itself. In Node they are there already (see tools/dawn.ts).
  if (!getGradient(Sum)) await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  stopBackend();
  const candidates: BackendName[] = options.prefer ? [options.prefer] : ['webgpu', 'wasm', 'cpu'];
  const failures: string[] = [];
  for (const name of candidates) {
    try {
      return { ...(await STARTERS[name](options)), refused: failures };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new NoDeviceError(failures.join(' '));
}

/** Called with the reason when the GPU is taken away: all tensors are gone, so start again and restore. Returns the unsubscriber. */
export function onDeviceLost(listener: (reason: string) => void): () => void {
  lostListeners.add(listener);
  return () => lostListeners.delete(listener);
}

/** Called with every WebGPU error, after which results are silently zero, and whether memory ran out. Returns the unsubscriber. */
export function onDeviceError(listener: (message: string, outOfMemory: boolean) => void): () => void {
  errorListeners.add(listener);
  return () => errorListeners.delete(listener);
}

/** Bytes of device memory that are allocated, in use or kept for reuse; 0 off the GPU. */
export function gpuBytes(): number {
  return currentDevice ? gpuBackend().memory().numBytesAllocatedInGPU : 0;
}

/** Compute dispatches since the module was loaded, counted at the device. */
export function dispatchCount(): number {
  return dispatches;
}

type Started = Omit<Adapter, 'refused'>;

const STARTERS: Record<BackendName, (options: StartOptions) => Promise<Started>> = {
  webgpu: startWebGpu,
  wasm: startWasm,
  cpu: startCpu,
};

async function startWebGpu({ gpu, rememberedTrial }: StartOptions): Promise<Started> {
  gpu ??= globalThis.navigator?.gpu;
  if (!gpu) throw new NoDeviceError('This browser has no WebGPU.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new NoDeviceError('WebGPU is here, but it offers no graphics adapter.');
  // tfjs looks for WebGPU there and nowhere else, and Node has none.
  if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  if (!navigator.gpu) Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });

  const tfjs = await import('@tensorflow/tfjs-backend-webgpu');
  env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', DISPATCHES_PER_SUBMIT);
  submitEvery(DISPATCHES_PER_SUBMIT);
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
  });
  const lost = watch(device);
  countDispatches(device);

  // tfjs registers a backend on a device of its own when it is loaded.
  if (engine().registryFactory['webgpu']) removeBackend('webgpu');
  registerBackend('webgpu', async () => new tfjs.WebGPUBackend(device, adapter.info), 3);
  currentDevice = device;
  if (!(await setBackend('webgpu'))) throw new NoDeviceError('The graphics adapter could not be used.');
  const slow = isSoftware(adapter.info);
  startVariants(device, slow ? { product: 'quads', rowThreads: 1 } : { product: 'tiles', rowThreads: 32 });
  const name = adapterName(adapter.info);
  registerMatMul();
  if (slow) registerRowReductions();
  // On a device that goes while it starts, the test might never end.
  if (!(await Promise.race([deviceIsSound(), lost]))) {
    stopBackend();
    throw new NoDeviceError(`The graphics adapter “${name}” computes wrongly, so nothing could learn on it.`);
  }
  const remembered = await rememberedTrial?.(name);
  const trial = remembered?.variants && canUse(remembered.variants) ? remembered : await Promise.race([tryGpu(), lost]);
  chooseVariants(trial.variants!);
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  return { backend: 'webgpu', name, slow, trial, limits: { maxBufferSize, maxStorageBufferBindingSize } };
}

/** The speed last, with the programs that will run. */
async function tryGpu(): Promise<Trial> {
  const found = await tryVariants();
  return { ...found, speed: await measureSpeed() };
}

async function startWasm({ wasmFolder, rememberedTrial }: StartOptions): Promise<Started> {
  const tfjs = await import('@tensorflow/tfjs-backend-wasm');
  if (wasmFolder) tfjs.setWasmPaths(wasmFolder);
  if (!(await setBackend('wasm'))) throw new NoDeviceError('WebAssembly could not be started.');
  registerSegmentSum('wasm');
  return onProcessor('wasm', 'WebAssembly on the processor', rememberedTrial);
}

async function startCpu({ rememberedTrial }: StartOptions): Promise<Started> {
  await import('@tensorflow/tfjs-backend-cpu');
  if (!(await setBackend('cpu'))) throw new NoDeviceError('Plain JavaScript could not be started.');
  return onProcessor('cpu', 'JavaScript on the processor', rememberedTrial);
}

async function onProcessor(backend: BackendName, name: string, rememberedTrial: StartOptions['rememberedTrial']): Promise<Started> {
  const trial = (await rememberedTrial?.(name)) ?? { speed: await measureSpeed() };
  return { backend, name, slow: true, trial, limits: null };
}

/** Let go of the GPU, if there is one: its tensors are gone, and reads that are under way fail. */
export function stopBackend(): void {
  const device = currentDevice;
  // First, so that nobody is told of a loss.
  currentDevice = null;
  if (engine().registryFactory['webgpu']) removeBackend('webgpu');
  device?.destroy();
}

/** Rejects when the device is lost, whoever still uses it. */
function watch(device: GPUDevice): Promise<never> {
  device.addEventListener('uncapturederror', (event) => {
    for (const listener of errorListeners) listener(event.error.message, event.error instanceof GPUOutOfMemoryError);
    if (errorListeners.size === 0) console.error(event.error.message);
  });
  const lost = device.lost.then(({ message, reason }): never => {
    // A device that we replaced or destroyed ourselves is no loss.
    if (device === currentDevice) {
      currentDevice = null;
      for (const listener of lostListeners) listener(message || reason || 'unknown');
    }
    throw new NoDeviceError('The graphics device was taken away.');
  });
  lost.catch(() => undefined);
  return lost;
}

function countDispatches(device: GPUDevice): void {
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const pass = beginComputePass(passDescriptor);
      const direct = pass.dispatchWorkgroups.bind(pass);
      const indirect = pass.dispatchWorkgroupsIndirect.bind(pass);
      pass.dispatchWorkgroups = (...size) => (dispatches++, direct(...size));
      pass.dispatchWorkgroupsIndirect = (...source) => (dispatches++, indirect(...source));
      return pass;
    };
    return encoder;
  };
}

function adapterName(info: GPUAdapterInfo): string {
  return info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ') || 'unnamed GPU';
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|software|basic render/i.test(`${info.architecture} ${info.device} ${info.description}`);
}
