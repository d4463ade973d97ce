import type { RewardMix } from '../../lab/protocol';
import type { FieldGroup, SettingField } from './fields';

type Weights = RewardMix['weights'];

const bounds = { kind: 'number', min: -1000, max: 1000 } as const;
const needed = (part: 'model' | 'rule'): SettingField<Weights> & { kind: 'number' } => ({
  ...bounds,
  path: part,
  label: part === 'model' ? 'Weight of the reward model' : 'Weight of the rule',
  about: 'Below 0: what it likes is punished.',
  clash: (weights) => (weights[part] === 0 ? 'With 0 it has no part. Choose the other one alone instead.' : null),
});

/** How much each part of a mixed reward counts. */
export const MIX_FIELDS: FieldGroup<Weights>[] = [
  {
    title: 'How much each counts',
    about: 'The parts are first brought to the same scale: 1 is the spread of each over texts of the base model. Only how the weights compare matters, for the sum is brought to that scale again.',
    fields: [needed('model'), needed('rule'), { ...bounds, path: 'length', label: 'Weight of the length', about: 'In words. 0: length has no part. Below 0: the shorter, the better.' }],
  },
];
