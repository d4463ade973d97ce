import { memory, reshape, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SequenceError } from '../../../src/model/batch';
import { CachedDecoder, generate, upToEnd } from '../../../src/model/decoding';
import { toParameters, type Parameters } from '../../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../../src/model/transformer';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { randomPrompts, sharpWeights, TINY } from './tinyModel';

let parameters: Parameters;
beforeAll(async () => {
  await startBackend({ prefer: 'cpu' });
  parameters = toParameters(sharpWeights(TINY, 1));
});

const OPTIONS = { maxNewTokens: 20, temperature: 1, seed: 7, counter: 0 };
const PROMPTS = randomPrompts(new RandomStream(5), 4, 9);

/** Next-token logits at every position of one unpadded sequence. */
async function fullForward(sequence: number[]): Promise<number[][]> {
  const T = sequence.length;
  const flat = await tidy(() => {
    const hidden = hiddenStates(parameters, TINY, tensor2d(sequence, [1, T], 'int32'), tensor2d(sequence.map(() => 1), [1, T]));
    return nextTokenLogits(parameters, reshape(hidden, [T, TINY.hidden_size]));
  }).data();
  return sequence.map((_, t) => [...flat.slice(t * TINY.vocab_size, (t + 1) * TINY.vocab_size)]);
}

const argMax = (values: number[]) => values.indexOf(Math.max(...values));

describe('cached decoding', () => {
  it('gives the logits of a full forward pass of each row alone, without padding', async () => {
    const fed = Array.from({ length: 6 }, (_, t) => PROMPTS.map((_, row) => 2 + ((7 * t + 3 * row) % 30)));
    const decoder = new CachedDecoder(parameters, TINY, PROMPTS, 12, fed.length + 1);
    const cached: Float32Array[] = [(await decoder.logits.data()) as Float32Array];
    for (const tokens of fed) {
      decoder.advance(tensor1d(tokens, 'int32'));
      cached.push((await decoder.logits.data()) as Float32Array);
    }
    decoder.dispose();
    for (const [row, prompt] of PROMPTS.entries()) {
      const full = await fullForward([...prompt, ...fed.map((tokens) => tokens[row])]);
      for (const [t, logits] of cached.entries())
        for (let v = 0; v < TINY.vocab_size; v++)
          expect(Math.abs(logits[row * TINY.vocab_size + v] - full[prompt.length - 1 + t][v])).toBeLessThan(1e-4);
    }
  });

  it('refuses to write past its room', () => {
    const decoder = new CachedDecoder(parameters, TINY, [[1]], 2, 1);
    decoder.advance(tensor1d([3], 'int32'));
    expect(() => decoder.advance(tensor1d([3], 'int32'))).toThrow(RangeError);
    decoder.dispose();
  });
});

