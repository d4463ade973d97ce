import { add, dispose, keep, mul, pad, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Remember } from './transformer';

/**
 * Keys and values of earlier positions, one pair of [B, H, L, S] a layer. L
 * never changes while decoding, so that every step runs the same shapes and
 * the device's buffers are used again; slots not yet written hold zeros.
 */
export class KvCache {
  private readonly layers: [keys: Tensor4D, values: Tensor4D][] = [];

  /** Room for `length` positions. */
  constructor(private readonly length: number) {}

  /** For the first pass: keeps the keys and values of positions 0 … P − 1, and changes nothing in that pass. */
  readonly fill: Remember = (layer, keys, values) => {
    const room: [number, number][] = [[0, 0], [0, 0], [0, this.length - keys.shape[2]], [0, 0]];
    this.layers[layer] = [keep(pad(keys, room)), keep(pad(values, room))];
    return [keys, values];
  };

  /** For one further position: writes where `slot` [1, 1, L, 1] is 1 and 0 elsewhere, and gives back all L slots. */
  write(slot: Tensor4D): Remember {
    return (layer, keys, values) => {
      const [oldKeys, oldValues] = this.layers[layer];
      const updated: [Tensor4D, Tensor4D] = [keep(add(oldKeys, mul(keys, slot))), keep(add(oldValues, mul(values, slot)))];
      dispose(this.layers[layer]);
      this.layers[layer] = updated;
      return updated;
    };
  }

  dispose(): void {
    dispose(this.layers);
    this.layers.length = 0;
  }
}
