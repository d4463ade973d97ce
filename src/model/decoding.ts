import {
  argMax,
  concat,
  cumsum,
  dispose,
  ones,
  reshape,
  slice,
  stack,
  tensor1d,
  tensor2d,
  tidy,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { sampleCategorical } from '../tensor/sampler';
import { layOut, longest, SequenceError } from './batch';
import type { ModelConfig } from './config';
import { KvCache } from './kvCache';
import type { Parameters } from './parameters';
import {
  block,
  causalBias,
  embed,
  finalNorm,
  nextTokenLogits,
  oneHotRows,
  rotaryAngles,
  type Remember,
  type Rotary,
} from './transformer';
import { truncateLogits, type Truncation } from './truncation';

export interface GenerateOptions extends Truncation {
  maxNewTokens: number;
  /** 0 takes the most likely token. */
  temperature: number;
  seed: number;
  /** First unused number of the seed's stream; a step of the whole batch takes one. */
  counter: number;
  /** Prompts are padded to this many tokens; give one value for a whole run, so that shapes stay the same. */
  promptWidth?: number;
}

export interface Generated {
  /** Token ids of each row, up to and including the end-of-sequence token where there is one. */
  responses: number[][];
  /** Next unused number of the seed's stream. */
  counter: number;
}

// Reading tokens back waits for the device (and up to 100 ms in Firefox), so rows that may all have ended are looked at rarely.
const STOP_CHECK_STEPS = 16;

// Widths of prompts are rounded up to this, because the device keeps free buffers by exact size.
const WIDTH_STEP = 8;

/**
 * Sample a response to each prompt (token ids, begun by the bos token).
 * Throws {@link SequenceError} for an empty prompt and where prompt and
 * response together exceed the context; RangeError for options out of range.
 */
export async function generate(
  parameters: Parameters,
  config: ModelConfig,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
): Promise<Generated> {
  checkOptions(options);
  checkLengths(prompts, options.maxNewTokens, config.max_position_embeddings);
  const width = options.promptWidth ?? Math.ceil(longest(prompts) / WIDTH_STEP) * WIDTH_STEP;
  const drawn: number[][] = prompts.map(() => []);
  let { counter } = options;
  if (prompts.length === 0) return { responses: drawn, counter };

  const decoder = new CachedDecoder(parameters, config, prompts, width, options.maxNewTokens);
  const onDevice: Tensor1D[] = [];
  try {
    for (let step = 1; step <= options.maxNewTokens; step++) {
      const tokens = chooseTokens(decoder.logits, options, counter++);
      onDevice.push(tokens);
      const last = step === options.maxNewTokens;
      if (!last) decoder.advance(tokens);
      if (last || step % STOP_CHECK_STEPS === 0) {
        await readBack(onDevice, drawn);
        if (drawn.every((row) => row.includes(config.eos_token_id))) break;
      }
    }
  } finally {
    dispose(onDevice);
    decoder.dispose();
  }
  return { responses: drawn.map((row) => upToEnd(row, config.eos_token_id)), counter };
}

/** The prefix of `tokens` up to and including the first `eos`; all of them where there is none. */
export function upToEnd(tokens: number[], eos: number): number[] {
  const end = tokens.indexOf(eos);
  return end < 0 ? tokens : tokens.slice(0, end + 1);
}

/**
 * One pass over the prompts, then one token a row at a time against a
 * {@link KvCache}. Whatever does not depend on the tokens (rotary angles,
 * attention biases) is computed once, for all positions.
 */
export class CachedDecoder {
  /** Logits [B, V] of the next token of each row; replaced by {@link advance}. */
  logits: Tensor2D;
  private position: number;
  private readonly length: number;
  private readonly cache: KvCache;
  private readonly rotary: Rotary;
  private readonly bias: Tensor4D;

  /** Prompts are padded on the left to `width` tokens; `room` more can follow. */
  constructor(
    private readonly parameters: Parameters,
    private readonly config: ModelConfig,
    prompts: readonly (readonly number[])[],
    width: number,
    room: number,
  ) {
    const { ids, mask, B } = layOut(prompts, prompts.map(() => []), config.pad_token_id, { prompt: width, response: 0 });
    this.length = width + room;
    this.position = width;
    this.cache = new KvCache(this.length);
    [this.rotary, this.bias, this.logits] = tidy(() => {
      // Tokens to come count as real: causality hides them until they are there.
      const attention = concat([tensor2d(mask, [B, width]), ones([B, room])], 1) as Tensor2D;
      const rotary = rotaryAngles(config, cumsum(attention, 1, true) as Tensor2D);
      const bias = causalBias(attention);
      const prompt = tensor2d(ids, [B, width], 'int32');
      const seen = at(rotary, 0, width);
      const logits = this.run(prompt, seen, slice(bias, [0, 0, 0, 0], [B, 1, width, width]), this.cache.fill);
      return [rotary, bias, logits] as [Rotary, Tensor4D, Tensor2D];
    });
  }

  /** Append `tokens` (int32 [B]) to the rows. */
  advance(tokens: Tensor1D): void {
    if (this.position >= this.length) throw new RangeError(`The cache holds ${this.length} tokens and is full.`);
    const previous = this.logits;
    this.logits = tidy(() => {
      const B = tokens.shape[0];
      const slot = reshape(oneHotRows(tensor1d([this.position], 'int32'), this.length), [1, 1, this.length, 1]);
      const visible = slice(this.bias, [0, 0, this.position, 0], [B, 1, 1, this.length]);
      const here = at(this.rotary, this.position, 1);
      return this.run(reshape(tokens, [B, 1]), here, visible, this.cache.write(slot as Tensor4D));
    });
    this.position++;
    previous.dispose();
  }

  dispose(): void {
    this.cache.dispose();
    dispose([this.rotary.cos, this.rotary.sin, this.bias, this.logits]);
  }

  private run(ids: Tensor2D, rotary: Rotary, bias: Tensor4D, remember: Remember): Tensor2D {
    const { parameters, config } = this;
    let x = embed(parameters, ids);
    for (let layer = 0; layer < config.num_hidden_layers; layer++)
      x = block(parameters, config, layer, x, rotary, bias, remember);
    const [B, T, D] = x.shape;
    const last = reshape(slice(x, [0, T - 1, 0], [B, 1, D]), [B, D]) as Tensor2D;
    return nextTokenLogits(parameters, finalNorm(parameters, config, last));
  }
}

/** Angles of `count` positions from `start`. */
function at({ cos, sin }: Rotary, start: number, count: number): Rotary {
  const [B, , , S] = cos.shape;
  const cut = (angles: Tensor4D) => slice(angles, [0, 0, start, 0], [B, 1, count, S]);
  return { cos: cut(cos), sin: cut(sin) };
}

function chooseTokens(logits: Tensor2D, options: GenerateOptions, counter: number): Tensor1D {
  const { temperature, seed } = options;
  return tidy(() => {
    if (temperature === 0) return argMax(logits, -1) as Tensor1D;
    return sampleCategorical(truncateLogits(logits, temperature, options), temperature, seed, counter);
  });
}

/** Append what was drawn on the device, one tensor [B] a step, to the rows, and free it there. */
async function readBack(onDevice: Tensor1D[], rows: number[][]): Promise<void> {
  const steps = onDevice.length;
  const together = tidy(() => stack(onDevice, 1));
  dispose(onDevice);
  onDevice.length = 0;
  const tokens = await together.data();
  together.dispose();
  rows.forEach((row, i) => row.push(...tokens.slice(i * steps, (i + 1) * steps)));
}

function checkLengths(prompts: readonly (readonly number[])[], maxNewTokens: number, context: number): void {
  prompts.forEach((prompt, row) => {
    if (prompt.length === 0) throw new SequenceError(row, 'the prompt is empty');
    if (prompt.length + maxNewTokens > context)
      throw new SequenceError(
        row,
        `the prompt has ${prompt.length} tokens and ${maxNewTokens} more were asked for, but the model reads at most ${context}`,
      );
  });
}

function checkOptions({ maxNewTokens, temperature, topK, topP }: GenerateOptions): void {
  const demand = (holds: boolean, rule: string) => {
    if (!holds) throw new RangeError(rule);
  };
  demand(Number.isInteger(maxNewTokens) && maxNewTokens >= 1, `At least one token must be asked for, not ${maxNewTokens}.`);
  demand(Number.isFinite(temperature) && temperature >= 0, `The temperature must not be negative: ${temperature}.`);
  demand(topK === undefined || (Number.isInteger(topK) && topK >= 1), `Top-k must keep at least one token, not ${topK}.`);
  demand(topP === undefined || (topP > 0 && topP <= 1), `Top-p must be above 0 and at most 1, not ${topP}.`);
}
