import type { StoredTensors } from './schema';

/**
 * The same tensors, none of them a window on a larger buffer: a structured
 * clone keeps the whole buffer behind a view, and cannot keep shared memory.
 */
export function compact(tensors: StoredTensors): StoredTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const whole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
      return [name, { shape: [...shape], data: whole ? data : new Float32Array(data) }];
    }),
  );
}
