import { backwardEffort, decodingEffort, forwardEffort, sumEffort, times } from '../model/arithmetic';
import type { ModelConfig } from '../model/config';
import { memoryOf, trainingBuffers, tunedModelBuffers, type Demand } from '../model/demand';
import { countNumbers, decodingBuffers, tensorBuffers, type Buffers } from '../model/footprint';
import type { LanguageModel } from '../model/languageModel';
import { memberCount } from '../model/members';
import { parameterShapes } from '../model/parameters';
import { trainedShapes } from '../model/tuning';
import { scoringBuffers, scoringEffort } from '../reward/demand';
import type { PpoSettings } from './settings';

/**
 * What an iteration of PPO asks of a device, from the shapes alone (see ppo.ts,
 * update.ts): memory of the whole run at its peak, and the effort of one
 * iteration. Measured peaks lay within 0.7 to 1.5 of this estimate (tests/gpu/demand.test.ts).
 *
 * @param reward the reward model's sizes, and the weights of all its members; null where there is none
 */
export function ppoDemand(config: ModelConfig, reward: Pick<LanguageModel, 'config' | 'weights'> | null, settings: PpoSettings): Demand {
  const { batchSize: B, promptLength: P, responseLength: T, tune, minibatches, microbatchSize, epochs } = settings;
  const minibatch = Math.ceil(B / minibatches);
  const rows = Math.min(minibatch, microbatchSize ?? Infinity);
  const trained = trainedShapes(config, tune, 'value');
  const { vocab_size: V, hidden_size: D } = config;

  // The reference has copies of its own of what is trained in place, and shares the rest.
  const reference = [...trained].filter(([name]) => parameterShapes(config).has(name));
  const judges: Buffers = reward ? tensorBuffers(new Map([...reward.weights].map(([name, { shape }]) => [name, shape]))) : [];
  const resident: Buffers = [...tunedModelBuffers(config, tune, 'value'), ...tensorBuffers(new Map(reference)), ...judges];
  const outputs: Buffers = [
    // Logits and their gradient; the states that logits and values are read from, and what comes back to them.
    [rows * T * V, 2],
    [rows * T * D, 4],
    [rows * (P + T) * D, 3],
  ];
  // Beside a new set of gradients there is that of the minibatch before; where parts are added up, a sum of them too.
  const sets = rows < minibatch ? 3 : 2;
  const memory = memoryOf(
    resident,
    [decodingBuffers(config, B, P, T, tune), [...trainingBuffers(config, rows * (P + T), tune, 'value', sets), ...outputs], ...(reward ? [scoringBuffers(reward.config, P + T)] : [])],
    [...tensorBuffers(new Map([...trained.values()].map((shape) => [shape.join(), shape]))), [countNumbers(trained), 2]],
  );

  const passes = Math.ceil(B / rows);
  const forward = times(passes, forwardEffort(config, rows, P + T, rows * T, tune));
  const backward = times(passes, backwardEffort(config, rows, P + T, rows * T, tune));
  return {
    ...memory,
    effort: sumEffort(decodingEffort(config, B, P, T), times(2 + epochs, forward), times(epochs, backward), ...(reward ? [times(memberCount(reward.weights), scoringEffort(reward.config, B, P + T))] : [])),
  };
}
