import type { ModelConfig } from '../../../src/model/config';
import { parameterShapes, type Weights } from '../../../src/model/parameters';
import { RandomStream } from '../../../src/tensor/random';

/** The smallest model that has every part: two layers, two heads, a feed-forward width that is no multiple of the rest. */
export const TINY: ModelConfig = {
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  initializer_range: 0.02,
  pad_token_id: 0,
  bos_token_id: 1,
  eos_token_id: 1,
};

/** Weights large enough that attention and predictions are far from uniform, as fresh ones would not be. */
export function sharpWeights(config: ModelConfig, seed: number): Weights {
  const random = new RandomStream(seed);
  const weights: Weights = new Map();
  for (const [name, shape] of parameterShapes(config)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 + 0.2 * random.normal() : 0.4 * random.normal()));
    weights.set(name, { shape, data });
  }
  return weights;
}

/** `count` sequences of ordinary tokens (neither padding nor end-of-text), each begun by the bos token. */
export function randomPrompts(random: RandomStream, count: number, longest: number, config = TINY): number[][] {
  return Array.from({ length: count }, () => [
    config.bos_token_id,
    ...Array.from({ length: random.integer(longest) }, () => 2 + random.integer(config.vocab_size - 2)),
  ]);
}
