import type { Mutant } from '../../tools/mutants/mutant';

const LOG_PROBS = 'tests/unit/model/logProbs.test.ts';
const PPO = 'tests/unit/rl/ppo.test.ts';
const TRANSFORMER = 'tests/unit/model/transformer.test.ts';

/** Mistakes in the language model: positions, temperature, which state says what, and adapters. */
export const MODEL: readonly Mutant[] = [
  {
    name: 'positions that count padding',
    file: 'src/model/transformer.ts',
    find: 'return anglesOf(mask, ',
    replace: 'return anglesOf(tensor2d(new Float32Array(mask.size).fill(1), mask.shape), ',
    tests: [TRANSFORMER],
    project: 'unit',
  },
  {
    name: 'temperature multiplied instead of divided',
    file: 'src/model/logProbs.ts',
    find: 'mul(states, 1 / temperature)',
    replace: 'mul(states, temperature)',
    tests: [LOG_PROBS],
    project: 'unit',
  },
  {
    name: 'log-probability read one token late',
    file: 'src/model/logProbs.ts',
    find: 'slice(states, [0, P - 1, 0], [B, T, D])',
    replace: 'slice(states, [0, P, 0], [B, T, D])',
    tests: [LOG_PROBS],
    project: 'unit',
  },
  {
    name: 'value of the state after the token',
    file: 'src/rl/languagePolicy.ts',
    find: 'slice(hidden, [0, this.batch.P - 1, 0]',
    replace: 'slice(hidden, [0, this.batch.P, 0]',
    tests: [PPO],
    project: 'unit',
  },
  {
    name: 'adapter merged without α/r',
    file: 'src/model/lora.ts',
    find: 'weight + (alpha / rank) * update',
    replace: 'weight + update',
    tests: ['tests/unit/model/lora.test.ts'],
    project: 'unit',
  },
  {
    name: 'a pixel under several windows has the gradient of the last',
    file: 'src/tensor/patches.ts',
    find: 'dx[imageAt + c] += given[patchAt + c]',
    replace: 'dx[imageAt + c] = given[patchAt + c]',
    tests: ['tests/unit/tensor/patches.test.ts'],
    project: 'unit',
  },
];
