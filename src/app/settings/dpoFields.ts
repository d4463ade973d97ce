import type { DpoSettings } from '../../lab/protocol';
import { epochFields } from './epochFields';
import type { FieldGroup } from './fields';
import { tuneFields } from './tuneFields';

const { learning, optimiser } = epochFields<DpoSettings>('pair');

/** Every setting of learning from judgements directly, but for the method itself, in plain words. */
export const DPO_FIELDS: FieldGroup<DpoSettings>[] = [
  {
    title: 'What a pair teaches',
    about: 'The model’s own preference for a text is how much likelier it has become than it was to the base model.',
    fields: [
      { kind: 'number', path: 'beta', label: 'β', about: 'The leash: higher keeps the model closer to what it was. 0.1 is usual.', min: 0.001, max: 100 },
      { kind: 'number', path: 'temperature', label: 'Temperature (τ)', about: 'That at which the pairs were written. Every probability uses it.', min: 0.1, max: 2 },
      { kind: 'number', path: 'klSamples', label: 'Texts to measure the distance on', about: 'The tuned model writes so many in the end, to see how far it has moved.', min: 2, max: 1024, whole: true },
    ],
  },
  { title: 'Learning', about: 'It reads the same pairs several times, in an order that changes.', fields: learning },
  tuneFields({ label: 'the output’s scale', about: 'No part is added: there is neither a score head nor a value head.' }),
  optimiser,
];
