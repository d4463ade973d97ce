import { END_OF_TEXT, PADDING } from '../text/bpe';

/** A model's `config.json` that cannot be used; `field` names the entry that is wrong. */
export class ModelConfigError extends Error {
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(`The model's config cannot be used: ${field} ${reason}.`);
    this.name = 'ModelConfigError';
  }
}

/** Sizes and constants of a decoder-only transformer, named as in the Hub's Llama `config.json`. */
export interface ModelConfig {
  vocab_size: number;
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  /** Longest sequence, prompt and response together, in tokens. */
  max_position_embeddings: number;
  rms_norm_eps: number;
  rope_theta: number;
  /** Standard deviation of freshly initialised matrices. */
  initializer_range: number;
  pad_token_id: number;
  bos_token_id: number;
  eos_token_id: number;
}

// [smallest, largest] that is accepted of an imported file; bounds memory before anything is allocated.
const INTEGER_BOUNDS = {
  vocab_size: [2, 65_536],
  hidden_size: [2, 4096],
  intermediate_size: [1, 16_384],
  num_hidden_layers: [1, 64],
  num_attention_heads: [1, 64],
  max_position_embeddings: [8, 8192],
  pad_token_id: [0, 65_535],
  bos_token_id: [0, 65_535],
  eos_token_id: [0, 65_535],
} as const;

const NUMBER_DEFAULTS = { rms_norm_eps: 1e-5, rope_theta: 10_000, initializer_range: 0.02 } as const;

/** What else a Hub `config.json` may say about the architecture, and the only value of each that this transformer computes. */
const architecture = (config: ModelConfig) => ({
  model_type: 'llama',
  hidden_act: 'silu',
  num_key_value_heads: config.num_attention_heads,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  rope_scaling: null,
});

/** What stands on the trunk: the prediction of the next token, or one score of the whole text. */
export type ModelKind = 'language' | 'reward';

/** The class of `transformers` that opens each kind. */
const CLASSES: Record<ModelKind, string> = { language: 'LlamaForCausalLM', reward: 'LlamaForSequenceClassification' };

const ONE_SCORE = { num_labels: 1, id2label: { 0: 'reward' }, label2id: { reward: 0 } };

/** The Hub's `config.json` object of a model. */
export function toHubConfig(config: ModelConfig, dtype: 'float16' | 'float32', kind: ModelKind = 'language'): object {
  return { architectures: [CLASSES[kind]], ...architecture(config), ...(kind === 'reward' && ONE_SCORE), torch_dtype: dtype, ...config };
}

/** What `transformers` needs beside `tokenizer.json` to know the special tokens. */
export const toHubTokenizerConfig = ({ max_position_embeddings }: ModelConfig): object => ({
  tokenizer_class: 'PreTrainedTokenizerFast',
  bos_token: END_OF_TEXT,
  eos_token: END_OF_TEXT,
  pad_token: PADDING,
  clean_up_tokenization_spaces: false,
  model_max_length: max_position_embeddings,
});

/** The kind of model that a parsed `config.json` describes; it is not trusted. Throws {@link ModelConfigError}. */
export function readModelKind(json: unknown): ModelKind {
  const { architectures, num_labels = 1 } = (json ?? {}) as Record<string, unknown>;
  if (!Array.isArray(architectures) || !architectures.includes(CLASSES.reward)) return 'language';
  if (num_labels !== 1) throw new ModelConfigError('num_labels', `is ${JSON.stringify(num_labels)}; a reward model gives one score`);
  return 'reward';
}

/** Read a parsed `config.json`, which is not trusted. Throws {@link ModelConfigError}. */
export function readModelConfig(json: unknown): ModelConfig {
  if (typeof json !== 'object' || json === null) throw new ModelConfigError('the file', 'is not an object');
  const source = json as Record<string, unknown>;
  const config: Partial<Record<keyof ModelConfig, number>> = {};
  for (const [field, [low, high]] of Object.entries(INTEGER_BOUNDS)) {
    const value = source[field];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
      throw new ModelConfigError(field, `is ${JSON.stringify(value)}, not a whole number from ${low} to ${high}`);
    config[field as keyof ModelConfig] = value;
  }
  for (const [field, fallback] of Object.entries(NUMBER_DEFAULTS)) {
    const value = source[field] ?? fallback;
    if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value))
      throw new ModelConfigError(field, `is ${JSON.stringify(value)}, not a positive number`);
    config[field as keyof ModelConfig] = value;
  }
  const complete = config as ModelConfig;
  if (complete.hidden_size % (2 * complete.num_attention_heads) !== 0)
    throw new ModelConfigError('hidden_size', 'does not divide into heads of an even width, which rotary positions need');
  for (const field of ['pad_token_id', 'bos_token_id', 'eos_token_id'] as const)
    if (complete[field] >= complete.vocab_size) throw new ModelConfigError(field, 'is outside the vocabulary');
  if (complete.pad_token_id === complete.eos_token_id)
    throw new ModelConfigError('pad_token_id', 'is the end-of-sequence token, so a padded row would look finished');
  for (const [field, computed] of Object.entries(architecture(complete)))
    if ((source[field] ?? computed) !== computed)
      throw new ModelConfigError(field, `is ${JSON.stringify(source[field])}; only ${JSON.stringify(computed)} can be run here`);
  return complete;
}
