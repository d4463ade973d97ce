import type { Mutant } from '../../tools/mutants/mutant';

const LOSSES = 'tests/unit/rl/losses.test.ts';
const POLICY = 'tests/unit/rl/languagePolicy.test.ts';
const GPU = 'tests/gpu/tensorOperations.test.ts';

/** Mistakes in PPO's losses and in how minibatches are added up. */
export const UPDATE: readonly Mutant[] = [
  {
    name: 'ratio inverted',
    file: 'src/tensor/clippedSurrogate.ts',
    find: 'sub(logProbs, oldLogProbs);',
    replace: 'sub(oldLogProbs, logProbs);',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'advantage negated',
    file: 'src/tensor/clippedSurrogate.ts',
    find: 'const losses = neg(advantages);',
    replace: 'const losses = advantages;',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'min for max in the policy’s clip',
    file: 'src/tensor/clippedSurrogate.ts',
    find: 'maximum(mul(losses, ratio), mul(losses, clipByValue(ratio, 1 - clipRange, 1 + clipRange)))',
    replace: 'neg(maximum(mul(advantages, ratio), mul(advantages, clipByValue(ratio, 1 - clipRange, 1 + clipRange))))',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'min for max in the value’s clip',
    file: 'src/tensor/clippedSquaredError.ts',
    find: 'maximum(square(sub(x, target)), square(sub(clipped, target)))',
    replace: 'mul(-1, maximum(mul(-1, square(sub(x, target))), mul(-1, square(sub(clipped, target)))))',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'mask ignored in the policy mean',
    file: 'src/tensor/clippedSurrogate.ts',
    find: 'sum(mul(x, mask))',
    replace: 'sum(x)',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'mask ignored in the value mean',
    file: 'src/tensor/clippedSquaredError.ts',
    find: 'sum(mul(values, mask))',
    replace: 'sum(values)',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'value loss without its half',
    file: 'src/tensor/clippedSquaredError.ts',
    find: 'mul(0.5, mean(maximum(',
    replace: 'mul(1, mean(maximum(',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'value coefficient left out',
    file: 'src/rl/update.ts',
    find: 'mul(valueCoefficient, valueError.loss)',
    replace: 'valueError.loss',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'entropy bonus as a penalty',
    file: 'src/rl/update.ts',
    find: 'loss = sub(loss, mul(entropyCoefficient',
    replace: 'loss = add(loss, mul(entropyCoefficient',
    tests: [LOSSES],
    project: 'unit',
  },
  {
    name: 'accumulated minibatch divided by its part',
    file: 'src/rl/update.ts',
    find: 'microbatchGradients(policy, experience, rows.slice(start, start + size), tokens, settings)',
    replace: `microbatchGradients(
      policy, experience, rows.slice(start, start + size),
      Math.max(1, total(gatherRows(experience.mask, rows.slice(start, start + size), T))), settings,
    )`,
    tests: [LOSSES, POLICY],
    project: 'unit',
  },
  {
    name: 'min for max in the policy’s clip, in WGSL',
    file: 'src/tensor/clippedSurrogate.ts',
    find: 'surrogate += m * max(plain, bounded);',
    replace: 'surrogate += m * min(plain, bounded);',
    tests: [GPU],
    project: 'gpu',
  },
];
