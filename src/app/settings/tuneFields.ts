import { LORA_TARGETS, type Tuning } from '../../lab/protocol';
import type { FieldGroup } from './fields';

type Tuned = { tune: Tuning };

const TARGET_LABELS: Record<(typeof LORA_TARGETS)[number], string> = {
  q_proj: 'queries',
  k_proj: 'keys',
  v_proj: 'values',
  o_proj: 'attention’s output',
  gate_proj: 'gate',
  up_proj: 'up',
  down_proj: 'down',
};

const isLora = ({ tune }: Tuned) => tune.what === 'lora';

/** Which part of a model is trained, the same choice for a policy and a reward model; `head`: what stays in training under every choice. */
export function tuneFields<T extends Tuned>(head: { label: string; about: string }): FieldGroup<T> {
  const group: FieldGroup<Tuned> = {
    title: 'What is trained',
    about: `The rest of the model stays as it is, and takes no memory for training. Less learns less, and forgets less. ${head.about}`,
    fields: [
      {
        kind: 'choice',
        path: 'tune.what',
        label: 'What is trained',
        short: 'trained:',
        about: 'An adapter (LoRA) is a small addition to every matrix: a few per cent of the numbers, and the model underneath stays as it was. It wants a learning rate some three times as high.',
        options: [
          { value: 'all', label: 'everything' },
          { value: 'last', label: 'the last layers' },
          { value: 'lora', label: 'an adapter (LoRA)' },
          { value: 'head', label: head.label },
        ],
      },
      { kind: 'number', path: 'tune.layers', label: 'How many of the last layers', short: 'layers', about: 'Counted from the output. Those before them stay as they are.', min: 1, max: 64, whole: true, when: ({ tune }) => tune.what === 'last' },
      { kind: 'number', path: 'tune.rank', label: 'Rank (r)', short: 'rank', about: 'How wide the addition is. More can learn more, and takes more memory.', min: 1, max: 256, whole: true, when: isLora },
      { kind: 'number', path: 'tune.alpha', label: 'Weight of the adapter (α)', short: 'α', about: 'The addition counts α / r times. Twice the rank is usual.', min: 0.01, max: 1024, when: isLora },
      {
        kind: 'several',
        path: 'tune.targets',
        label: 'Matrices that have one',
        short: 'adapters on',
        about: 'The first four belong to attention, the last three to the layer after it.',
        options: LORA_TARGETS.map((value) => ({ value, label: TARGET_LABELS[value] })),
        when: isLora,
      },
    ],
  };
  // A place in what both have in common is a place in each; the type of places cannot say so.
  return group as unknown as FieldGroup<T>;
}
