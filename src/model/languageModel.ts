import { BpeTokenizer, TokenizerFormatError } from '../text/bpe';
import { ModelConfigError, readModelConfig, readModelKind, type ModelConfig, type ModelKind } from './config';
import { shapesBeside } from './members';
import { parameterShapes, type Weights } from './parameters';
import { readSafetensors, SafetensorsError } from './safetensors';
import { headShapes } from './scalarHead';

/** A model off the device: what its three files hold, checked against each other. */
export interface LanguageModel {
  config: ModelConfig;
  tokenizer: BpeTokenizer;
  weights: Weights;
}

/** The text of `config.json` and `tokenizer.json`, and the bytes of `model.safetensors`. */
export interface LanguageModelFiles {
  config: string;
  tokenizer: string;
  weights: Uint8Array;
}

/** As {@link openModel}, and nothing but a model that writes. */
export function openLanguageModel(files: LanguageModelFiles): LanguageModel {
  const { kind, ...model } = openModel(files);
  if (kind !== 'language') throw new ModelConfigError('architectures', 'is that of a reward model, which cannot write');
  return model;
}

/**
 * Open a model from files that are not trusted. Throws {@link ModelConfigError},
 * {@link TokenizerFormatError} or {@link SafetensorsError}, each naming the field
 * or tensor at fault; a model that opens can be run.
 */
export function openModel(files: LanguageModelFiles): LanguageModel & { kind: ModelKind } {
  const json = parse(files.config, () => new ModelConfigError('the file', 'is not JSON'));
  const config = readModelConfig(json);
  const kind = readModelKind(json);
  const tokenizer = BpeTokenizer.fromJson(parse(files.tokenizer, () => new TokenizerFormatError('the file', 'is not JSON')));
  checkTokens(config, tokenizer);
  const weights = readSafetensors(files.weights);
  // The Hub's sequence classifiers have no bias.
  if (kind === 'reward' && !weights.has('score.bias')) weights.set('score.bias', { shape: [1], data: new Float32Array(1) });
  checkShapes(config, weights, kind);
  return { config, tokenizer, weights, kind };
}

function checkTokens(config: ModelConfig, tokenizer: BpeTokenizer): void {
  const agree = (field: keyof ModelConfig, actual: number, what: string) => {
    if (config[field] !== actual) throw new ModelConfigError(field, `is ${config[field]}, but ${what} ${actual}`);
  };
  agree('vocab_size', tokenizer.vocabularySize, "the tokenizer's number of tokens is");
  agree('eos_token_id', tokenizer.endOfText, "the tokenizer's end-of-text token is");
  agree('pad_token_id', tokenizer.padding, "the tokenizer's padding token is");
}

/** Throws {@link SafetensorsError} unless the weights are exactly those that the config describes. */
export function checkShapes(config: ModelConfig, weights: Weights, kind: ModelKind = 'language'): void {
  const single = new Map([...parameterShapes(config), ...(kind === 'reward' ? headShapes('score', config.hidden_size) : [])]);
  const shapes = new Map([...single, ...(kind === 'reward' ? shapesBeside(weights, single) : [])]);
  for (const [name, shape] of shapes) {
    const tensor = weights.get(name);
    if (!tensor) throw new SafetensorsError(name, 'is missing');
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis]))
      throw new SafetensorsError(name, `has the shape [${tensor.shape}], and the config asks for [${shape}]`);
  }
  for (const name of weights.keys()) if (!shapes.has(name)) throw new SafetensorsError(name, 'is no part of the model that the config describes');
}

function parse(text: string, failure: () => Error): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw failure();
  }
}
