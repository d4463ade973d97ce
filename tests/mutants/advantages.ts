import type { Mutant } from '../../tools/mutants/mutant';

const ADVANTAGES_TEST = 'tests/unit/rl/rewardsAndAdvantages.test.ts';
const GRADIENT = 'tests/unit/rl/enumeratedGradient.test.ts';
const PPO = 'tests/unit/rl/ppo.test.ts';

/** Mistakes in advantages, returns and whitening. */
export const ADVANTAGES: readonly Mutant[] = [
  {
    name: 'γ and λ swapped',
    file: 'src/rl/advantages.ts',
    find: 'rewards[i] + gamma * nextValue',
    replace: 'rewards[i] + lambda * nextValue',
    tests: [ADVANTAGES_TEST],
    project: 'unit',
  },
  {
    name: 'γ and λ swapped on their way to the advantages',
    file: 'src/rl/algorithms.ts',
    find: 'estimateAdvantages({ ...rollout, gamma, lambda })',
    replace: 'estimateAdvantages({ ...rollout, gamma: lambda, lambda: gamma })',
    tests: [PPO],
    project: 'unit',
  },
  {
    name: 'advantages that do not look ahead',
    file: 'src/rl/advantages.ts',
    find: 'nextAdvantage = delta + gamma * lambda * nextAdvantage;',
    replace: 'nextAdvantage = delta;',
    tests: [GRADIENT],
    project: 'unit',
  },
  {
    name: 'value after the end not zeroed',
    file: 'src/rl/advantages.ts',
    find: 'if (mask[i] === 0) continue;',
    replace: `if (mask[i] === 0) {
        nextValue = values[i];
        continue;
      }`,
    tests: [ADVANTAGES_TEST],
    project: 'unit',
  },
  {
    name: 'returns from whitened advantages',
    file: 'src/rl/ppo.ts',
    find: 'return { ...whitenAdvantages(advantages, mask, settings.whitenAdvantages), returns };',
    replace: `const white = whitenAdvantages(advantages, mask, settings.whitenAdvantages);
    return { ...white, returns: returns?.map((_, i) => white.advantages[i] + values[i] * mask[i]) };`,
    tests: [PPO],
    project: 'unit',
  },
  {
    name: 'unbiased variance in whitening',
    file: 'src/rl/masked.ts',
    find: 'variance: squares / count',
    replace: 'variance: squares / Math.max(1, count - 1)',
    tests: [ADVANTAGES_TEST],
    project: 'unit',
  },
  {
    name: 'mask ignored in whitening',
    file: 'src/rl/masked.ts',
    find: `if (mask[i] === 0) continue;
    count++;`,
    replace: 'count++;',
    tests: [ADVANTAGES_TEST],
    project: 'unit',
  },
  {
    name: 'RLOO with the sample itself in the mean',
    file: 'src/rl/algorithms.ts',
    find: 'reward - (sum - reward) / (groupSize - 1)',
    replace: 'reward - sum / groupSize',
    tests: [GRADIENT],
    project: 'unit',
  },
];
