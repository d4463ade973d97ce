import { mul, reshape, slice, softmax, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { layOut } from '../model/batch';
import { disposeParameters, toParameters } from '../model/parameters';
import { hiddenStates, nextTokenLogits } from '../model/transformer';
import { encodePrompts, roomBefore } from '../rl/promptTokens';
import type { Desk } from './lab';
import { loadWriter } from './policy';
import type { Commands, Result } from './protocol';
import type { Work } from './work';

/** Prompts in one pass. */
const ROWS = 16;

/** How likely each token is to come next after each prompt, under softmax(logits / τ) with the writer's own τ. Throws PromptTooLongError. */
export async function nextTokens({ database, shelf }: Desk, { prompts, ...of }: Commands['nextTokens']['args'], work: Work): Promise<Result<'nextTokens'>> {
  const { base: { config, tokenizer }, tuned, settings } = await loadWriter(database, shelf, of);
  const encoded = encodePrompts({ config, tokenizer }, prompts, roomBefore(1, config));
  const parameters = toParameters(tuned);
  const probabilities: number[][] = [];
  try {
    for (let start = 0; start < encoded.length; start += ROWS) {
      const rows = encoded.slice(start, start + ROWS);
      const { ids, mask, B, P } = layOut(rows, rows.map(() => []), config.pad_token_id);
      const together = tidy(() => {
        const hidden = hiddenStates(parameters, config, tensor2d(ids, [B, P], 'int32'), tensor2d(mask, [B, P]));
        const last = reshape(slice(hidden, [0, P - 1, 0], [B, 1, config.hidden_size]), [B, config.hidden_size]) as Tensor2D;
        return softmax(mul(nextTokenLogits(parameters, last), 1 / settings.temperature) as Tensor2D);
      });
      const data = await together.data();
      together.dispose();
      for (let row = 0; row < B; row++) probabilities.push(Array.from(data.subarray(row * config.vocab_size, (row + 1) * config.vocab_size)));
      work.progress('Reading prompts', probabilities.length, encoded.length);
      await work.breathe();
    }
    const { eos_token_id, vocab_size } = config;
    return { texts: Array.from({ length: vocab_size }, (_, token) => (token === eos_token_id ? '' : tokenizer.decode([token]))), probabilities };
  } finally {
    disposeParameters(parameters);
  }
}
