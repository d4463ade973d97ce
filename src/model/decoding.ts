import {
  add,
  clone,
  concat,
  dispose,
  mul,
  ones,
  reshape,
  slice,
  stack,
  tensor2d,
  tidy,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { causalAttention } from '../tensor/attention';
import { cachedAttention, disposeCache, emptyCache, fillCache, type DecodingShape, type LayerCache } from '../tensor/cachedAttention';
import { linear } from '../tensor/linear';
import { mergeLowRank } from '../tensor/lowRank';
import { rmsNorm } from '../tensor/norms';
import type { Angles } from '../tensor/rotary';
import { sampleCategorical, type Draw } from '../tensor/sampler';
import { swiGlu } from '../tensor/swiGlu';
import { layOut, longest, SequenceError } from './batch';
import type { ModelConfig } from './config';
import { advantages, type Guide } from './critic';
import type { Parameters } from './parameters';
import { embed, finalNorm, layers, nextTokenLogits, projection, rotaryAngles, vector } from './transformer';
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
  /** Draw from softmax((logits + β·A) / τ), A the critic's advantages; it reads every token along with the model. */
  guide?: Guide;
}

export interface Generated {
  /** Token ids of each row, up to and including the end-of-sequence token where there is one. */
  responses: number[][];
  /** log-probability in nats of each of those tokens in the distribution that it was drawn from. */
  logProbs: number[][];
  /** Next unused number of the seed's stream. */
  counter: number;
}

// Reading tokens back waits for the device (and up to 100 ms in Firefox), so rows that may all have ended are looked at rarely.
export const STOP_CHECK_STEPS = 16;

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
  const drawn: Drawn[] = prompts.map(() => ({ tokens: [], logProbs: [] }));
  let { counter } = options;
  if (prompts.length === 0) return { responses: [], logProbs: [], counter };

  const { guide, maxNewTokens } = options;
  const decoder = new CachedDecoder(parameters, config, prompts, width, maxNewTokens);
  const critic = guide && new CachedDecoder(guide.critic, config, prompts, width, maxNewTokens, advantages);
  const onDevice: Tensor2D[] = [];
  try {
    for (let step = 1; step <= options.maxNewTokens; step++) {
      const { tokens, record } = chooseTokens(decoder.logits, critic?.logits, options, counter++);
      onDevice.push(record);
      const last = step === options.maxNewTokens;
      if (!last) decoder.advance(tokens);
      if (!last) critic?.advance(tokens);
      tokens.dispose();
      if (last || step % STOP_CHECK_STEPS === 0) {
        await readBack(onDevice, drawn);
        if (drawn.every(({ tokens }) => tokens.includes(config.eos_token_id))) break;
      }
    }
  } finally {
    dispose(onDevice);
    decoder.dispose();
    critic?.dispose();
  }
  const responses = drawn.map(({ tokens }) => upToEnd(tokens, config.eos_token_id));
  return { responses, logProbs: drawn.map(({ logProbs }, row) => logProbs.slice(0, responses[row].length)), counter };
}

/** What has been read back of a row. */
interface Drawn {
  tokens: number[];
  logProbs: number[];
}

/** The prefix of `tokens` up to and including the first `eos`; all of them where there is none. */
export function upToEnd(tokens: number[], eos: number): number[] {
  const end = tokens.indexOf(eos);
  return end < 0 ? tokens : tokens.slice(0, end + 1);
}

/** What a layer multiplies by while decoding: matrices that read the same input as one, so that they cost one launch; adapters are merged. */
type PackedLayer = {
  /** Queries, keys and values, [3·D, D]. */
  qkv: Tensor2D;
  /** [D, D] */
  output: Tensor2D;
  /** Gate and up, [2·F, D]. */
  gateUp: Tensor2D;
  /** [D, F] */
  down: Tensor2D;
};

/**
 * One pass over the prompts, then one token a row at a time against a cache of
 * keys and values. Shapes never change while decoding, and whatever does not
 * depend on the tokens is computed once: angles, mask, the packed matrices.
 */
export class CachedDecoder {
  /** Logits [B, V] of the next token of each row, or what `read` makes of the state before it; replaced by {@link advance}. */
  logits: Tensor2D;
  private position: number;
  private readonly shape: DecodingShape;
  private readonly caches: LayerCache[];
  private readonly packed: PackedLayer[];
  private readonly mask: Tensor2D;
  private readonly angles: Angles;

