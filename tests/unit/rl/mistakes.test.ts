import { beforeAll, describe, expect, it } from 'vitest';
import { layOut } from '../../../src/model/batch';
import { asRead, DROPPED, type Mistake } from '../../../src/rl/mistakes';
import { PpoTrainer } from '../../../src/rl/ppo';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { PROMPTS, tinyModel, TINY_PPO, vowels } from './tinyWorld';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

async function firstIteration(mistake: Mistake) {
  const ppo = new PpoTrainer({ model: tinyModel(), settings: { ...TINY_PPO, mistake }, seed: 3, score: vowels });
  const { metrics, samples } = await ppo.iterate(PROMPTS);
  ppo.dispose();
  return { metrics, samples };
}

describe('a mistake on purpose', () => {
  it('shows in the ratio before anything was learned, where padding is read or dropout is on', async () => {
    expect((await firstIteration('none')).metrics['policy/first_minibatch_max_ratio_error']).toBeLessThan(1e-5);
    for (const mistake of ['padding', 'dropout'] as const) {
      const { metrics } = await firstIteration(mistake);
      expect(metrics['policy/first_minibatch_max_ratio_error'], mistake).toBeGreaterThan(0.01);
      expect(metrics['policy/rollout_logprob_error'], mistake).toBeGreaterThan(0.01);
    }
  });

  it('parts policy and reference at once where dropout is on, and only there', async () => {
    expect(Math.abs((await firstIteration('padding')).metrics['objective/kl']!)).toBeLessThan(1e-5);
    expect(Math.abs((await firstIteration('dropout')).metrics['objective/kl']!)).toBeGreaterThan(0.01);
  });

  it('draws only likely tokens by top-k, and leaves ratio and KL as they should be at first', async () => {
    const { metrics, samples } = await firstIteration('top-k');
    expect(metrics['policy/first_minibatch_max_ratio_error']).toBeLessThan(1e-5);
    expect(Math.abs(metrics['objective/kl']!)).toBeLessThan(1e-5);
    const plain = (await firstIteration('none')).samples;
    const rarest = (texts: typeof samples) => Math.min(...texts.flatMap(({ tokens }) => tokens.map(({ logProb }) => logProb)));
    expect(rarest(samples)).toBeGreaterThan(rarest(plain));
  });

  it('changes nothing but what is read', () => {
    const batch = layOut([[1, 5], [1, 6, 7, 8]], [[9, 9, 9], [9]], 0, { prompt: 4, response: 3 });
    const random = () => new RandomStream(1);
    expect(asRead('padding', batch, 'update', random)).toBe(batch);
    expect([...asRead('padding', batch, 'rollout', random).mask]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    expect(asRead('none', batch, 'rollout', random)).toBe(batch);
    const wide = layOut(Array<number[]>(400).fill([1, 2, 3, 4]), Array<number[]>(400).fill([5, 6]), 0);
    const { mask, ids, responseMask } = asRead('dropout', wide, 'rollout', random);
    expect([ids, responseMask]).toEqual([wide.ids, wide.responseMask]);
    expect(mask.filter((_, i) => i % 6 === 3).every((kept) => kept === 1)).toBe(true);
    const dropped = mask.filter((_, i) => i % 6 !== 3).filter((kept) => kept === 0).length / 2000;
    // Four standard errors of a share of a tenth over 2000.
    expect(Math.abs(dropped - DROPPED)).toBeLessThan(4 * Math.sqrt((DROPPED * (1 - DROPPED)) / 2000));
  });
});
