import type { ModelConfig } from '../../src/model/config';
import { initWeights, type Weights } from '../../src/model/parameters';
import { RandomStream } from '../../src/tensor/random';
import type { ModelSize } from './work';

/*
 * The models of the bench as data, the same for every contender: their shapes,
 * their first weights, and the batch that they learn.
 */

/** The size at which training steps are compared, 0.87 million parameters, and the rows of a batch. */
export const COMPARED_SIZE: ModelSize = { layers: 4, width: 128, heads: 4, vocabulary: 512, context: 64 };
export const COMPARED_ROWS = 8;

/** GPT-2's (Radford et al. 2019) layout with matrices as [out, in]: LayerNorm, biases, learned positions, tied head. */
export function gptShapes({ layers, width: D, vocabulary: V, context: T }: ModelSize): Map<string, number[]> {
  const shapes = new Map([
    ['wte', [V, D]],
    ['wpe', [T, D]],
  ]);
  const layer = (name: string, out: number, inputs: number) => shapes.set(`${name}.weight`, [out, inputs]).set(`${name}.bias`, [out]);
  const norm = (name: string) => shapes.set(`${name}.weight`, [D]).set(`${name}.bias`, [D]);
  for (let i = 0; i < layers; i++) {
    norm(`h.${i}.ln_1`);
    layer(`h.${i}.attn.c_attn`, 3 * D, D);
    layer(`h.${i}.attn.c_proj`, D, D);
    norm(`h.${i}.ln_2`);
    layer(`h.${i}.mlp.c_fc`, 4 * D, D);
    layer(`h.${i}.mlp.c_proj`, D, 4 * D);
  }
  norm('ln_f');
  return shapes;
}

export function gptWeights(size: ModelSize): Weights {
  const random = new RandomStream(1);
  return new Map(
    [...gptShapes(size)].map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      if (shape.length === 2) for (let i = 0; i < data.length; i++) data[i] = 0.02 * random.normal();
      else if (/ln_.*weight/.test(name)) data.fill(1);
      return [name, { shape, data }];
    }),
  );
}

export const GPT_EPSILON = 1e-5;

/** The lab's own architecture at a size; SwiGLU's width is 8/3 of the model's, in whole 32s, for as many parameters as a GPT's. */
export function llamaConfig({ layers, width, heads, vocabulary, context }: ModelSize): ModelConfig {
  return {
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: 32 * Math.ceil(width / 12),
    num_hidden_layers: layers,
    num_attention_heads: heads,
    max_position_embeddings: context,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    initializer_range: 0.02,
    pad_token_id: 0,
    bos_token_id: 1,
    // Beyond the vocabulary: no response of the bench ends early.
    eos_token_id: vocabulary,
  };
}

export function llamaWeights(size: ModelSize): Weights {
  return initWeights(llamaConfig(size), new RandomStream(1));
}

/** Rows [batch, T] of random tokens, and the token after each. */
export function tokenBatch({ context: T, vocabulary }: ModelSize, batch: number): { ids: Int32Array; targets: Int32Array } {
  const random = new RandomStream(2);
  const rows = Array.from({ length: batch }, () => Array.from({ length: T + 1 }, () => random.integer(vocabulary)));
  return { ids: Int32Array.from(rows.flatMap((row) => row.slice(0, T))), targets: Int32Array.from(rows.flatMap((row) => row.slice(1))) };
}

/** Prompts of `length` tokens, none of them a special one. */
export function randomPrompts({ vocabulary }: ModelSize, rows: number, length: number): number[][] {
  const random = new RandomStream(3);
  return Array.from({ length: rows }, () => Array.from({ length }, () => 2 + random.integer(vocabulary - 2)));
}

/** What every contender's optimiser is set to. */
export const TRAINING = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, maxGradNorm: 1 } as const;

/** How every contender samples. */
export const SAMPLING = { temperature: 1, seed: 1, counter: 0 } as const;
