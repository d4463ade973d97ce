import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { toParameters, type Weights } from '../../../src/model/parameters';
import { learningRateAt, Pretrainer, type PretrainingSettings } from '../../../src/model/pretraining';
import { bitsPerByte, validationLoss } from '../../../src/model/validation';
import { startBackend } from '../../../src/tensor/backend';
import { storiesOf } from '../../../src/text/corpus';
import { packCheckpoint, unpackCheckpoint } from '../../../tools/pretrain/checkpoint';
import { sharpWeights, TINY } from './tinyModel';
import { WASM_FOLDER } from '../tensor/wasmFolder';

const config = { ...TINY, max_position_embeddings: 8, num_hidden_layers: 1 };
const settings: PretrainingSettings = { steps: 30, batch: 2, learningRate: 0.02, warmUp: 3, seed: 1 };
// A text that repeats itself: what comes next is certain once two tokens are known.
const stream = Uint16Array.from({ length: 200 }, (_, i) => [1, 5, 9, 5, 20, 7][i % 6]);

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
}, 60_000);

async function train(trainer: Pretrainer, until: number): Promise<number[]> {
  const losses: number[] = [];
  while (trainer.step < until) {
    const loss = trainer.update();
    losses.push((await loss.data())[0]);
    loss.dispose();
  }
  return losses;
}

describe('Pretrainer', { timeout: 60_000 }, () => {
  it('begins near the loss of a uniform guess and learns the text', async () => {
    const trainer = new Pretrainer(config, settings, stream);
    const losses = await train(trainer, 30);
    expect(losses[0]).toBeCloseTo(Math.log(config.vocab_size), 1);
    // Knowing only how often each token occurs leaves (4/6)·ln 6 + (1/3)·ln 3 nats: less than that reads what came before.
    expect(losses.at(-1)).toBeLessThan(0.85 * ((4 / 6) * Math.log(6) + (1 / 3) * Math.log(3)));
    trainer.dispose();
  });

  it('goes on from a checkpoint file as if it had never stopped', async () => {
    const whole = new Pretrainer(config, settings, stream);
    const losses = await train(whole, 12);
    const stopped = new Pretrainer(config, settings, stream);
    await train(stopped, 5);
    const file = packCheckpoint({ state: await stopped.state(), settings: '{"a":1}', history: [] });
    stopped.dispose();
    const { state, settings: kept } = unpackCheckpoint(file);
    expect(kept).toBe('{"a":1}');
    const resumed = new Pretrainer(config, settings, stream, state);
    expect(resumed.step).toBe(5);
    expect(await train(resumed, 12)).toEqual(losses.slice(5));
    expect((await resumed.state()).weights).toEqual((await whole.state()).weights);
    whole.dispose();
    resumed.dispose();
  });

  it('leaves nothing on the device', async () => {
    const before = memory().numTensors;
    const trainer = new Pretrainer(config, settings, stream);
    await train(trainer, 2);
    trainer.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('refuses a text shorter than one row', () => {
    expect(() => new Pretrainer(config, settings, stream.subarray(0, 8))).toThrow(/8 tokens.*more than the context's 8/);
  });
});

it('the learning rate rises over the warm-up and falls to 0', () => {
  const path = { ...settings, steps: 100, warmUp: 10, learningRate: 2 };
  expect(learningRateAt(0, path)).toBeCloseTo(0.2);
  expect(learningRateAt(9, path)).toBeCloseTo(2 * 0.91);
  expect(learningRateAt(50, path)).toBeCloseTo(1);
  expect(learningRateAt(99, path)).toBeCloseTo(0.02);
});

describe('validationLoss', { timeout: 60_000 }, () => {
  const uniform: Weights = new Map([...sharpWeights(config, 1)].map(([name, { shape, data }]) => [name, { shape, data: name.includes('embed') ? data.map(() => 0) : data }]));

  it('counts each token of each story once, long stories too', async () => {
    // A model without preferences gives every token ln V, so the total counts them.
    const stories = storiesOf([3, 4, 1, ...new Array(29).fill(6), 1, 1], 1);
    expect(stories.map((story) => story.length)).toEqual([4, 31, 2]);
    const { nats, tokens } = await validationLoss(toParameters(uniform), config, stories);
    expect(tokens).toBe(3 + 30 + 1);
    expect(nats).toBeCloseTo(34 * Math.log(config.vocab_size), 2);
    expect(bitsPerByte(nats, 34)).toBeCloseTo(5, 3);
  });

  it('counts each token once in an odd context too, at every length', async () => {
    const odd = { ...config, max_position_embeddings: 7 };
    const lengths = [7, 8, 9, 11, 12, 13, 14, 20];
    const stories = lengths.map((length) => [1, ...new Array<number>(length).fill(6)]);
    const { nats, tokens } = await validationLoss(toParameters(uniform), odd, stories);
    expect(tokens).toBe(lengths.reduce((a, b) => a + b));
    expect(nats).toBeCloseTo(tokens * Math.log(odd.vocab_size), 2);
  });

  it('is the sum of the stories read one by one', async () => {
    const parameters = toParameters(sharpWeights(config, 2));
    const stories = storiesOf([3, 4, 1, 9, 9, 9, 30, 22, 8, 1, 7, 1, 15, 16, 17, 18, 19, 20, 21, 22, 23, 1], 1);
    let alone = 0;
    for (const story of stories) alone += (await validationLoss(parameters, config, [story])).nats;
    expect((await validationLoss(parameters, config, stories)).nats).toBeCloseTo(alone, 2);
  });
});
