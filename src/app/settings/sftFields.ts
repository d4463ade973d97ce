import type { SftSettings } from '../../lab/protocol';
import { epochFields } from './epochFields';
import type { FieldGroup } from './fields';
import { tuneFields } from './tuneFields';

const { learning, optimiser } = epochFields<SftSettings>('example');

/** Every setting of training on examples, in plain words. */
export const SFT_FIELDS: FieldGroup<SftSettings>[] = [
  {
    title: 'Learning',
    about: 'It reads each example and is made a little likelier to write it.',
    fields: [...learning, { kind: 'number', path: 'pieceLength', label: 'Tokens of a text read at once', short: 'tokens at once', about: 'Whole texts that are longer are cut into pieces. Longer pieces teach longer connections, and need more memory.', min: 2, max: 4096, whole: true }],
  },
  tuneFields({ label: 'the output’s scale', about: 'No part is added.' }),
  optimiser,
];
