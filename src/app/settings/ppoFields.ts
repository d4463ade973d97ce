import type { PpoSettings } from '../../lab/protocol';
import type { FieldGroup } from './fields';
import { tuneFields } from './tuneFields';

const hasValues = ({ algorithm }: PpoSettings) => algorithm === 'ppo';
const hasGroups = ({ algorithm }: PpoSettings) => algorithm === 'rloo' || algorithm === 'grpo';
/** A batch's first update meets the policy that wrote it: nothing can be clipped. */
const updatesAgain = ({ epochs, minibatches }: PpoSettings) => epochs * minibatches > 1;

/** Every setting of PPO and its siblings, explained to somebody who meets it for the first time. */
export const PPO_FIELDS: FieldGroup<PpoSettings>[] = [
  {
    title: 'The algorithm',
    about: 'A text gets one score. Was that good? The algorithms differ in what they compare it with; all then make better texts likelier.',
    fields: [
      {
        kind: 'choice',
        path: 'algorithm',
        label: 'A score is compared with',
        short: 'algorithm',
        about: 'PPO learns to expect scores, token by token. The others learn no such thing: they are simpler, need less memory, and vary more.',
        options: [
          { value: 'ppo', label: 'PPO: what a value head expected' },
          { value: 'reinforce', label: 'REINFORCE: the recent average' },
          { value: 'rloo', label: 'RLOO: other texts from the same opening' },
          { value: 'grpo', label: 'GRPO: the same, graded on a curve' },
        ],
      },
      {
        kind: 'number',
        path: 'groupSize',
        label: 'Texts from one opening',
        short: 'group size',
        about: 'They are compared with each other. More: a fairer comparison, and fewer different openings in an iteration.',
        min: 2,
        max: 512,
        whole: true,
        when: hasGroups,
        clash: ({ batchSize, groupSize }) => (batchSize % groupSize === 0 ? null : `The ${batchSize} texts of an iteration do not divide into groups of ${groupSize}.`),
      },
      { kind: 'number', path: 'baselineDecay', label: 'Memory of the average', short: 'baseline decay', about: 'How much of it survives an iteration. Nearer 1: steadier, and slower to follow a rising reward.', min: 0, max: 1, when: ({ algorithm }) => algorithm === 'reinforce' },
    ],
  },
  {
    title: 'How much is written',
    about: 'Each iteration writes a batch of texts, scores them and learns from them.',
    fields: [
      { kind: 'number', path: 'iterations', label: 'Iterations', about: 'How often the model writes, is scored and learns.', min: 1, max: 5000, whole: true },
      { kind: 'number', path: 'batchSize', label: 'Texts in an iteration', about: 'More texts give a steadier signal, and take longer.', min: 2, max: 512, whole: true },
      { kind: 'number', path: 'promptLength', label: 'Longest prompt, tokens', short: 'longest prompt', about: 'Openings of your own that are longer are left out of the run.', min: 2, max: 192, whole: true },
      { kind: 'number', path: 'responseLength', label: 'Longest response, tokens', short: 'longest response', about: 'A token is a short word or a piece of one.', min: 4, max: 192, whole: true },
      { kind: 'number', path: 'temperature', label: 'Temperature (τ)', about: 'How freely it writes: 1 as it learned, less is tamer. Every probability in the run uses it.', min: 0.1, max: 2 },
    ],
  },
  tuneFields({ label: 'the output’s scale', about: 'The value head, where there is one, is always trained.' }),
  {
    title: 'What is scored',
    about: 'Where a text ends for the reward model, and what its score may be.',
    fields: [
      { kind: 'choice', path: 'cut.at', label: 'The scored text ends at', short: 'scored text ends at', about: 'Short stories rarely come to their end, so the first whole sentence is fairer.', options: [{ value: 'sentence', label: 'a sentence end' }, { value: 'eos', label: 'the end of the story' }] },
      { kind: 'number', path: 'cut.afterTokens', label: '… but not before token', short: 'sentences end from token', about: 'Sentence ends before this do not count.', min: 0, max: 192, whole: true },
      { kind: 'choice', path: 'missingEnd.rule', label: 'A text without an end', about: 'Where most texts lack an end, a penalty drowns the reward.', options: [{ value: 'off', label: 'is scored as it is' }, { value: 'replace', label: 'gets a fixed score' }, { value: 'subtract', label: 'loses a fixed amount' }] },
      { kind: 'number', path: 'missingEnd.penalty', label: 'That score or amount', short: 'penalty for no end', about: 'In units of reward: 1 is one standard deviation of the base model’s texts.', min: -20, max: 20 },
      {
        kind: 'choice',
        path: 'ensemble.aggregate',
        label: 'Several reward models count as',
        short: 'reward models count as',
        about: 'Only where the chosen reward model has several members. The last two are careful: they trust a text less the more its judges differ.',
        options: [
          { value: 'mean', label: 'their mean' },
          { value: 'minimum', label: 'the strictest of them' },
          { value: 'penalised', label: 'their mean less their disagreement' },
        ],
      },
      { kind: 'number', path: 'ensemble.penalty', label: 'Price of disagreement (λ)', short: 'price of disagreement', about: 'The mean less λ times the variance of the members’ scores.', min: 0, max: 100, when: ({ ensemble }) => ensemble.aggregate === 'penalised' },
      { kind: 'number', path: 'scoreClip', label: 'Scores are clipped at ±', short: 'scores clipped at', about: 'No single text may count for more than this.', min: 0.5, max: 100 },
    ],
  },
  {
    title: 'The leash: KL penalty',
    about: 'The policy pays β for every nat that it moves away from the base model. That keeps it writing English.',
    fields: [
      { kind: 'choice', path: 'kl.place', label: 'It is paid', short: 'KL', about: 'Token by token, taken from the reward; or as a second goal beside it, when the policy is updated.', options: [{ value: 'reward', label: 'in the reward' }, { value: 'loss', label: 'in the loss' }] },
      { kind: 'choice', path: 'kl.estimator', label: 'The loss measures it by', short: 'KL estimator', about: 'k2 pulls each token as the reward would. k3 (GRPO’s) rather keeps the policy able to write all that the base model writes.', options: [{ value: 'k2', label: 'k2: half the squared log-ratio' }, { value: 'k3', label: 'k3: never negative, unbiased' }], when: ({ kl }) => kl.place === 'loss' },
      { kind: 'choice', path: 'kl.control', label: 'β is', short: 'β is', about: 'Adaptive: β rises when the policy is farther away than the target, and falls when it is nearer.', options: [{ value: 'adaptive', label: 'adaptive' }, { value: 'fixed', label: 'fixed' }] },
      { kind: 'number', path: 'kl.coefficient', label: 'β at the start', short: 'β', about: 'The price of one nat, in units of reward. 0 is no leash at all.', min: 0, max: 10 },
      { kind: 'number', path: 'kl.target', label: 'Target KL, nats a text', short: 'target KL', about: 'How far the policy may move. 6 is clearly changed and still itself.', min: 0.1, max: 200 },
      { kind: 'number', path: 'kl.horizon', label: 'Horizon, texts', short: 'horizon', about: 'How slowly β reacts: over so many texts it may change by about a fifth.', min: 1, max: 1e6, whole: true },
      { kind: 'switch', path: 'kl.holdUntilTarget', label: 'β waits for the target', about: 'It does not fall before the target is first reached; otherwise the policy shoots past it.' },
      { kind: 'number', path: 'kl.cap', label: 'Stop the run at, nats', short: 'KL cap', about: 'A guard: past this the run stops and keeps its last good checkpoint.', min: 1, max: 1e4, empty: 'never' },
    ],
  },
  {
    title: 'Who gets the credit',
    about: 'A text has one score; advantages share it out among its tokens.',
    fields: [
      { kind: 'number', path: 'gamma', label: 'Discount (γ)', about: '1: the end of a text counts as much as its beginning.', min: 0, max: 1, when: hasValues },
      { kind: 'number', path: 'lambda', label: 'GAE λ', about: '1: trust only what was scored. 0: trust only the value head’s expectation.', min: 0, max: 1, when: hasValues },
      { kind: 'switch', path: 'whitenAdvantages', label: 'Whiten advantages', about: 'Brings them to mean 0 and spread 1, so that the step size does not depend on the scores’ size.' },
      { kind: 'switch', path: 'whitenRewards', label: 'Whiten rewards', about: 'The same for rewards, leaving their mean.' },
    ],
  },
  {
    title: 'The update',
    about: 'Small, safe steps: what moves too far at once is clipped or skipped.',
    fields: [
      { kind: 'number', path: 'epochs', label: 'Epochs', about: 'How often each batch of texts is learned from.', min: 1, max: 32, whole: true },
      { kind: 'number', path: 'minibatches', label: 'Minibatches', about: 'Into how many updates each epoch is divided.', min: 1, max: 64, whole: true },
      { kind: 'number', path: 'microbatchSize', label: 'Texts in one pass', about: 'Fewer need less memory and change nothing else.', min: 1, max: 512, whole: true, empty: 'a whole minibatch' },
      { kind: 'number', path: 'clipRange', label: 'Clip range (ε)', about: 'A token gains nothing by becoming more than 1 + ε times as likely in one iteration.', min: 0.01, max: 1, when: updatesAgain },
      { kind: 'number', path: 'valueClipRange', label: 'Value clip range', about: 'The same for the value head’s expectations.', min: 0.01, max: 100, when: (settings) => hasValues(settings) && updatesAgain(settings) },
      { kind: 'number', path: 'valueCoefficient', label: 'Weight of the value loss', about: 'How much learning to expect counts beside learning to write.', min: 0, max: 10, when: hasValues },
      { kind: 'number', path: 'entropyCoefficient', label: 'Entropy bonus', about: 'Pays the policy for staying unsure. 0 is usual.', min: 0, max: 1 },
      { kind: 'number', path: 'ratioThreshold', label: 'Skip an update at ratio', short: 'ratio guard', about: 'A guard: an update whose tokens became this many times as likely is skipped.', min: 1.1, max: 1000, when: updatesAgain },
      { kind: 'number', path: 'epochKlTarget', label: 'Leave the epochs early at', short: 'epoch KL target', about: 'Stops learning from a batch once the policy has moved this far on it, in nats a token.', min: 1e-4, max: 10, empty: 'never', when: updatesAgain },
    ],
  },
  {
    title: 'The optimiser',
    about: 'AdamW, as it turns gradients into changes of weights.',
    fields: [
      { kind: 'number', path: 'learningRate', label: 'Learning rate', about: 'Size of the steps. Too large and the text collapses; too small and nothing happens.', min: 0, max: 0.1 },
      { kind: 'choice', path: 'learningRateSchedule', label: 'Over the run it', short: 'learning rate', about: 'Falling to 0 suits a run of known length.', options: [{ value: 'linear', label: 'falls to 0' }, { value: 'constant', label: 'stays' }] },
      { kind: 'number', path: 'maxGradNorm', label: 'Largest gradient norm', about: 'Longer gradients are shortened to this.', min: 0.01, max: 1000 },
      { kind: 'number', path: 'adam.beta1', label: 'Adam β₁', about: 'Memory of the gradient’s direction.', min: 0, max: 0.9999 },
      { kind: 'number', path: 'adam.beta2', label: 'Adam β₂', about: 'Memory of the gradient’s size.', min: 0, max: 0.99999 },
      { kind: 'number', path: 'adam.epsilon', label: 'Adam ε', about: 'Keeps tiny gradients from making large steps.', min: 1e-12, max: 0.1 },
      { kind: 'choice', path: 'adam.epsilonPlacement', label: 'ε is added as in', about: 'The two differ in the first steps, where gradients are tiny.', options: [{ value: 'pytorch', label: 'PyTorch' }, { value: 'tf1', label: 'TensorFlow 1' }] },
      { kind: 'number', path: 'adam.weightDecay', label: 'Weight decay', about: 'Pulls all weights towards 0. Off by default.', min: 0, max: 1 },
    ],
  },
  {
    title: 'A mistake, on purpose',
    about: 'Faults that real implementations have had. Built in here so that one can see which figures betray them.',
    fields: [
      {
        kind: 'choice',
        path: 'mistake',
        label: 'Mistake',
        short: 'mistake',
        about: 'Watch “ρ − 1 in the first minibatch”, which must be 0, and the KL, which must not be negative.',
        options: [
          { value: 'none', label: 'none' },
          { value: 'padding', label: 'padding is read as text' },
          { value: 'dropout', label: 'dropout is left on' },
          { value: 'top-k', label: 'texts are drawn by top-k' },
        ],
      },
    ],
  },
  {
    title: 'Keeping',
    about: 'A checkpoint is everything that is needed to go on from there.',
    fields: [{ kind: 'number', path: 'checkpointEvery', label: 'Iterations between checkpoints', short: 'checkpoint every', about: 'Fewer iterations: less is lost or repeated, more is written to this device.', min: 1, max: 1000, whole: true }],
  },
];
