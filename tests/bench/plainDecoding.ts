import { add, argMax, cast, concat, cumsum, dispose, gather, keep, matMul, ones, reshape, slice, tensor2d, tidy, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { layOut } from '../../src/model/batch';
import type { ModelConfig } from '../../src/model/config';
import { upToEnd } from '../../src/model/decoding';
import type { Parameters } from '../../src/model/parameters';
import { foldToWord, pcgHash } from '../../src/tensor/pcg';
import { causalBias, paddingBias, plainAngles, plainHiddenStates, type PlainAngles } from './plainModels';

/*
 * Generation in plain tfjs operations: keys and values of earlier tokens are
 * kept, and each new one is put behind them.
 */

/** As the lab's `CachedDecoder`. */
export class PlainDecoder {
  /** Logits [B, V] of the next token of each row. */
  logits: Tensor2D;
  private readonly caches: [Tensor4D, Tensor4D][] = [];
  /** Of every place, [B, 1, L, S / 2]. */
  private readonly angles: PlainAngles;
  /** [B, 1, 1, L] */
  private readonly padding: Tensor4D;

  constructor(
    private readonly parameters: Parameters,
    private readonly config: ModelConfig,
    prompts: readonly (readonly number[])[],
    private position: number,
    room: number,
  ) {
    const width = position;
    const { ids, mask, B } = layOut(prompts, prompts.map(() => []), config.pad_token_id, { prompt: width, response: 0 });
    [this.angles, this.padding, this.logits] = tidy(() => {
      const whole = concat([tensor2d(mask, [B, width]), ones([B, room])], 1) as Tensor2D;
      const angles = anglesOf(config, whole);
      const padding = paddingBias(whole);
      const bias = add(causalBias(width), slice(padding, [0, 0, 0, 0], [B, 1, 1, width]));
      const logits = this.run(tensor2d(ids, [B, width], 'int32'), at(angles, 0, width), bias);
      return [angles, padding, logits] as [PlainAngles, Tensor4D, Tensor2D];
    });
  }

  advance(tokens: Tensor1D): void {
    const previous = this.logits;
    this.logits = tidy(() => {
      const B = tokens.shape[0];
      const seen = slice(this.padding, [0, 0, 0, 0], [B, 1, 1, this.position + 1]);
      return this.run(reshape(tokens, [B, 1]), at(this.angles, this.position, 1), seen);
    });
    this.position++;
    previous.dispose();
  }

  dispose(): void {
    dispose([...this.caches.flat(), this.angles.cos, this.angles.sin, this.padding, this.logits]);
  }

  private run(ids: Tensor2D, angles: PlainAngles, bias: Tensor): Tensor2D {
    const [B, T] = ids.shape;
    const states = plainHiddenStates(this.parameters, this.config, ids, angles, bias, (layer, keys, values) => this.remember(layer, keys, values));
    const last = reshape(slice(reshape(states, [B, T, -1]), [0, T - 1, 0], [B, 1, -1]), [B, -1]) as Tensor2D;
    return matMul(last, this.parameters.get('model.embed_tokens.weight') as Tensor as Tensor2D, false, true);
  }

  private remember(layer: number, keys: Tensor4D, values: Tensor4D): [Tensor4D, Tensor4D] {
    const before = this.caches[layer];
    const after: [Tensor4D, Tensor4D] = before ? [concat([before[0], keys], 2), concat([before[1], values], 2)] : [keys, values];
    this.caches[layer] = [keep(after[0]), keep(after[1])];
    dispose(before ?? []);
    return after;
  }
}

/** A sample of softmax(logits / temperature) for each prompt, as the lab's `generate`: the same draws for the same seed and counter. */
export async function plainGenerate(
  parameters: Parameters,
  config: ModelConfig,
  prompts: readonly (readonly number[])[],
  options: { maxNewTokens: number; temperature: number; seed: number; counter: number; promptWidth: number },
): Promise<{ responses: number[][]; counter: number }> {
  const decoder = new PlainDecoder(parameters, config, prompts, options.promptWidth, options.maxNewTokens);
  const drawn: Tensor1D[] = [];
  let { counter } = options;
  for (let step = 1; step <= options.maxNewTokens; step++) {
    drawn.push(plainSample(decoder.logits, options.temperature, options.seed, counter++));
    if (step < options.maxNewTokens) decoder.advance(drawn.at(-1)!);
  }
  const together = tidy(() => concat(drawn.map((tokens) => reshape(tokens, [-1, 1])), 1));
  const tokens = await together.data();
  decoder.dispose();
  dispose([drawn, together]);
  const rows = prompts.map((_, row) => Array.from(tokens.slice(row * options.maxNewTokens, (row + 1) * options.maxNewTokens)));
  return { responses: rows.map((row) => upToEnd(row, config.eos_token_id)), counter };
}

/** By the Gumbel-max trick with noise from the host, for tfjs's own `multinomial` draws wrongly on WebGPU; the bits are those of the lab's sampler. */
export function plainSample(logits: Tensor2D, temperature: number, seed: number, counter: number): Tensor1D {
  const [B, V] = logits.shape;
  const [a, b] = [foldToWord(seed), foldToWord(counter)];
  const noise = new Float32Array(B * V);
  for (let i = 0; i < noise.length; i++) {
    const u = (pcgHash(a, b, Math.floor(i / V), i % V) + 0.5) / 2 ** 32;
    noise[i] = -temperature * Math.log(-Math.log1p(-u));
  }
  return tidy(() => argMax(add(logits, tensor2d(noise, [B, V])), -1)) as Tensor1D;
}

/** Angles of each place of a mask [B, L], counted by the real tokens before it. */
function anglesOf(config: ModelConfig, mask: Tensor2D): PlainAngles {
  const [B, L] = mask.shape;
  const positions = cast(reshape(cumsum(mask, 1, true), [B * L]), 'int32');
  const { cos, sin } = plainAngles(config, L);
  const lookUp = (table: Tensor) => reshape(gather(table, positions), [B, 1, L, -1]);
  return { cos: lookUp(cos), sin: lookUp(sin) };
}

function at({ cos, sin }: PlainAngles, start: number, count: number): PlainAngles {
  const cut = (angles: Tensor) => slice(angles, [0, 0, start, 0], [-1, 1, count, -1]);
  return { cos: cut(cos), sin: cut(sin) };
}

/** Angles and bias of whole rows under a mask [B, T], for {@link plainHiddenStates}. */
export function plainView(config: ModelConfig, mask: Tensor2D): { angles: PlainAngles; bias: Tensor } {
  return { angles: anglesOf(config, mask), bias: add(causalBias(mask.shape[1]), paddingBias(mask)) };
}
