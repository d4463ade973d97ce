import { reshape, slice, softmax, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { LanguageModel } from '../../../src/model/languageModel';
import type { Parameters } from '../../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../../src/model/transformer';
import { PpoTrainer } from '../../../src/rl/ppo';
import { ARMS, armRewards, armsModel, armsSettings } from './armsModel';
import { bestPolicy, objective, REFERENCE, totalVariation } from './bandit';

/** How likely each arm is under a policy on the device, in the arms' order. */
async function armProbabilities(parameters: Parameters, { config, tokenizer }: LanguageModel): Promise<number[]> {
  const probabilities = tidy(() => {
    const ids = tensor2d([[config.bos_token_id, ...tokenizer.encode('p')]], [1, 2], 'int32');
    const hidden = hiddenStates(parameters, config, ids, tensor2d([[1, 1]]));
    return softmax(nextTokenLogits(parameters, reshape(slice(hidden, [0, 1, 0], [1, 1, config.hidden_size]), [1, config.hidden_size])));
  });
  const data = await probabilities.data();
  probabilities.dispose();
  return ARMS.map((arm) => data[tokenizer.encode(arm)[0]]);
}

/** The lab's own trainer, on the backend that was started, ends at the best policy that there is at β. */
export async function expectExactOptimum(beta: number): Promise<void> {
  const settings = armsSettings(beta);
  const model = armsModel();
  const ppo = new PpoTrainer({ model, settings, seed: 1, score: armRewards });
  expect(totalVariation(await armProbabilities(ppo.parameters, model), REFERENCE)).toBeLessThan(1e-4);
  for (let i = 0; i < settings.iterations; i++) await ppo.iterate(Array<string>(settings.batchSize).fill('p'));
  const policy = await armProbabilities(ppo.parameters, model);
  ppo.dispose();

  const best = bestPolicy(beta);
  expect(totalVariation(policy, best)).toBeLessThanOrEqual(0.01);
  const [reached, most] = [objective(policy, beta), objective(best, beta)];
  expect(reached).toBeLessThanOrEqual(most + 1e-6);
  expect((most - reached) / (most - objective(REFERENCE, beta))).toBeLessThanOrEqual(0.005);
}
