import { describe, expect, it } from 'vitest';
import { ModelConfigError, readModelConfig, toHubConfig } from '../../../src/model/config';
import { openLanguageModel } from '../../../src/model/languageModel';
import { initWeights, type Weights } from '../../../src/model/parameters';
import { SafetensorsError, writeSafetensors } from '../../../src/model/safetensors';
import { RandomStream } from '../../../src/tensor/random';
import { TokenizerFormatError } from '../../../src/text/bpe';
import { trainBpe } from '../../../src/text/bpeTraining';
import { TINY } from './tinyModel';

const tokenizer = trainBpe(['the cat sat on the mat and the cat sat'], 262);
const config = { ...TINY, vocab_size: tokenizer.vocabularySize };

function files(changes: { config?: object; tokenizer?: string; weights?: (weights: Weights) => void } = {}) {
  const weights = initWeights(config, new RandomStream(1));
  changes.weights?.(weights);
  return {
    config: JSON.stringify({ ...toHubConfig(config, 'float32'), ...changes.config }),
    tokenizer: changes.tokenizer ?? JSON.stringify(tokenizer.toJson()),
    weights: writeSafetensors(weights, { dtype: 'F32' }),
  };
}

describe('openLanguageModel', () => {
  it('opens what belongs together', () => {
    const model = openLanguageModel(files());
    expect(model.config).toEqual(config);
    expect(model.tokenizer.decode(model.tokenizer.encode('the cat'))).toBe('the cat');
    expect(model.weights).toEqual(initWeights(config, new RandomStream(1)));
  });

  const norm = 'model.norm.weight';
  it.each([
    ['a missing tensor', { weights: (w: Weights) => w.delete(norm) }, SafetensorsError, /model\.norm\.weight is missing/],
    ['a tensor of another shape', { weights: (w: Weights) => w.set(norm, { shape: [8], data: new Float32Array(8) }) }, SafetensorsError, /\[8\], and the config asks for \[16\]/],
    ['a transposed tensor', { weights: (w: Weights) => (w.get('model.layers.0.mlp.up_proj.weight')!.shape = [16, 24]) }, SafetensorsError, /up_proj\.weight has the shape/],
    ['a tensor that is not the model’s', { weights: (w: Weights) => w.set('lm_head.weight', { shape: [1], data: new Float32Array(1) }) }, SafetensorsError, /lm_head\.weight is no part/],
    ['another vocabulary', { config: { vocab_size: 999 } }, ModelConfigError, /vocab_size is 999, but the tokenizer/],
    ['another end-of-text token', { config: { eos_token_id: 5 } }, ModelConfigError, /eos_token_id is 5, but the tokenizer/],
    ['a tokenizer that is no JSON', { tokenizer: '{' }, TokenizerFormatError, /tokenizer file cannot be used: the file is not JSON/],
  ])('refuses %s', (_, changes, type, message) => {
    expect(() => openLanguageModel(files(changes))).toThrow(type);
    expect(() => openLanguageModel(files(changes))).toThrow(message);
  });

  it('refuses a config that is no JSON', () => {
    expect(() => openLanguageModel({ ...files(), config: '<html>' })).toThrow(/config cannot be used: the file is not JSON/);
  });
});

describe('readModelConfig', () => {
  it.each([
    ['null', null, /the file is not an object/],
    ['a width that is no number', { ...TINY, hidden_size: '16' }, /hidden_size is "16"/],
    ['a fraction of a layer', { ...TINY, num_hidden_layers: 1.5 }, /num_hidden_layers is 1.5/],
    ['a size that would fill the memory', { ...TINY, hidden_size: 1e9 }, /hidden_size is 1000000000/],
    ['heads that do not divide the width', { ...TINY, num_attention_heads: 3 }, /hidden_size does not divide/],
    ['heads of an odd width', { ...TINY, hidden_size: 6 }, /hidden_size does not divide/],
    ['an epsilon of zero', { ...TINY, rms_norm_eps: 0 }, /rms_norm_eps is 0/],
    ['a token outside the vocabulary', { ...TINY, eos_token_id: 32 }, /eos_token_id is outside/],
    ['padding that looks like the end', { ...TINY, pad_token_id: 1 }, /pad_token_id is the end-of-sequence token/],
    ['grouped queries', { ...TINY, num_key_value_heads: 1 }, /num_key_value_heads is 1; only 2/],
    ['an output matrix of its own', { ...TINY, tie_word_embeddings: false }, /tie_word_embeddings is false/],
    ['scaled rotary positions', { ...TINY, rope_scaling: { factor: 2 } }, /rope_scaling is \{"factor":2\}/],
  ])('refuses %s and names the field', (_, json, message) => {
    expect(() => readModelConfig(json)).toThrow(ModelConfigError);
    expect(() => readModelConfig(json)).toThrow(message);
  });

  it('reads back what it writes, and takes the Hub’s defaults for what is absent', () => {
    expect(readModelConfig(JSON.parse(JSON.stringify(toHubConfig(TINY, 'float16'))))).toEqual(TINY);
    const { rope_theta: _, ...rest } = TINY;
    expect(readModelConfig(rest).rope_theta).toBe(10_000);
  });
});
