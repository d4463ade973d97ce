/*
 * What a program asks of WebGPU, counted at the calls themselves, so that every
 * library is counted alike: tfjs knows nothing of buffers that it did not make.
 */

export interface Counts {
  /** Compute dispatches. */
  launches: number;
  /** Copies from buffer to buffer. */
  copies: number;
  submits: number;
  /** Buffers that the host filled, and their bytes. */
  uploads: number;
  uploadedBytes: number;
  /** Buffers mapped to be read: each waits for the device. */
  readBacks: number;
}

const counts: Counts = { launches: 0, copies: 0, submits: 0, uploads: 0, uploadedBytes: 0, readBacks: 0 };
const errors: string[] = [];
let held = 0;
let most = 0;
let largest = 0;

/** Count from now on; once in a realm, before its first device. WebGPU's classes must be there. */
export function countDeviceCalls(): void {
  const sizes = new WeakMap<GPUBuffer, number>();
  after(GPUAdapter, 'requestDevice', (requested) => {
    const listen = (device: GPUDevice) => device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
    requested.then(listen, () => undefined);
  });
  after(GPUComputePassEncoder, 'dispatchWorkgroups', () => counts.launches++);
  after(GPUComputePassEncoder, 'dispatchWorkgroupsIndirect', () => counts.launches++);
  after(GPUCommandEncoder, 'copyBufferToBuffer', () => counts.copies++);
  after(GPUQueue, 'submit', () => counts.submits++);
  after(GPUQueue, 'writeBuffer', (_, [, , data, , size]) => {
    counts.uploads++;
    counts.uploadedBytes += size ?? (data as ArrayBuffer).byteLength;
  });
  after(GPUBuffer, 'mapAsync', (_, [mode]) => {
    if (mode === GPUMapMode.READ) counts.readBacks++;
  });
  after(GPUDevice, 'createBuffer', (buffer, [{ size, mappedAtCreation }]) => {
    sizes.set(buffer, size);
    held += size;
    most = Math.max(most, held);
    largest = Math.max(largest, size);
    if (!mappedAtCreation) return;
    counts.uploads++;
    counts.uploadedBytes += size;
  });
  after(GPUBuffer, 'destroy', (_, __, buffer) => {
    held -= sizes.get(buffer) ?? 0;
    sizes.delete(buffer);
  });
}

/** All counts since the realm began. */
export function countsNow(): Counts {
  return { ...counts };
}

export function countsSince(before: Counts): Counts {
  return Object.fromEntries(Object.entries(before).map(([name, count]) => [name, counts[name as keyof Counts] - count])) as unknown as Counts;
}

/** Throws where a device met an error: its results are zeros, and its times are those of nothing. */
export function checkDevices(): void {
  if (errors.length > 0) throw new Error(errors[0]);
}

/** Bytes of all buffers that were made and not destroyed. */
export function heldBytes(): number {
  return held;
}

/** The most that were held at once since the last call. */
export function peakBytes(): number {
  const peak = most;
  most = held;
  return peak;
}

/** Bytes of the largest buffer that was made since the last call. */
export function largestBuffer(): number {
  const size = largest;
  largest = 0;
  return size;
}

type Method<T, K extends keyof T> = T[K] extends (...args: infer A) => infer R ? { args: A; result: R } : never;

function after<T, K extends keyof T>(owner: { prototype: T }, name: K, note: (result: Method<T, K>['result'], args: Method<T, K>['args'], self: T) => void): void {
  const original = owner.prototype[name] as (...args: unknown[]) => unknown;
  owner.prototype[name] = function (this: T, ...args: unknown[]) {
    const result = original.apply(this, args);
    note(result as Method<T, K>['result'], args as Method<T, K>['args'], this);
    return result;
  } as T[K];
}
