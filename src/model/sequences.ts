import { mul, slice, sum, tensor2d, tidy, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { layOut, longest } from './batch';
import type { ModelConfig } from './config';
import type { Guide } from './critic';
import { responseLogProbs, type DeviceBatch } from './logProbs';
import type { Parameters } from './parameters';

/** A prompt, begun by the bos token, and what follows it; token ids. */
export interface Sequence {
  prompt: readonly number[];
  response: readonly number[];
}

/**
 * A fixed list of sequences whose likelihood is asked for again and again. All
 * are laid out in one common width, and read `size` at a time: the device meets
 * one shape only, and a value does not depend on what stood beside it.
 */
export class Sequences {
  private readonly widths: { prompt: number; response: number };

  constructor(
    private readonly config: ModelConfig,
    private readonly sequences: readonly Sequence[],
    private readonly temperature: number,
  ) {
    this.widths = { prompt: longest(sequences.map(({ prompt }) => prompt)), response: Math.max(1, longest(sequences.map(({ response }) => response))) };
  }

  get count(): number {
    return this.sequences.length;
  }

  /** Tokens of some responses together: prompts and padding don't count. */
  tokens(rows: Int32Array): number {
    return rows.reduce((total, row) => total + this.sequences[row].response.length, 0);
  }

  /**
   * log π(response | prompt) = Σ_t log softmax(logits_t / τ)[response_t] of at
   * most `size` rows, in nats, [rows]; differentiable in the parameters.
   */
  logProbs(parameters: Parameters, rows: Int32Array, size = rows.length, guide?: Guide): Tensor1D {
    const batch = this.batch(rows, size);
    const { logProbs } = responseLogProbs(parameters, this.config, batch, this.temperature, guide);
    return slice(sum(mul(logProbs, batch.responseMask), 1) as Tensor1D, [0], [rows.length]);
  }

  /** At most `size` rows on the device; where there are fewer, the first of them fills the rest, for the caller to leave out. */
  batch(rows: Int32Array, size = rows.length): DeviceBatch & { responseMask: Tensor2D } {
    const filled = Array.from({ length: size }, (_, i) => this.sequences[rows[i] ?? rows[0]]);
    const { ids, mask, responseMask, B, P, T } = layOut(
      filled.map(({ prompt }) => prompt),
      filled.map(({ response }) => response),
      this.config.pad_token_id,
      this.widths,
    );
    return { ids: tensor2d(ids, [B, P + T], 'int32'), mask: tensor2d(mask, [B, P + T]), responseMask: tensor2d(responseMask, [B, T]), promptLength: P, responseLength: T };
  }

  /** The same for any number of rows, on the host. */
  async measure(parameters: Parameters, rows: Int32Array, size: number, guide?: Guide): Promise<Float32Array> {
    const values = new Float32Array(rows.length);
    for (let start = 0; start < rows.length; start += size) {
      const part = tidy(() => this.logProbs(parameters, rows.slice(start, start + size), size, guide));
      values.set(await part.data(), start);
      part.dispose();
    }
    return values;
  }
}
