import type { IlqlSettings } from '../../lab/protocol';
import { epochFields } from './epochFields';
import type { FieldGroup } from './fields';
import { tuneFields } from './tuneFields';

const { learning, optimiser } = epochFields<IlqlSettings>('text');

/** Every setting of implicit language Q-learning, in plain words. */
export const ILQL_FIELDS: FieldGroup<IlqlSettings>[] = [
  {
    title: 'What a text teaches',
    about: 'A preferred text brings 1 at its end, the other one −1, a tie nothing. The critic learns from that what each token before was worth.',
    fields: [
      { kind: 'number', path: 'expectile', label: 'Optimism (τ)', about: 'What a beginning is worth: 0.5 is the mean of what followed it, near 1 the best of it. 0.7 is usual.', min: 0.01, max: 0.99 },
      { kind: 'number', path: 'discount', label: 'Discount (γ)', about: 'What a reward is worth one token earlier.', min: 0, max: 1 },
      { kind: 'number', path: 'conservatism', label: 'Caution', about: 'Weight of the rule that tokens which nobody wrote are worth less. 0 leaves it out.', min: 0, max: 100 },
      { kind: 'number', path: 'polyak', label: 'Pace of the slow copy', about: 'The critic learns from a copy of itself that follows by this share of the way at each step.', min: 0, max: 1 },
    ],
  },
  {
    title: 'How it guides',
    about: 'The base model stays as it is. When it writes, tokens of which the critic thinks highly become likelier.',
    fields: [
      { kind: 'number', path: 'beta', label: 'β', about: 'How much the critic is listened to. 0: not at all. Higher: more reward, and farther from the base model.', min: 0, max: 100 },
      { kind: 'number', path: 'temperature', label: 'Temperature (τ)', about: 'That at which the distance is measured.', min: 0.1, max: 2 },
      { kind: 'number', path: 'klSamples', label: 'Texts to measure the distance on', about: 'The guided model writes so many in the end, to see how far it has moved.', min: 2, max: 1024, whole: true },
    ],
  },
  { title: 'Learning', about: 'It reads the same texts several times, in an order that changes.', fields: learning },
  tuneFields({ label: 'the critic’s heads', about: 'The critic begins as a copy of the model, with heads that are always trained.' }),
  optimiser,
];
