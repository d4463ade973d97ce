import { MOST_MEMBERS, rewardLearningRate, type RewardSettings } from '../../lab/protocol';
import type { FieldGroup } from './fields';
import { tuneFields } from './tuneFields';

const endToEnd = ({ pipeline }: RewardSettings) => pipeline === 'end-to-end';
const ranksBy = (...rankings: RewardSettings['ranking'][]) => ({ pipeline, ranking }: RewardSettings) => pipeline === 'modular' && rankings.includes(ranking);
const ranksByElo = ranksBy('elo');
const hasTies = (settings: RewardSettings) => endToEnd(settings) || ranksBy('bradley-terry')(settings);

/** Every setting of reward-model training, in plain words. */
export const REWARD_FIELDS: FieldGroup<RewardSettings>[] = [
  {
    title: 'Learning',
    about: 'The reward model starts as a copy of the base model and learns to score the preferred text higher.',
    fields: [
      { kind: 'number', path: 'epochs', label: 'Epochs', about: 'How often it goes through all judgements. Too often, and it learns them by heart.', min: 1, max: 50, whole: true },
      { kind: 'number', path: 'batchSize', label: 'Judgements in a step', about: 'What one change of the weights is based on. Of a ranking, each text counts as one.', min: 1, max: 512, whole: true },
      { kind: 'number', path: 'learningRate', label: 'Learning rate', about: 'Size of the steps; it falls to 0 over the training.', min: 1e-7, max: 0.1 },
      { kind: 'number', path: 'maxGradNorm', label: 'Largest gradient norm', about: 'Longer gradients are shortened to this.', min: 0.01, max: 1000 },
      { kind: 'number', path: 'members', label: 'Reward models in one', short: 'members', about: 'Several learn from the same judgements, each from its own beginning, and score together. What one of them mistakes the others may see; a run can also be told to distrust texts about which they differ. Training and scoring take as many times as long.', min: 1, max: MOST_MEMBERS, whole: true },
      { kind: 'switch', path: 'lengthControl', label: 'Keep length out of the score', about: 'People often prefer the longer text for its length alone. What length explains of the judgements is then learned apart, and left out of the score.' },
      { kind: 'choice', path: 'ties', label: 'Ties', about: 'Half a win for each side; or a tie is an answer of its own, and how readily it is given is learned too.', options: [{ value: 'soft', label: 'half a win each' }, { value: 'rao-kupper', label: 'their own answer (Rao–Kupper)' }, { value: 'davidson', label: 'their own answer (Davidson)' }], when: hasTies },
      { kind: 'choice', path: 'bothBad', label: '“Both bad”', about: 'A tie and no more; or both texts must also score below a zero that is learned.', options: [{ value: 'tie', label: 'a tie' }, { value: 'zero', label: 'a tie below zero' }], when: endToEnd },
      { kind: 'number', path: 'margin', label: 'Margin for strength', about: 'How far apart the scores must be for each step of “slightly, clearly, by far better”. 0 leaves the strength aside.', min: 0, max: 10, when: endToEnd },
      { kind: 'number', path: 'centring', label: 'Centring', about: 'Keeps the scores of a pair near 0 in sum: judgements alone only fix differences.', min: 0, max: 10, when: endToEnd },
    ],
  },
  {
    title: 'The way to the scores',
    about: 'A reward model can learn straight from the judgements, or be given a score for every judged text and learn to guess it.',
    fields: [
      { kind: 'choice', path: 'pipeline', label: 'It learns from', short: 'learns from', about: 'Ranking first shows each step by itself, but a text that was judged once is then a winner or a loser, however good the other was. It sets strengths aside; ratings and thumbs are numbers already, and learned as they are.', options: [{ value: 'end-to-end', label: 'judgements (end to end)' }, { value: 'modular', label: 'a ranking (modular)' }] },
      { kind: 'choice', path: 'ranking', label: 'The ranking is made by', short: 'ranking', about: 'Bradley–Terry and Plackett–Luce find the scores that make all judgements likeliest, from pairs or from whole rankings. Elo goes through the judgements one by one, and the later count for more.', options: [{ value: 'bradley-terry', label: 'Bradley–Terry' }, { value: 'plackett-luce', label: 'Plackett–Luce' }, { value: 'elo', label: 'Elo' }], when: (settings) => !endToEnd(settings) },
      { kind: 'number', path: 'prior', label: 'Prior', about: 'How strongly scores are held near 0. Without one, a text that never lost would score infinity. Larger: a single judgement says less. Where every text was judged once, it changes nothing.', min: 1e-6, max: 100, when: ranksBy('bradley-terry', 'plackett-luce') },
      { kind: 'number', path: 'elo.k', label: 'Elo’s K', about: 'The most points that one judgement moves a text. Larger: later judgements count for more.', min: 0.1, max: 1000, when: ranksByElo },
      { kind: 'number', path: 'elo.base', label: 'Elo’s base', about: 'A lead of 400 points stands for odds of this to 1. Chess takes 10.', min: 1.01, max: 1000, when: ranksByElo },
    ],
  },
  tuneFields({ label: 'the score head', about: 'The head that gives the score is always trained.' }),
  {
    title: 'Testing',
    about: 'Some prompts are put aside with all their judgements, and only used to test.',
    fields: [
      { kind: 'number', path: 'heldOutShare', label: 'Share of prompts held out', about: 'More: a surer test, less to learn from.', min: 0, max: 0.9 },
      { kind: 'number', path: 'normalisationSamples', label: 'Texts to set the scale on', about: 'The base model’s own texts get mean 0 and spread 1, so that rewards can be compared.', min: 256, max: 4096, whole: true },
      { kind: 'number', path: 'seed', label: 'Seed', about: 'Fixes all chance: the split, the order, the first weights of the head.', min: 0, max: 4294967295, whole: true },
    ],
  },
  {
    title: 'The optimiser',
    about: 'AdamW, as it turns gradients into changes of weights.',
    fields: [
      { kind: 'number', path: 'adam.beta1', label: 'Adam β₁', about: 'Memory of the gradient’s direction.', min: 0, max: 0.9999 },
      { kind: 'number', path: 'adam.beta2', label: 'Adam β₂', about: 'Memory of the gradient’s size.', min: 0, max: 0.99999 },
      { kind: 'number', path: 'adam.epsilon', label: 'Adam ε', about: 'Keeps tiny gradients from making large steps.', min: 1e-12, max: 0.1 },
      { kind: 'choice', path: 'adam.epsilonPlacement', label: 'ε is added as in', about: 'The two differ in the first steps, where gradients are tiny.', options: [{ value: 'pytorch', label: 'PyTorch' }, { value: 'tf1', label: 'TensorFlow 1' }] },
      { kind: 'number', path: 'adam.weightDecay', label: 'Weight decay', about: 'Pulls all weights towards 0. Off by default.', min: 0, max: 1 },
    ],
  },
];

/** Changed settings, in which a learning rate that nobody chose follows what is trained. */
export function withSuitedRate(before: RewardSettings, after: RewardSettings): RewardSettings {
  const untouched = before.learningRate === rewardLearningRate(before.tune) && after.learningRate === before.learningRate;
  return untouched ? { ...after, learningRate: rewardLearningRate(after.tune) } : after;
}
