import type { Mutant } from '../../tools/mutants/mutant';

const MIX = 'tests/unit/rl/rewardMix.test.ts';
const RULE = 'tests/unit/text/rule/evaluate.test.ts';
const OVERLAP = 'tests/unit/text/overlap.test.ts';

/** Mistakes in a reward of a person's own, and in what a text shares with references. */
export const OWN_REWARD: readonly Mutant[] = [
  {
    name: 'mix not normalised as a whole',
    file: 'src/rl/rewardMix.ts',
    find: 'const whole = normalisation(sums);',
    replace: 'const whole = { ...normalisation(sums), gain: 1 };',
    tests: [MIX],
    project: 'unit',
  },
  {
    name: 'mix of parts that are not brought to one scale',
    file: 'src/rl/rewardMix.ts',
    find: 'weight: weights[part], ...normalisation(values[part])',
    replace: 'weight: weights[part], ...normalisation(values[part]), gain: 1',
    tests: [MIX],
    project: 'unit',
  },
  {
    name: 'rule without a value counted as 0',
    file: 'src/rl/rewardMix.ts',
    find: 'return NO_VALUE_SCORE;',
    replace: 'return constant;',
    tests: [MIX],
    project: 'unit',
  },
  {
    name: 'power from the left',
    file: 'src/text/rule/parser.ts',
    find: 'binds === POWER ? binds : binds + 1',
    replace: 'binds + 1',
    tests: [RULE],
    project: 'unit',
  },
  {
    name: 'sign more tightly than power',
    file: 'src/text/rule/parser.ts',
    find: 'this.rule(POWER))], column });',
    replace: 'this.rule(POWER + 1))], column });',
    tests: [RULE],
    project: 'unit',
  },
  {
    name: 'ROUGE with the last reference instead of the best',
    file: 'src/text/overlap.ts',
    find: 'Math.max(...references.map(f1Against))',
    replace: 'f1Against(references.at(-1)!)',
    tests: [OVERLAP],
    project: 'unit',
  },
];
