import type { Mutant } from '../../tools/mutants/mutant';

/** Mistakes in what is learned straight from preferences and rankings. */
export const PREFERENCES: readonly Mutant[] = [
  {
    name: 'DPO without its reference',
    file: 'src/rl/dpo.ts',
    find: 'sub(this.sequences.logProbs(this.parameters, both, 2 * this.size), tensor1d(gatherRows(this.reference, both, 1))) as Tensor1D',
    replace: 'this.sequences.logProbs(this.parameters, both, 2 * this.size) as Tensor1D',
    tests: ['tests/unit/rl/dpo.test.ts'],
    project: 'unit',
  },
  {
    name: 'Plackett–Luce reversed',
    file: 'src/reward/ranking/rankingTerms.ts',
    find: 'of groups.toReversed()',
    replace: 'of groups',
    tests: ['tests/unit/reward/losses/plackettLuce.test.ts', 'tests/unit/reward/ranking/plackettLuceFit.test.ts'],
    project: 'unit',
  },
];
