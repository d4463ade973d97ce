import { mul, sum, tensor2d, tidy, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../model/config';
import type { Parameters } from '../model/parameters';
import { scalarHead } from '../model/scalarHead';
import { hiddenStates } from '../model/transformer';
import { releaseFreeBuffers } from '../tensor/storage';
import type { BpeTokenizer } from '../text/bpe';

/** A prompt and the response that is judged, already cut. */
export interface JudgedText {
  prompt: string;
  response: string;
}

/** A trunk with a reward head on the device; its parameters are those of a language model, `score.weight` and `score.bias`. */
export interface RewardModel {
  config: ModelConfig;
  tokenizer: BpeTokenizer;
  parameters: Parameters;
}

/** A text that the model cannot read in one piece. */
export class TextTooLongError extends Error {
  constructor(text: JudgedText, tokens: number, context: number) {
    super(`“${text.prompt.slice(0, 60)}” and its response have ${tokens} tokens, and the model reads at most ${context}. Shorten the text, or leave it out.`);
    this.name = 'TextTooLongError';
  }
}

/** Rows of one forward pass when scoring; the last batch is filled up, so that its shape is the same. */
export const SCORING_ROWS = 32;

// Widths are rounded up to this, because the device keeps free buffers by exact size.
export const WIDTH_STEP = 8;

type Reader = Pick<RewardModel, 'config' | 'tokenizer'>;

const tokensOf = ({ config, tokenizer }: Reader, { prompt, response }: JudgedText): number[] => [
  config.bos_token_id,
  ...tokenizer.encode(prompt),
  ...tokenizer.encode(response),
];

/** Whether a model reads a text in one piece. */
export function fits(reader: Reader, text: JudgedText): boolean {
  return tokensOf(reader, text).length <= reader.config.max_position_embeddings;
}

/** Token ids that the model reads for a text. Throws {@link TextTooLongError}. */
export function readingTokens(reader: Reader, text: JudgedText): number[] {
  const { config } = reader;
  const tokens = tokensOf(reader, text);
  if (tokens.length > config.max_position_embeddings) throw new TextTooLongError(text, tokens.length, config.max_position_embeddings);
  return tokens;
}

/**
 * w·h + b at the last token of each sequence, [N], differentiable in the
 * parameters (Ziegler et al. 2019, §2.1). Sequences are padded on the right, to
 * `width` tokens at least.
 */
export function scoreSequences(parameters: Parameters, config: ModelConfig, sequences: readonly (readonly number[])[], width = 1): Tensor1D {
  const N = sequences.length;
  const longest = sequences.reduce((longest, { length }) => Math.max(longest, length), width);
  const W = Math.min(config.max_position_embeddings, Math.ceil(longest / WIDTH_STEP) * WIDTH_STEP);
  const ids = new Int32Array(N * W).fill(config.pad_token_id);
  const mask = new Float32Array(N * W);
  const last = new Float32Array(N * W);
  sequences.forEach((tokens, row) => {
    ids.set(tokens, row * W);
    mask.fill(1, row * W, row * W + tokens.length);
    last[row * W + tokens.length - 1] = 1;
  });
  const hidden = hiddenStates(parameters, config, tensor2d(ids, [N, W], 'int32') as Tensor2D, tensor2d(mask, [N, W]));
  return sum(mul(scalarHead(parameters, 'score', hidden), tensor2d(last, [N, W])), 1) as Tensor1D;
}

export interface ScoringOptions {
  /** Tokens that every text is padded to at least: one value for a whole run keeps shapes, and so memory, the same. */
  width?: number;
  onProgress?: (done: number, total: number) => void | Promise<void>;
}

/** Scores of texts, in their order. Throws {@link TextTooLongError} before any is scored. */
export async function scoreTexts(
  model: RewardModel,
  texts: readonly JudgedText[],
  { width, onProgress }: ScoringOptions = {},
): Promise<Float32Array> {
  const sequences = texts.map((text) => readingTokens(model, text));
  const scores = new Float32Array(texts.length);
  for (let start = 0; start < texts.length; start += SCORING_ROWS) {
    const rows = sequences.slice(start, start + SCORING_ROWS);
    const filled = [...rows, ...Array.from({ length: SCORING_ROWS - rows.length }, () => rows[0])];
    const batch = tidy(() => scoreSequences(model.parameters, model.config, filled, width));
    scores.set((await batch.data()).subarray(0, rows.length), start);
    batch.dispose();
    // Odd characters can make a text longer than was foreseen; buffers of its sizes would be kept for nothing.
    if (width !== undefined && filled.some(({ length }) => length > width)) releaseFreeBuffers();
    await onProgress?.(Math.min(start + SCORING_ROWS, texts.length), texts.length);
  }
  return scores;
}
