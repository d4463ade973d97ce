import type { ModelConfig } from '../../src/model/config';
import { countParameters, initWeights } from '../../src/model/parameters';
import { writeSafetensors } from '../../src/model/safetensors';
import { RandomStream } from '../../src/tensor/random';
import { trainBpe } from '../../src/text/bpeTraining';

/*
 * A language model that is small enough to be trained in a test: one layer, 16
 * wide, random. It writes word salad, made of plain letters so that a person
 * (and a screenshot) can read it.
 */

const TEXT = [
  'Once upon a time there was a little girl who had a big red ball. She was very happy.',
  'Tom and his dog went to the park to play. They saw a bird and a cat in the tree.',
  'One day, Lily found a small box. "What is in the box?" she asked. Mom smiled and said, "Look!"',
  'Ben was sad because he lost his toy. His friend helped him. They found it and laughed.',
];

/** The files of a site whose only model it is, by their path; everything that a lab fetches. */
export function tinyModelFiles(name = 'tiny'): Map<string, Uint8Array> {
  const tokenizer = trainBpe(TEXT, 400);
  const config: ModelConfig = {
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 256,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    initializer_range: 0.3,
    pad_token_id: tokenizer.padding,
    bos_token_id: tokenizer.endOfText,
    eos_token_id: tokenizer.endOfText,
  };
  const weights = initWeights(config, new RandomStream(7));
  const embedding = weights.get('model.embed_tokens.weight')!.data;
  // The first coordinate of a token's embedding, shared by the output, says whether it is ever written.
  for (let id = 0; id < config.vocab_size; id++) embedding[id * config.hidden_size] = isPlain(tokenizer.decode([id])) ? 2 : -2;

  const tensors = writeSafetensors(weights, { dtype: 'F16', metadata: {} });
  const entry = { name, title: 'Tiny', about: 'Random weights, for tests.', parameters: countParameters(weights.values()), width: config.hidden_size, bytes: tensors.byteLength };
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return new Map([
    [`models/${name}/config.json`, json(config)],
    [`models/${name}/tokenizer.json`, json(tokenizer.toJson())],
    [`models/${name}/model.safetensors`, tensors],
    ['models/index.json', json([entry])],
  ]);
}

const isPlain = (text: string) => /^[ a-zA-Z.,!?"']+$/.test(text);
