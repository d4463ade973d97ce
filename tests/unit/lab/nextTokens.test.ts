import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabClient } from '../../../src/lab/client';
import { MODEL, openLab, PPO, TinySite } from './tinyLab';

const site = new TinySite();
let lab: LabClient;

beforeAll(async () => {
  lab = openLab(site);
  await lab.send('start', { prefer: 'wasm' });
});
afterAll(() => site.remove());

describe('how likely each token is to come next', () => {
  const prompts = ['Once', 'the cat was', 'a'];

  it('is what the model draws by, for prompts of any length beside each other', async () => {
    const { texts, probabilities } = await lab.send('nextTokens', { modelId: MODEL, prompts });
    expect(probabilities.map((row) => row.length)).toEqual(prompts.map(() => texts.length));
    for (const row of probabilities) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    const { probabilities: [alone] } = await lab.send('nextTokens', { modelId: MODEL, prompts: [prompts[2]] });
    alone.forEach((p, token) => expect(p).toBeCloseTo(probabilities[2][token], 5));

    // The likeliest tokens are drawn as often as they should be: four standard errors of 2,000 draws.
    const options = { maxNewTokens: 1, temperature: 1, seed: 4 };
    const { texts: drawn } = await lab.send('write', { modelId: MODEL, prompt: prompts[0], count: 2000, options });
    const likeliest = probabilities[0].map((p, token) => ({ p, text: texts[token] })).sort((a, b) => b.p - a.p).slice(0, 3);
    for (const { text } of likeliest) {
      const p = probabilities[0].reduce((sum, q, token) => (texts[token] === text ? sum + q : sum), 0);
      const share = drawn.filter((each) => each === text).length / drawn.length;
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / drawn.length));
    }
  });

  it('of a run is its policy’s', async () => {
    const { runId } = await lab.send('createRun', { baseModelId: MODEL, reward: { weights: { model: 0, length: 0, rule: 1 }, rule: 'chars' }, settings: { ...PPO, iterations: 2 }, seed: 1 });
    const before = await lab.send('nextTokens', { modelId: MODEL, prompts });
    expect(await lab.send('nextTokens', { runId, prompts })).toEqual(before);
    await lab.send('play', { runId });
    const after = await lab.send('nextTokens', { runId, prompts });
    expect(after.probabilities).not.toEqual(before.probabilities);
    const { modelId } = await lab.send('keepPolicy', { runId, name: 'kept' });
    expect(await lab.send('nextTokens', { modelId, prompts })).toEqual(after);
  });
});