describe('generate', () => {
  it('at temperature 0 follows the most likely token of a full forward pass', async () => {
    const { responses } = await generate(parameters, TINY, PROMPTS, { ...OPTIONS, temperature: 0, maxNewTokens: 8 });
    for (const [row, response] of responses.entries()) {
      const full = await fullForward([...PROMPTS[row], ...response]);
      expect(response).toEqual(response.map((_, t) => argMax(full[PROMPTS[row].length - 1 + t])));
      expect(response.length === 8 || response.at(-1) === TINY.eos_token_id).toBe(true);
    }
  });

  it('draws each token from the softmax of the full forward pass', async () => {
    // One token after one prompt, often: frequencies against probabilities, Pearson's χ² below its 1e-6 quantile.
    const temperature = 1.5;
    const logits = (await fullForward(PROMPTS[0])).at(-1)!.map((logit) => logit / temperature);
    const total = logits.reduce((all, logit) => all + Math.exp(logit), 0);
    const draws = 800;
    const { responses } = await generate(parameters, TINY, Array(draws).fill(PROMPTS[0]), { ...OPTIONS, temperature, maxNewTokens: 1 });
    const counts = new Array<number>(TINY.vocab_size).fill(0);
    for (const [token] of responses) counts[token]++;
    let chiSquare = 0;
    let cells = 0;
    for (const [token, logit] of logits.entries()) {
      const expected = (draws * Math.exp(logit)) / total;
      if (expected < 5) continue;
      cells++;
      chiSquare += (counts[token] - expected) ** 2 / expected;
    }
    expect(cells).toBeGreaterThan(8);
    expect(chiSquare).toBeLessThan(cells + 5 * Math.sqrt(2 * cells) + 20);
  });

  it('says of each token how likely the full forward pass finds it, at the temperature', async () => {
    const temperature = 1.5;
    const { responses, logProbs } = await generate(parameters, TINY, PROMPTS, { ...OPTIONS, temperature });
    for (const [row, response] of responses.entries()) {
      const full = await fullForward([...PROMPTS[row], ...response]);
      const expected = response.map((token, t) => {
        const logits = full[PROMPTS[row].length - 1 + t].map((logit) => logit / temperature);
        return logits[token] - Math.log(logits.reduce((all, logit) => all + Math.exp(logit), 0));
      });
      expect(logProbs[row]).toHaveLength(response.length);
      logProbs[row].forEach((logProb, t) => expect(logProb).toBeCloseTo(expected[t], 4));
    }
  });

  it('keeps the end-of-sequence token and drops what follows it', async () => {
    const { responses } = await generate(parameters, TINY, randomPrompts(new RandomStream(1), 40, 6), { ...OPTIONS, temperature: 3 });
    const ended = responses.filter((response) => response.includes(TINY.eos_token_id));
    expect(ended.length).toBeGreaterThan(5);
    for (const response of ended) expect(response.indexOf(TINY.eos_token_id)).toBe(response.length - 1);
    for (const response of responses.filter((row) => !ended.includes(row))) expect(response).toHaveLength(OPTIONS.maxNewTokens);
  });

  it('repeats itself from the same seed and counter, and tells the next counter', async () => {
    const first = await generate(parameters, TINY, PROMPTS, OPTIONS);
    expect(await generate(parameters, TINY, PROMPTS, OPTIONS)).toEqual(first);
    expect(first.counter).toBe(OPTIONS.maxNewTokens);
    expect((await generate(parameters, TINY, PROMPTS, { ...OPTIONS, counter: first.counter })).responses).not.toEqual(first.responses);
    expect((await generate(parameters, TINY, PROMPTS, { ...OPTIONS, seed: 8 })).responses).not.toEqual(first.responses);
  });

  it('does not depend on how wide the prompts are padded', async () => {
    const narrow = await generate(parameters, TINY, PROMPTS, { ...OPTIONS, promptWidth: 9 });
    expect(await generate(parameters, TINY, PROMPTS, { ...OPTIONS, promptWidth: 20 })).toEqual(narrow);
  });

  it('leaves nothing on the device, not even after an error', async () => {
    await generate(parameters, TINY, PROMPTS, OPTIONS);
    const before = memory().numTensors;
    await generate(parameters, TINY, PROMPTS, OPTIONS);
    await expect(generate(parameters, TINY, [[]], OPTIONS)).rejects.toThrow(SequenceError);
    expect(memory().numTensors).toBe(before);
  });

  it.each([
    ['an empty prompt', [[1, 4], []], {}, /Sequence 2.*prompt is empty/],
    ['a prompt beyond the context', [[1], new Array(50).fill(4)], {}, /Sequence 2.*50 tokens and 20 more.*at most 64/],
    ['a negative temperature', [[1]], { temperature: -1 }, /temperature/],
    ['no tokens', [[1]], { maxNewTokens: 0 }, /At least one token/],
    ['top-k of nothing', [[1]], { topK: 0 }, /Top-k/],
    ['top-p above one', [[1]], { topP: 1.5 }, /Top-p/],
  ])('refuses %s in plain words', async (_, prompts, options, message) => {
    await expect(generate(parameters, TINY, prompts, { ...OPTIONS, ...options })).rejects.toThrow(message);
  });
});

describe('truncation', () => {
  const prompt = PROMPTS[0];
  const sampledTokens = async (options: object): Promise<Set<number>> => {
    const { responses } = await generate(parameters, TINY, Array(200).fill(prompt), { ...OPTIONS, temperature: 2, maxNewTokens: 1, ...options });
    return new Set(responses.map(([token]) => token));
  };

  it('keeps the k most likely tokens', async () => {
    const logits = (await fullForward(prompt)).at(-1)!;
    const best = logits.map((_, token) => token).sort((a, b) => logits[b] - logits[a]);
    expect(await sampledTokens({ topK: 3 })).toEqual(new Set(best.slice(0, 3)));
    expect((await sampledTokens({ topK: 32 })).size).toBeGreaterThan(10);
  });

  it('keeps the smallest set that reaches p at the temperature', async () => {
    const logits = (await fullForward(prompt)).at(-1)!;
    const best = logits.map((_, token) => token).sort((a, b) => logits[b] - logits[a]);
    const total = logits.reduce((all, logit) => all + Math.exp(logit / 2), 0);
    const nucleus = new Set<number>();
    for (let mass = 0, i = 0; mass < 0.6; i++) {
      nucleus.add(best[i]);
      mass += Math.exp(logits[best[i]] / 2) / total;
    }
    expect(nucleus.size).toBeGreaterThan(2);
    expect(await sampledTokens({ topP: 0.6 })).toEqual(nucleus);
    expect(await sampledTokens({ topP: 1e-6 })).toEqual(new Set([best[0]]));
  });
});

describe('upToEnd', () => {
  it('cuts after the first end-of-sequence token', () => {
    expect(upToEnd([4, 5, 1, 6, 1], 1)).toEqual([4, 5, 1]);
    expect(upToEnd([4, 5], 1)).toEqual([4, 5]);
  });
});
