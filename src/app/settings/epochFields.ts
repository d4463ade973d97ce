import type { DpoSettings, SftSettings } from '../../lab/protocol';
import type { FieldGroup, SettingField } from './fields';

/** What both trainings on fixed examples have in common. */
type Epochs = Pick<DpoSettings & SftSettings, keyof DpoSettings & keyof SftSettings>;

const LEARNING = (example: string): SettingField<Epochs>[] => [
  { kind: 'number', path: 'epochs', label: 'Epochs', about: `How often it goes through all ${example}s. Too often, and it learns them by heart.`, min: 1, max: 200, whole: true },
  { kind: 'number', path: 'batchSize', label: `${example.charAt(0).toUpperCase()}${example.slice(1)}s in a step`, about: 'What one change of the weights is based on.', min: 1, max: 512, whole: true },
  { kind: 'number', path: 'microbatchSize', label: `${example.charAt(0).toUpperCase()}${example.slice(1)}s in one pass`, about: 'Fewer need less memory and change nothing else.', min: 1, max: 512, whole: true, empty: 'a whole step' },
  { kind: 'number', path: 'learningRate', label: 'Learning rate', about: 'Size of the steps; it falls to 0 over the training.', min: 0, max: 0.1 },
  { kind: 'number', path: 'heldOutShare', label: 'Share of beginnings held out', about: 'Put aside with all that belongs to them, to test on. More: a surer test, less to learn from.', min: 0, max: 0.9 },
  { kind: 'number', path: 'seed', label: 'Seed', about: 'Fixes all chance: what is held out, and the order.', min: 0, max: 4294967295, whole: true },
];

const OPTIMISER: FieldGroup<Epochs> = {
  title: 'The optimiser',
  about: 'AdamW, as it turns gradients into changes of weights.',
  fields: [
    { kind: 'number', path: 'maxGradNorm', label: 'Largest gradient norm', about: 'Longer gradients are shortened to this.', min: 0.01, max: 1000 },
    { kind: 'number', path: 'adam.beta1', label: 'Adam β₁', about: 'Memory of the gradient’s direction.', min: 0, max: 0.9999 },
    { kind: 'number', path: 'adam.beta2', label: 'Adam β₂', about: 'Memory of the gradient’s size.', min: 0, max: 0.99999 },
    { kind: 'number', path: 'adam.epsilon', label: 'Adam ε', about: 'Keeps tiny gradients from making large steps.', min: 1e-12, max: 0.1 },
    { kind: 'choice', path: 'adam.epsilonPlacement', label: 'ε is added as in', about: 'The two differ in the first steps, where gradients are tiny.', options: [{ value: 'pytorch', label: 'PyTorch' }, { value: 'tf1', label: 'TensorFlow 1' }] },
    { kind: 'number', path: 'adam.weightDecay', label: 'Weight decay', about: 'Pulls all weights towards 0. Off by default.', min: 0, max: 1 },
  ],
};

/** The fields of such a training's learning and of its optimiser; `example`: what it learns from, in one word. */
export function epochFields<T extends Epochs>(example: string): { learning: SettingField<T>[]; optimiser: FieldGroup<T> } {
  // A place in what both have in common is a place in each; the type of places cannot say so.
  return { learning: LEARNING(example) as unknown as SettingField<T>[], optimiser: OPTIMISER as unknown as FieldGroup<T> };
}