  /** Prompts are padded on the left to `width` tokens; `room` more can follow. */
  constructor(
    private readonly parameters: Parameters,
    private readonly config: ModelConfig,
    prompts: readonly (readonly number[])[],
    width: number,
    room: number,
    private readonly read: (parameters: Parameters, hidden: Tensor2D) => Tensor2D = nextTokenLogits,
  ) {
    const { hidden_size: D, num_attention_heads: heads, num_hidden_layers: depth } = config;
    const { ids, mask, B } = layOut(prompts, prompts.map(() => []), config.pad_token_id, { prompt: width, response: 0 });
    this.shape = { batch: B, heads, length: width + room };
    this.position = width;
    this.caches = Array.from({ length: depth }, () => emptyCache(this.shape, D));
    this.packed = Array.from({ length: depth }, (_, layer) => tidy(() => pack(parameters, layer)));
    [this.mask, this.angles, this.logits] = tidy(() => {
      const real = tensor2d(mask, [B, width]);
      // Tokens to come count as real: causality hides them until they are there.
      const whole = concat([real, ones([B, room])], 1) as Tensor2D;
      const states = layers(parameters, config, tensor2d(ids, [B, width], 'int32'), real, (layer, qkv) => {
        fillCache(this.caches[layer], qkv, this.shape);
        return causalAttention(qkv, real, { batch: B, heads });
      });
      const last = reshape(slice(reshape(states, [B, width, D]), [0, width - 1, 0], [B, 1, D]), [B, D]) as Tensor2D;
      const logits = read(parameters, finalNorm(parameters, config, last));
      return [whole, rotaryAngles(config, whole), logits] as [Tensor2D, Angles, Tensor2D];
    });
  }

  /** Append `tokens` (int32 [B]) to the rows. Throws RangeError where there is no room. */
  advance(tokens: Tensor1D): void {
    if (this.position >= this.shape.length) throw new RangeError(`The cache holds ${this.shape.length} tokens and is full.`);
    const { parameters, config } = this;
    const previous = this.logits;
    this.logits = tidy(() => {
      let x = embed(parameters, tokens);
      for (let layer = 0; layer < config.num_hidden_layers; layer++) x = this.block(layer, x);
      return this.read(parameters, finalNorm(parameters, config, x));
    });
    this.position++;
    previous.dispose();
  }

  dispose(): void {
    this.caches.forEach(disposeCache);
    dispose([this.mask, this.angles.cos, this.angles.sin, this.logits]);
    for (const { qkv, output, gateUp, down } of this.packed) dispose([qkv, output, gateUp, down]);
  }

  /** A layer of {@link layers} for one new position, [B, D] to the same. */
  private block(layer: number, x: Tensor2D): Tensor2D {
    const { parameters, config } = this;
    const { qkv, output, gateUp, down } = this.packed[layer];
    const name = (part: string) => `model.layers.${layer}.${part}`;
    const normed = rmsNorm(x, vector(parameters, name('input_layernorm')), config.rms_norm_eps);
    const mixed = cachedAttention(linear(normed, qkv), this.angles, this.caches[layer], this.mask, this.position, this.shape);
    const middle = linear(mixed, output, { residual: x });
    const input = rmsNorm(middle, vector(parameters, name('post_attention_layernorm')), config.rms_norm_eps);
    return linear(swiGlu(linear(input, gateUp)), down, { residual: middle });
  }
}

function pack(parameters: Parameters, layer: number): PackedLayer {
  const merged = (...parts: string[]) => {
    const { weight, adapter } = projection(parameters, parts.map((part) => `model.layers.${layer}.${part}_proj`));
    // A handle of its own, to be disposed like what is made here; it costs no memory.
    return adapter ? mergeLowRank(weight, adapter) : clone(weight);
  };
  return {
    qkv: merged('self_attn.q', 'self_attn.k', 'self_attn.v'),
    output: merged('self_attn.o'),
    gateUp: merged('mlp.gate', 'mlp.up'),
    down: merged('mlp.down'),
  };
}

function chooseTokens(own: Tensor2D, advantage: Tensor2D | undefined, options: GenerateOptions, counter: number): Draw {
  const { temperature, seed, guide } = options;
  return tidy(() => {
    const logits = advantage && guide ? (add(own, mul(guide.beta, advantage)) as Tensor2D) : own;
    // Truncation keeps the most likely token, which is all that temperature 0 takes.
    return { ...sampleCategorical(temperature === 0 ? logits : truncateLogits(logits, temperature, options), temperature, seed, counter) };
  });
}

/** Append what was drawn on the device, a record [2, B] a step, to the rows, and free it there. */
async function readBack(onDevice: Tensor2D[], rows: readonly Drawn[]): Promise<void> {
  const steps = onDevice.length;
  const together = tidy(() => stack(onDevice));
  dispose(onDevice);
  onDevice.length = 0;
  const numbers = await together.data();
  together.dispose();
  const B = rows.length;
  rows.forEach(({ tokens, logProbs }, row) => {
    for (let step = 0; step < steps; step++) {
      tokens.push(numbers[2 * B * step + row]);
      logProbs.push(numbers[2 * B * step + B + row]);
    }
  });
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
