import { dispose, mul, neg, reshape, sum, tensor1d, tensor2d, tidy, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ModelConfig } from './config';
import { tokenLogProbs } from './logProbs';
import type { Parameters } from './parameters';
import { hiddenStates, nextTokenLogits } from './transformer';

export interface ValidationLoss {
  /** −Σ log p of every counted token. */
  nats: number;
  tokens: number;
}

/** Total nats per UTF-8 byte of the text that the tokens came from, in bits: comparable between tokenizers. */
export function bitsPerByte(nats: number, bytes: number): number {
  return nats / Math.LN2 / bytes;
}

interface Window {
  ids: number[];
  /** Predictions at its beginning that an earlier window has already counted. */
  skip: number;
}

const WINDOWS_PER_BATCH = 16;
// Widths are rounded up to this, because the device keeps free buffers by exact size.
const WIDTH_STEP = 32;

/**
 * Loss of every token (end-of-text included) of each story, read from its own
 * beginning; stories as {@link storiesOf} gives them. One longer than the
 * context slides by half a context, so every later token sees at least half of one.
 */
export async function validationLoss(parameters: Parameters, config: ModelConfig, stories: readonly number[][]): Promise<ValidationLoss> {
  const windows = stories.flatMap((story) => windowsOf(story, config.max_position_embeddings));
  windows.sort((a, b) => a.ids.length - b.ids.length);
  const total: ValidationLoss = { nats: 0, tokens: 0 };
  for (let i = 0; i < windows.length; i += WINDOWS_PER_BATCH) {
    const batch = await batchLoss(parameters, config, windows.slice(i, i + WINDOWS_PER_BATCH));
    total.nats += batch.nats;
    total.tokens += batch.tokens;
  }
  return total;
}

function windowsOf(story: number[], context: number): Window[] {
  const step = context >> 1;
  const overlap = context - step;
  const windows: Window[] = [];
  for (let start = 0; start < Math.max(1, story.length - overlap - 1); start += step)
    windows.push({ ids: story.slice(start, start + context + 1), skip: start === 0 ? 0 : overlap });
  return windows;
}

async function batchLoss(parameters: Parameters, config: ModelConfig, windows: Window[]): Promise<ValidationLoss> {
  const B = windows.length;
  const W = Math.ceil(Math.max(...windows.map(({ ids }) => ids.length - 1)) / WIDTH_STEP) * WIDTH_STEP;
  const inputs = new Int32Array(B * W).fill(config.pad_token_id);
  const targets = new Int32Array(B * W);
  const mask = new Float32Array(B * W);
  const counted = new Float32Array(B * W);
  windows.forEach(({ ids, skip }, row) => {
    const length = ids.length - 1;
    inputs.set(ids.slice(0, -1), row * W);
    targets.set(ids.slice(1), row * W);
    mask.fill(1, row * W, row * W + length);
    counted.fill(1, row * W + skip, row * W + length);
  });
  const nats = tidy(() => {
    const hidden = hiddenStates(parameters, config, tensor2d(inputs, [B, W], 'int32'), tensor2d(mask, [B, W]));
    const logits = nextTokenLogits(parameters, reshape(hidden, [B * W, config.hidden_size]));
    return neg(sum(mul(tokenLogProbs(logits, tensor1d(targets, 'int32') as Tensor1D), tensor1d(counted))));
  });
  const [value] = await nats.data();
  dispose(nats);
  return { nats: value, tokens: counted.reduce((all, one) => all + one, 0) };
}
