import { slice, stack, tensor2d, tidy, type Tensor3D } from '@tensorflow/tfjs-core';
import type { Batch } from '../model/batch';
import type { ModelConfig } from '../model/config';
import { responseLogProbs, type DeviceBatch } from '../model/logProbs';
import type { Parameters } from '../model/parameters';
import { scalarHead } from '../model/scalarHead';
import { gatherRows } from './masked';
import type { Policy, PolicyOutput } from './update';

/** What a policy said of a whole rollout, flat [B · T]; see masked.ts. */
export interface Measured {
  logProbs: Float32Array;
  entropy: Float32Array;
  values: Float32Array;
}

/** A language model with a value head, as a policy over the tokens of one batch of responses. */
export class LanguagePolicy implements Policy {
  constructor(
    readonly variables: Parameters,
    private readonly config: ModelConfig,
    private readonly batch: Batch,
    private readonly temperature: number,
  ) {}

  evaluate(rows: Int32Array): PolicyOutput {
    const { logProbs, entropy, hidden } = responseLogProbs(this.variables, this.config, this.toDevice(rows), this.temperature);
    const [B, , D] = hidden.shape;
    // The state before response token t is the one that predicts it, a column to its left.
    const before = slice(hidden, [0, this.batch.P - 1, 0], [B, this.batch.T, D]) as Tensor3D;
    return { logProbs, entropy, values: scalarHead(this.variables, 'value', before) };
  }

  private toDevice(rows: Int32Array): DeviceBatch {
    const { ids, mask, P, T } = this.batch;
    const shape: [number, number] = [rows.length, P + T];
    return {
      ids: tensor2d(gatherRows(ids, rows, P + T), shape, 'int32'),
      mask: tensor2d(gatherRows(mask, rows, P + T), shape),
      promptLength: P,
      responseLength: T,
    };
  }
}

/**
 * What a policy says of all `count` rows, `size` at a time: the same forward
 * pass in the same shapes as training, so that the first ratios are exactly 1.
 */
export async function measure(policy: Policy, count: number, size: number): Promise<Measured> {
  const parts: Float32Array[][] = [];
  for (let start = 0; start < count; start += size) {
    const rows = Int32Array.from({ length: Math.min(size, count - start) }, (_, i) => start + i);
    const together = tidy(() => {
      const { logProbs, entropy, values } = policy.evaluate(rows);
      return stack([logProbs, entropy, values]);
    });
    const data = (await together.data()) as Float32Array;
    together.dispose();
    parts.push([0, 1, 2].map((i) => data.slice((i * data.length) / 3, ((i + 1) * data.length) / 3)));
  }
  const [logProbs, entropy, values] = [0, 1, 2].map((i) => concatenate(parts.map((part) => part[i])));
  return { logProbs, entropy, values };
}

function concatenate(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
