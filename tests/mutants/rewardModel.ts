import type { Mutant } from '../../tools/mutants/mutant';

const BRADLEY_TERRY = 'tests/unit/reward/bradleyTerry.test.ts';
const ENSEMBLE = 'tests/unit/reward/ensemble.test.ts';
const REPORT = 'tests/unit/reward/report.test.ts';
const KINDS = 'tests/unit/reward/kinds.test.ts';
const EVERY_KIND = 'tests/unit/reward/everyKind.test.ts';
const TRAINING = 'tests/unit/reward/training.test.ts';
const DISPUTE = 'tests/unit/reward/dispute.test.ts';
const PULL = 'tests/unit/reward/pull.test.ts';

/** Mistakes on the way from judgements to rewards. */
export const REWARD_MODEL: readonly Mutant[] = [
  {
    name: 'Bradley–Terry swapped',
    file: 'src/reward/losses/pair.ts',
    find: 'const gap = sub(first, second);',
    replace: 'const gap = sub(second, first);',
    tests: [BRADLEY_TERRY],
    project: 'unit',
  },
  {
    name: 'tie counted as a win',
    file: 'src/reward/kinds.ts',
    find: 'tie: 0.5,',
    replace: 'tie: 1,',
    tests: [BRADLEY_TERRY],
    project: 'unit',
  },
  {
    name: 'reward read at the last position instead of the last token',
    file: 'src/reward/rewardModel.ts',
    find: 'last[row * W + tokens.length - 1] = 1',
    replace: 'last[row * W + W - 1] = 1',
    tests: [TRAINING],
    project: 'unit',
  },
  {
    name: 'split by pair',
    file: 'src/reward/split.ts',
    find: `({ prompt }) => !taken.has(prompt)), heldOut: held.filter((pair) => tested.has(pair)),`,
    replace: `(_, i) => i >= heldOutShare * pairs.length), heldOut: pairs.filter((_, i) => i < heldOutShare * pairs.length),`,
    tests: [REPORT],
    project: 'unit',
  },
  {
    name: 'accuracy measured on the pairs that were learned from',
    file: 'src/reward/training.ts',
    find: '...heldOutReport(scored),',
    replace: '...heldOutReport(known.scored),',
    tests: [TRAINING],
    project: 'unit',
  },
  {
    name: 'an image both learned from and tried on',
    file: 'src/reward/split.ts',
    find: 'held(judgement) === 0);',
    replace: 'held(judgement) < imagesOf(judgement).length);',
    tests: ['tests/unit/reward/imageSplit.test.ts'],
    project: 'unit',
  },
  {
    name: 'the best pair of a ranking speaks for it, not the worst',
    file: 'src/reward/dispute.ts',
    find: 'chance < known.chance',
    replace: 'chance > known.chance',
    tests: [DISPUTE],
    project: 'unit',
  },
  {
    name: 'agreement listed as dispute',
    file: 'src/reward/dispute.ts',
    find: 'chance < 0.5)',
    replace: 'chance > 0.5)',
    tests: [DISPUTE],
    project: 'unit',
  },
  {
    name: 'pulls of a pair cancel',
    file: 'src/reward/pull.ts',
    find: 'Math.abs(gradient[row])',
    replace: 'gradient[row]',
    tests: [PULL],
    project: 'unit',
  },
  {
    name: 'pulls weighed by no learning rate',
    file: 'src/reward/pull.ts',
    find: '+= learningRate * Math',
    replace: '+= Math',
    tests: [PULL],
    project: 'unit',
  },
  {
    name: 'gain and bias not applied',
    file: 'src/reward/training.ts',
    find: 'foldIntoHead(weights, scales[k])',
    replace: 'weights',
    tests: [TRAINING],
    project: 'unit',
  },
  {
    name: 'of an ensemble the most generous member counts, not the strictest',
    file: 'src/reward/ensemble.ts',
    find: 'Math.min(...rewards)',
    replace: 'Math.max(...rewards)',
    tests: [ENSEMBLE],
    project: 'unit',
  },
  {
    name: 'disagreement rewarded instead of paid for',
    file: 'src/reward/ensemble.ts',
    find: 'mean - penalty * variance',
    replace: 'mean + penalty * variance',
    tests: [ENSEMBLE],
    project: 'unit',
  },
  {
    name: 'fewer labels drawn anew instead of from among the more',
    file: 'src/reward/split.ts',
    find: 'const order = random.permutation(prompts.length);',
    replace: 'const order = random.fork(`${count}`).permutation(prompts.length);',
    tests: ['tests/unit/reward/learningCurve.test.ts'],
    project: 'unit',
  },
  {
    name: 'gain not applied to the head’s own offset',
    file: 'src/reward/normalisation.ts',
    find: 'gain * b + bias',
    replace: 'b + bias',
    tests: [TRAINING],
    project: 'unit',
  },
  {
    name: 'thumbs upside down',
    file: 'src/reward/kinds.ts',
    find: 'target: Number(verdict.up)',
    replace: 'target: Number(!verdict.up)',
    tests: [KINDS],
    project: 'unit',
  },
  {
    name: 'rewrite worse than the original',
    file: 'src/reward/preference.ts',
    find: 'return [verdict.text, responses[verdict.response]];',
    replace: 'return [responses[verdict.response], verdict.text];',
    tests: ['tests/unit/reward/impliedPairs.test.ts'],
    project: 'unit',
  },
  {
    name: 'what fills a minibatch up counts',
    file: 'src/reward/batchLoss.ts',
    find: '(i < counted ? 1 : 0)',
    replace: '(i < counted ? 1 : 1)',
    tests: [EVERY_KIND],
    project: 'unit',
  },
  {
    name: 'pairs of a ranking the wrong way round',
    file: 'src/feedback/orderedPairs.ts',
    find: 'return better < worse ?',
    replace: 'return better > worse ?',
    tests: ['tests/unit/feedback/verdicts.test.ts'],
    project: 'unit',
  },
];
