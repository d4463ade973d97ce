import { concat, dispose, ones, pad, reshape, slice, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../src/model/config';
import { CachedDecoder, generate } from '../../src/model/decoding';
import { disposeParameters, toParameters, type Parameters } from '../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../src/model/transformer';
import { dispatchCount } from '../../src/tensor/backend';
import { sampleCategorical } from '../../src/tensor/sampler';
import { llamaConfig, llamaWeights, randomPrompts, SAMPLING } from './models';
import type { Outcome, Prepared, Work } from './work';

type Generation = Work & { kind: 'generate' };

/** As rollouts are sampled; by way of the decoder itself, in quarters; and without a cache. */
export function generation(work: Generation): Prepared {
  const { size, rows, prompt, tokens, how } = work;
  const parameters = toParameters(llamaWeights(size));
  const config = llamaConfig(size);
  const prompts = randomPrompts(size, rows, prompt);
  const ways: Record<Generation['how'], () => Promise<Outcome>> = {
    async cached() {
      const { responses } = await generate(parameters, config, prompts, { ...SAMPLING, maxNewTokens: tokens, promptWidth: prompt });
      return { values: responses.flat() };
    },
    quarters: () => quarters(parameters, config, prompts, work),
    recomputed: () => recomputed(parameters, config, prompts, work),
  };
  return { run: ways[how], dispose: () => disposeParameters(parameters) };
}

/** Seconds of each quarter of the tokens, and the launches of one token. */
async function quarters(parameters: Parameters, config: ModelConfig, prompts: number[][], { prompt, tokens }: Generation): Promise<Outcome> {
  const decoder = new CachedDecoder(parameters, config, prompts, prompt, tokens);
  await decoder.logits.data();
  const parts: Record<string, number> = {};
  for (let quarter = 1; quarter <= 4; quarter++) {
    const start = performance.now();
    const before = dispatchCount();
    for (let i = 0; i < tokens / 4; i++) {
      const drawn = sampleCategorical(decoder.logits, 1, SAMPLING.seed, i);
      decoder.advance(drawn.tokens);
      dispose([drawn.tokens, drawn.record]);
    }
    parts.launches = (dispatchCount() - before) / (tokens / 4);
    await decoder.logits.data();
    parts[`quarter ${quarter}`] = (performance.now() - start) / 1000;
  }
  decoder.dispose();
  return { values: [], parts };
}

/** Lengths at which a row is computed again: few, so that each is compiled once. */
const BUCKET = 16;

async function recomputed(parameters: Parameters, config: ModelConfig, prompts: number[][], { rows: B, prompt, tokens }: Generation): Promise<Outcome> {
  let ids = tensor2d(prompts.flat(), [B, prompt], 'int32');
  for (let step = 0; step < tokens; step++) {
    const longer = tidy(() => {
      const length = prompt + step;
      const width = Math.ceil(length / BUCKET) * BUCKET;
      // What is behind a token changes nothing for it.
      const states = hiddenStates(parameters, config, pad(ids, [[0, 0], [0, width - length]]), ones([B, width]));
      const last = reshape(slice(states, [0, length - 1, 0], [B, 1, config.hidden_size]), [B, config.hidden_size]) as Tensor2D;
      const drawn = sampleCategorical(nextTokenLogits(parameters, last), SAMPLING.temperature, SAMPLING.seed, SAMPLING.counter + step);
      return concat([ids, reshape(drawn.tokens, [B, 1])], 1) as Tensor2D;
    });
    ids.dispose();
    ids = longer;
  }
  const all = await ids.data();
  ids.dispose();
  return { values: prompts.flatMap((_, row) => [...all.slice(row * (prompt + tokens) + prompt, (row + 1) * (prompt + tokens))]) };
}
