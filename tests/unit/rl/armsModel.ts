import type { LanguageModel } from '../../../src/model/languageModel';
import { parameterShapes, type Weights } from '../../../src/model/parameters';
import { LEAN, type PpoSettings } from '../../../src/rl/settings';
import { RandomStream } from '../../../src/tensor/random';
import { BpeTokenizer, END_OF_TEXT, PADDING } from '../../../src/text/bpe';
import { TINY } from '../model/tinyModel';
import { REFERENCE, REWARDS } from './bandit';

/*
 * The four arms as a language model: a transformer that answers the prompt "p"
 * with one of the tokens a, b, c, d, as likely as REFERENCE has them, and with
 * nothing else. The lab's own trainer can then be held to an optimum that is known.
 */

export const ARMS = ['a', 'b', 'c', 'd'];
const TOKENS = [PADDING, END_OF_TEXT, ...ARMS, 'p'];

/** Logit of what is never drawn; also the state's length, so that a row of the embedding is a logit over it. */
const DEPTH = 20;

/**
 * All information is in dimension 0. The prompt's embedding is (1, 0, …), its
 * normalised state (√D, 0, …), and the last norm's weight turns that to
 * (−DEPTH, 0, …), so that token v has the logit −DEPTH·E_v[0]. Layers write nothing
 * yet: o_proj and down_proj are 0. Everything is trained all the same.
 */
export function armsModel(): LanguageModel {
  const config = { ...TINY, vocab_size: TOKENS.length };
  const random = new RandomStream(1);
  const D = config.hidden_size;
  const weights: Weights = new Map();
  for (const [name, shape] of parameterShapes(config)) {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (shape.length === 1) data.fill(1);
    else if (!/(o_proj|down_proj)\.weight$/.test(name)) data.forEach((_, i) => (data[i] = 0.1 * random.normal()));
    weights.set(name, { shape, data });
  }
  weights.get('model.norm.weight')!.data[0] = -DEPTH / Math.sqrt(D);
  const embedding = weights.get('model.embed_tokens.weight')!.data;
  TOKENS.forEach((token, row) => {
    const arm = ARMS.indexOf(token);
    embedding[row * D] = arm < 0 ? 1 : -Math.log(REFERENCE[arm]) / DEPTH;
    if (token === 'p') embedding.fill(0, row * D + 1, (row + 1) * D);
  });
  return { config, tokenizer: new BpeTokenizer({ tokens: TOKENS, merges: [], special: [PADDING, END_OF_TEXT] }), weights };
}

/** Less than any arm: what is next to impossible for the reference should stay so. */
const NO_ARM = -3;

export async function armRewards(texts: readonly { response: string }[]): Promise<number[]> {
  return texts.map(({ response }) => REWARDS[ARMS.indexOf(response)] ?? NO_ARM);
}

/** LEAN with a fixed β, one token a response. */
export function armsSettings(beta: number): PpoSettings {
  return {
    ...LEAN,
    batchSize: 256,
    promptLength: 2,
    responseLength: 1,
    iterations: 45,
    cut: { at: 'eos', afterTokens: 0 },
    kl: { ...LEAN.kl, control: 'fixed', coefficient: beta, cap: null },
    learningRate: 1e-3,
  };
}
