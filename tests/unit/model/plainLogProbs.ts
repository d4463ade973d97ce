import { ones, reshape, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../../src/model/config';
import type { Parameters } from '../../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../../src/model/transformer';

/** log π of every token of `response` after `prompt`, in nats: one forward pass over this sequence alone, and a softmax of logits / τ in float64. */
export async function plainLogProbs(
  parameters: Parameters,
  config: ModelConfig,
  prompt: readonly number[],
  response: readonly number[],
  temperature: number,
): Promise<number[]> {
  const all = [...prompt, ...response];
  const logits = tidy(() => {
    const hidden = hiddenStates(parameters, config, tensor2d(all, [1, all.length], 'int32'), ones([1, all.length]));
    return nextTokenLogits(parameters, reshape(hidden, [all.length, config.hidden_size]) as Tensor2D);
  });
  const rows = (await logits.array()) as number[][];
  logits.dispose();
  return response.map((token, t) => {
    // A token is predicted one place before it.
    const row = rows[prompt.length + t - 1].map((logit) => logit / temperature);
    return row[token] - Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
  });
}
