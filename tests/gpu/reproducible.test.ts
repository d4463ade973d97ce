import { beforeAll, expect, it } from 'vitest';
import { Pretrainer, type PretrainingState } from '../../src/model/pretraining';
import { RandomStream } from '../../src/tensor/random';
import { TINY } from '../unit/model/tinyModel';
import { startWebGpu } from './startWebGpu';

/*
 * Two hundred steps of training on WebGPU, to the bit: every kernel, the
 * optimiser and the generator take part, and one sum in another order would show.
 */

const STEPS = 200;
const config = { ...TINY, max_position_embeddings: 12 };
const settings = { steps: STEPS, batch: 4, learningRate: 0.01, warmUp: 10, seed: 3 };
const random = new RandomStream(8);
const stream = Uint16Array.from({ length: 500 }, (_, i) => 2 + ((3 * i + random.integer(4)) % 30));

beforeAll(async () => void (await startWebGpu()));

/** Losses up to a step, and the state there. */
async function train(until: number, from?: PretrainingState): Promise<{ losses: number[]; state: PretrainingState }> {
  const trainer = new Pretrainer(config, settings, stream, from);
  const losses: number[] = [];
  while (trainer.step < until) {
    const loss = trainer.update();
    losses.push((await loss.data())[0]);
    loss.dispose();
  }
  const state = await trainer.state();
  trainer.dispose();
  return { losses, state };
}

it('a repeated run, and one that was stopped and resumed, has the same losses and weights', { timeout: 120_000 }, async () => {
  const whole = await train(STEPS);
  expect(whole.losses[STEPS - 1]).toBeLessThan(0.7 * whole.losses[0]);
  const again = await train(STEPS);
  expect(again.losses).toEqual(whole.losses);
  const half = await train(STEPS / 2 - 7);
  const rest = await train(STEPS, half.state);
  expect([...half.losses, ...rest.losses]).toEqual(whole.losses);
  expect(again.state.weights).toEqual(whole.state.weights);
  expect(rest.state.weights).toEqual(whole.state.weights);
});
