import type { Mutant } from '../../tools/mutants/mutant';

const OPTIMUM = 'tests/unit/rl/exactOptimum.test.ts';
const REWARDS = 'tests/unit/rl/rewardsAndAdvantages.test.ts';
const CONTROL = 'tests/unit/rl/controlAndCut.test.ts';
const PPO = 'tests/unit/rl/ppo.test.ts';

/** Mistakes in the KL penalty, in where the score is paid, and in β. */
export const KL: readonly Mutant[] = [
  {
    name: 'KL sign flipped',
    file: 'src/rl/rewards.ts',
    find: '= -coefficient * k1(',
    replace: '= coefficient * k1(',
    tests: [OPTIMUM],
    project: 'unit',
  },
  {
    name: 'β left out',
    file: 'src/rl/rewards.ts',
    find: '= -coefficient * k1(',
    replace: '= -k1(',
    tests: [OPTIMUM],
    project: 'unit',
  },
  {
    name: 'k3 in the reward',
    file: 'src/rl/rewards.ts',
    find: 'k1(logProbs[i], reference[i])',
    replace: '(Math.expm1(reference[i] - logProbs[i]) + logProbs[i] - reference[i])',
    tests: [OPTIMUM],
    project: 'unit',
  },
  {
    name: 'k3 in the wrong direction, exp(+k1) − 1 − k1',
    file: 'src/rl/kl.ts',
    find: 'Math.expm1(reference - logProb) + (logProb - reference)',
    replace: 'Math.expm1(logProb - reference) - (logProb - reference)',
    tests: [REWARDS],
    project: 'unit',
  },
  {
    name: 'mask ignored in the KL of a response',
    file: 'src/rl/metrics.ts',
    find: 'if (mask[i] !== 0) sum += k1(logProbs[i], reference[i]);',
    replace: 'sum += k1(logProbs[i], reference[i]);',
    tests: [PPO],
    project: 'unit',
  },
  {
    name: 'mask ignored in the KL of the reward',
    file: 'src/rl/rewards.ts',
    find: 'if (mask[i] !== 0) rewards[i] =',
    replace: 'rewards[i] =',
    tests: [REWARDS],
    project: 'unit',
  },
  {
    name: 'score one token early',
    file: 'src/rl/rewards.ts',
    find: 'rewards[row * T + valid - 1] += score',
    replace: 'rewards[row * T + Math.max(0, valid - 2)] += score',
    tests: [REWARDS],
    project: 'unit',
  },
  {
    name: 'score at the last position instead of the last valid one',
    file: 'src/rl/rewards.ts',
    find: 'rewards[row * T + valid - 1] += score',
    replace: 'rewards[row * T + T - 1] += score',
    tests: [REWARDS],
    project: 'unit',
  },
  {
    name: 'β updated before the update',
    file: 'src/rl/ppo.ts',
    find: "const coefficient = kl.place === 'reward' ? this.kl.coefficient : 0;",
    replace: `const coefficient = steerKl(this.kl, kl, meanKl(logProbs, reference, mask, scores.length), scores.length).coefficient;`,
    tests: [PPO],
    project: 'unit',
  },
  {
    name: 'β’s error with the wrong sign',
    file: 'src/rl/klController.ts',
    find: 'kl / settings.target - 1)',
    replace: '1 - kl / settings.target)',
    tests: [CONTROL],
    project: 'unit',
  },
  {
    name: 'reference that follows the policy',
    file: 'src/rl/ppo.ts',
    find: "this.onBatch(this.reference, batch, 'reference')",
    replace: "this.onBatch(this.policy, batch, 'reference')",
    tests: [PPO],
    project: 'unit',
  },
  {
    name: 'temperature missing in the reference',
    file: 'src/rl/ppo.ts',
    find: 'new LanguagePolicy(parameters, model.config, read, settings.temperature)',
    replace: 'new LanguagePolicy(parameters, model.config, read, parameters === this.reference ? 1 : settings.temperature)',
    tests: [PPO],
    project: 'unit',
  },
  {
    name: 'token by token: the update’s own policy taken for the one before it',
    file: 'src/rl/ppo.ts',
    find: '      updated = await this.afterUpdate(batch);',
    replace: '      updated = policy.logProbs;',
    tests: [PPO],
    project: 'unit',
  },
  {
    name: 'token by token: the KL of a text summed from its rewards',
    file: 'src/app/optimise/tokenSums.ts',
    find: 'kl: sum(logRatio),',
    replace: 'kl: -sum(({ reward }) => reward ?? 0),',
    tests: ['tests/unit/app/tokenSums.test.ts'],
    project: 'unit',
  },
];
