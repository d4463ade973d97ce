import { disposeParameters, toParameters } from '../../src/model/parameters';
import { scoreTexts } from '../../src/reward/rewardModel';
import { PpoTrainer } from '../../src/rl/ppo';
import { PPO_SEED, type PpoSetup } from './ppoSetup';
import type { Prepared } from './work';

/** The lab's own trainer with a reward model. */
export function ourPpo({ model, reward, settings, prompts }: PpoSetup): Prepared {
  const parameters = toParameters(reward.weights);
  const scorer = { ...reward, parameters };
  const trainer = new PpoTrainer({ model, settings, seed: PPO_SEED, score: (texts) => scoreTexts(scorer, texts, { width: settings.promptLength + settings.responseLength }), tracedSamples: 0 });
  return {
    async run() {
      const { metrics } = await trainer.iterate(prompts);
      const parts = { rollout: metrics['time/rollout']!, score: metrics['time/score']!, train: metrics['time/train']! };
      return { values: [metrics['objective/score_mean']!, metrics['grad_norm']!], parts };
    },
    dispose() {
      trainer.dispose();
      disposeParameters(parameters);
    },
  };
}
