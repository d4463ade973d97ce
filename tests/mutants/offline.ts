import type { Mutant } from '../../tools/mutants/mutant';

const ILQL = 'tests/unit/rl/ilql.test.ts';

/** Mistakes in Q-learning on texts, and in what is claimed of the best of n. */
export const OFFLINE: readonly Mutant[] = [
  {
    name: 'best-of-n’s bound taken as equality',
    file: 'src/lab/evaluateJob.ts',
    find: '{ kl: null, klAtMost: bestOfNKlUpperBound(compared.bestOf) }',
    replace: '{ kl: bestOfNKlUpperBound(compared.bestOf) }',
    tests: ['tests/unit/lab/offlineTuning.test.ts'],
    project: 'unit',
  },
  {
    name: 'best-of-n’s bound shown as the distance itself',
    file: 'src/app/compare/reading.ts',
    find: '`at most ${formatNats(atMost!)}`',
    replace: 'formatNats(atMost!)',
    tests: ['tests/unit/app/compareReading.test.ts'],
    project: 'unit',
  },
  {
    name: 'expectile turned round',
    file: 'src/rl/ilql.ts',
    find: 'add(mul(tau, square(relu(difference))), mul(1 - tau, square(relu(neg(difference)))))',
    replace: 'add(mul(1 - tau, square(relu(difference))), mul(tau, square(relu(neg(difference)))))',
    tests: [ILQL],
    project: 'unit',
  },
  {
    name: 'a Bellman target that looks beyond the end',
    file: 'src/rl/ilql.ts',
    find: 'mul(goesOn, slice(v, [0, 1], [B, T]))',
    replace: 'slice(v, [0, 1], [B, T])',
    tests: [ILQL],
    project: 'unit',
  },
  {
    name: 'a Bellman target with a gradient',
    file: 'src/rl/ilql.ts',
    find: 'return detached(add(rewards, mul(discount, mul(goesOn, slice(v, [0, 1], [B, T]))))) as Tensor2D;',
    replace: 'return add(rewards, mul(discount, mul(goesOn, slice(v, [0, 1], [B, T])))) as Tensor2D;',
    tests: [ILQL],
    project: 'unit',
  },
  {
    name: 'targets that go the wrong share of the way',
    file: 'src/rl/ilql.ts',
    find: 'add(target, mul(share, sub(',
    replace: 'add(target, mul(1 - share, sub(',
    tests: [ILQL],
    project: 'unit',
  },
  {
    name: 'the conservative term with the wrong sign',
    file: 'src/rl/ilql.ts',
    find: 'mul(-settings.conservatism, logProb)',
    replace: 'mul(settings.conservatism, logProb)',
    tests: [ILQL],
    project: 'unit',
  },
  {
    name: 'a disliked text that costs nothing',
    file: 'src/rl/judgedRewards.ts',
    find: 'verdict.up ? 1 : -1',
    replace: 'verdict.up ? 1 : 0',
    tests: ['tests/unit/rl/judgedRewards.test.ts'],
    project: 'unit',
  },
  {
    name: 'guidance by one Q head alone',
    file: 'src/model/critic.ts',
    find: 'sub(minimum(q1, q2), value)',
    replace: 'sub(q1, value)',
    tests: [ILQL],
    project: 'unit',
  },
];
