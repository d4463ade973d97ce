import * as v from 'valibot';
import type { MeasuredMix, RewardMix } from '../rl/rewardMix';
import { parseRule } from '../text/rule/parser';
import { RuleError } from '../text/rule/ruleError';
import { checked } from './checkedSettings';
import { LabFailure } from './failure';

const Weight = v.pipe(v.number(), v.minValue(-1000), v.maxValue(1000));
const Coefficient = v.pipe(v.number(), v.finite());

const fields = {
  weights: v.object({ model: Weight, length: Weight, rule: Weight }),
  rule: v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const fault = dataset.typed && dataset.value !== '' ? ruleFault(dataset.value) : null;
      if (fault) addIssue({ message: fault });
    }),
  ),
};

function ruleFault(source: string): string | null {
  try {
    parseRule(source);
    return null;
  } catch (error) {
    if (error instanceof RuleError) return error.message;
    throw error;
  }
}

const MixSchema: v.GenericSchema<unknown, RewardMix> = v.object(fields);

/** A mix that a file brings: its rule is read like any other, and nothing else of it is run. */
export const MeasuredMixSchema: v.GenericSchema<unknown, MeasuredMix> = v.object({
  ...fields,
  coefficients: v.object({ model: Coefficient, length: Coefficient, rule: Coefficient, constant: Coefficient }),
});

/** The mix that a command brings, if any. Throws `BadCommand`, also where nothing would reward. */
export function readMix(given: unknown, rewardModelId: string | undefined): RewardMix | undefined {
  const mix = given === undefined ? undefined : checked(MixSchema, given, 'The reward');
  const fault = mixFault(mix, rewardModelId);
  if (fault) throw new LabFailure('BadCommand', `The reward cannot be used: ${fault}`);
  return mix;
}

/** What in a run's reward does not belong together; null where all does. */
export function mixFault(mix: RewardMix | undefined, rewardModelId: string | undefined): string | null {
  if (!mix) return rewardModelId === undefined ? 'nothing would score the texts. Name a reward model, write a rule, or both.' : null;
  const { weights, rule } = mix;
  if ((weights.model !== 0) !== (rewardModelId !== undefined)) return 'a reward model is named where its weight is not 0, and only there.';
  if ((weights.rule !== 0) !== (rule !== '')) return 'a rule is written where its weight is not 0, and only there.';
  if (Object.values(weights).every((weight) => weight === 0)) return 'every weight is 0, so all texts would score the same. Give one of them another.';
  return null;
}
