import { fromHalf, toHalf } from './halfPrecision';
import type { Weights } from './parameters';

/** A safetensors file that cannot be read, or weights that cannot be written; `field` names the tensor or the part of the header. */
export class SafetensorsError extends Error {
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(`The weights cannot be used: ${field} ${reason}.`);
    this.name = 'SafetensorsError';
  }
}

export type StorageType = 'F32' | 'F16' | 'BF16';

const BYTES: Record<StorageType, number> = { F32: 4, F16: 2, BF16: 2 };

// The least size that rounds to infinity as stored.
const BEYOND = { F32: Infinity, F16: 65_520 };

// The format's own bound on its header, and ours on what a model in a tab may hold.
const MAX_HEADER_BYTES = 100_000_000;
const MAX_TENSORS = 10_000;
const MAX_RANK = 8;

interface Entry {
  name: string;
  dtype: StorageType;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Read a safetensors file: eight bytes of header length, a JSON header, the
 * tensors' bytes (https://github.com/huggingface/safetensors#format). The file
 * is not trusted: tensors must fill the data without overlap or gap, and every
 * value must be finite. Throws {@link SafetensorsError}, and allocates no more
 * than a small multiple of the file.
 */
export function readSafetensors(bytes: Uint8Array): Weights {
  const { header, data } = splitFile(bytes);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value, data.length))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  if (entries.length > MAX_TENSORS) throw new SafetensorsError('the header', `lists ${entries.length} tensors; at most ${MAX_TENSORS} are read`);

  let at = 0;
  const weights: Weights = new Map();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin < at) throw new SafetensorsError(name, 'overlaps another tensor');
    if (begin > at) throw new SafetensorsError(name, `leaves a gap of ${begin - at} bytes before it`);
    at = end;
    weights.set(name, { shape, data: decode(name, dtype, data.subarray(begin, end)) });
  }
  if (at !== data.length) throw new SafetensorsError('the file', `holds ${data.length - at} bytes that belong to no tensor`);
  return weights;
}

/** The free text that a safetensors file carries beside its tensors. Throws {@link SafetensorsError}. */
export function readMetadata(bytes: Uint8Array): Map<string, string> {
  const metadata = Object.entries(asRecord(splitFile(bytes).header.__metadata__ ?? {}, '__metadata__'));
  return new Map(metadata.map(([key, value]) => {
    if (typeof value !== 'string') throw new SafetensorsError(`__metadata__.${key}`, 'is not text');
    return [key, value];
  }));
}

/**
 * Write weights as a safetensors file, its data aligned to eight bytes.
 * Throws {@link SafetensorsError} for a value that is not finite as stored (F16 ends at 65,504).
 */
export function writeSafetensors(
  weights: Weights,
  { dtype, metadata = {} }: { dtype: 'F16' | 'F32'; metadata?: Record<string, string> },
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
  let size = 0;
  for (const [name, { shape, data }] of weights) {
    const end = size + data.length * BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [size, end] };
    size = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + size);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(json, 8);

  let at = 8 + headerLength;
  for (const [name, { data }] of weights)
    for (const value of data) {
      if (!(Math.abs(value) < BEYOND[dtype])) throw new SafetensorsError(name, `holds ${value}, which ${dtype} cannot store`);
      if (dtype === 'F32') view.setFloat32(at, value, true);
      else view.setUint16(at, toHalf(value), true);
      at += BYTES[dtype];
    }
  return file;
}

function splitFile(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw new SafetensorsError('the file', `is only ${bytes.length} bytes long`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (declared > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - 8)))
    throw new SafetensorsError('the file', `declares a header of ${declared} bytes and is ${bytes.length} long: it is cut off, or no safetensors file`);
  const end = 8 + Number(declared);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, end)));
  } catch {
    throw new SafetensorsError('the header', 'is not JSON');
  }
  return { header: asRecord(header, 'the header'), data: bytes.subarray(end) };
}

function readEntry(name: string, value: unknown, dataLength: number): Entry {
  const { dtype, shape, data_offsets: offsets } = asRecord(value, name);
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype))
    throw new SafetensorsError(name, `has the type ${JSON.stringify(dtype)}; F32, F16 and BF16 are read`);
  if (!isCounts(shape) || shape.length > MAX_RANK) throw new SafetensorsError(name, 'has no usable shape');
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1] || offsets[1] > dataLength)
    throw new SafetensorsError(name, `has offsets outside the file's ${dataLength} bytes of data`);
  const [begin, end] = offsets;
  const needed = shape.reduce((product, size) => product * size, BYTES[dtype as StorageType]);
  if (needed !== end - begin) throw new SafetensorsError(name, `needs ${needed} bytes for its shape [${shape}] and has ${end - begin}`);
  return { name, dtype: dtype as StorageType, shape, begin, end };
}

function decode(name: string, dtype: StorageType, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new Float32Array(bytes.length / BYTES[dtype]);
  const word = new DataView(new ArrayBuffer(4));
  for (let i = 0; i < data.length; i++) {
    if (dtype === 'F32') data[i] = view.getFloat32(4 * i, true);
    else if (dtype === 'F16') data[i] = fromHalf(view.getUint16(2 * i, true));
    else {
      // bfloat16 is the upper half of a float32.
      word.setUint16(0, view.getUint16(2 * i, true));
      data[i] = word.getFloat32(0);
    }
    if (!Number.isFinite(data[i])) throw new SafetensorsError(name, `holds ${data[i]} at place ${i}`);
  }
  return data;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

function asRecord(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SafetensorsError(field, 'is not an object');
  return value as Record<string, unknown>;
}
