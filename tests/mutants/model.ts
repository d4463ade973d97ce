import type { Mutant } from '../../tools/mutants/mutant';

const LOG_PROBS = 'tests/unit/model/logProbs.test.ts';
const TRANSFORMER = 'tests/unit/model/transformer.test.ts';

/** Mistakes in the language model: what stands where, and at which temperature. */
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
];
