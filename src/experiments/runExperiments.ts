import type { PpoSettings } from '../lab/protocol';
import { comparedRuns, PANELS, type Arm } from './comparedRuns';
import { fixed, preset } from './recipe';

/* The experiments that are nothing but runs side by side. */

const steady: Arm = { label: 'steady, adaptive β', settings: (bench) => preset(bench, 'lean') };
const unleashed: Arm = { label: 'β = 0', settings: (bench) => fixed(preset(bench, 'lean'), 0) };
const changed = (label: string, changes: Partial<PpoSettings>): Arm => ({ label, settings: (bench) => preset(bench, 'lean', changes) });

export const hacking = comparedRuns({
  name: 'hacking',
  title: 'What happens without a leash?',
  question: 'One run with the KL penalty and one without. Both please the reward model; which of them still writes?',
  expectation: 'Without the penalty the reward rises far higher, the text repeats itself, and the gold score falls behind (Ziegler et al. 2019, §4.1; Stiennon et al. 2020, fig. 5).',
  arms: [steady, unleashed],
  panels: [PANELS.reward, PANELS.gold, PANELS.kl, PANELS.distinct],
});

export const adaptive = comparedRuns({
  name: 'adaptive',
  title: 'A leash of fixed length, or one that gives?',
  question: 'Does a β that adapts keep the policy at its target, and is a fixed β as good?',
  expectation: 'The adaptive β brings the KL to its target of 6 nats. A fixed one goes wherever its price leads, and somewhere else on another reward model. Ziegler et al.’s horizon of 10,000 episodes is meant for a million: in a run this short their β barely moves.',
  arms: [steady, { label: 'fixed β = 0.15', settings: (bench) => fixed(preset(bench, 'lean'), 0.15) }, { label: 'Ziegler’s horizon', settings: (bench) => preset(bench, 'ziegler') }],
  panels: [PANELS.kl, PANELS.coefficient, PANELS.gold],
});

export const seeds = comparedRuns({
  name: 'seeds',
  title: 'How much is chance?',
  question: 'The same settings with other seeds: other pairs, other labels, other draws. How far apart do the runs end?',
  expectation: 'The curves agree in shape and differ in height. A difference between two settings that is smaller than this one says nothing (Henderson et al. 2018). Five seeds are a start: --seeds 5.',
  arms: [steady],
  panels: [PANELS.reward, PANELS.gold, PANELS.kl],
});

export const ablations = comparedRuns({
  name: 'ablations',
  title: 'Which parts of PPO matter here?',
  question: 'One part of PPO is changed at a time: clipping, whitening, λ, epochs, the ε of Adam. Without which of them is the run another one?',
  expectation: 'Without clipping, and with four epochs on one batch, steps overshoot. Without whitening they shrink or grow with the rewards. λ = 1 is noisier, λ = 0 leans on a value function that has just begun to learn. One epoch learns more slowly. A smaller ε makes the first steps larger (Huang et al. 2023).',
  arms: [
    steady,
    changed('no clipping', { clipRange: 10, valueClipRange: 1000 }),
    changed('no whitening', { whitenAdvantages: false }),
    changed('λ = 1', { lambda: 1 }),
    changed('λ = 0', { lambda: 0 }),
    changed('one epoch', { epochs: 1 }),
    { label: 'ε = 1e-8', settings: (bench) => preset(bench, 'lean', { adam: { ...preset(bench, 'lean').adam, epsilon: 1e-8 } }) },
  ],
  panels: [PANELS.reward, PANELS.gold, PANELS.kl],
});

const paidInLoss = (estimator: 'k2' | 'k3'): Arm => ({
  label: `${estimator} in the loss`,
  settings: (bench) => {
    const settings = fixed(preset(bench, 'lean'), 0.15);
    return { ...settings, kl: { ...settings.kl, place: 'loss', estimator } };
  },
});

export const klEstimators = comparedRuns({
  name: 'kl-estimators',
  title: 'Three ways to measure the same distance',
  question: 'k1, k2 and k3 estimate one KL from the same texts. How do they differ, and what does paying for it in the loss do instead of in the reward?',
  expectation: 'All three agree while the distance is small; k2 is biased farther out, k3 is never negative and less noisy (Schulman 2020). In the loss, k2 pulls each token as k1 in the reward does, and k3 follows KL(π_ref‖π); neither charges a token for those that come after it.',
  arms: [{ label: 'k1 in the reward', settings: (bench) => fixed(preset(bench, 'lean'), 0.15) }, paidInLoss('k2'), paidInLoss('k3')],
  panels: [
    { metric: 'objective/kl', title: 'k1', y: { label: 'nats a response', includes: [0] } },
    { metric: 'objective/kl_k2', title: 'k2', y: { label: 'nats a response', includes: [0] } },
    { metric: 'objective/kl_k3', title: 'k3', y: { label: 'nats a response', includes: [0] } },
    PANELS.gold,
  ],
});

export const mistakes = comparedRuns({
  name: 'mistakes',
  title: 'What do mistakes look like?',
  question: 'Three mistakes that implementations make: padding that is read, dropout left on, responses drawn by top-k. Which figures betray them, while the reward may look well?',
  expectation: 'Nothing is learned before the first update, so ρ must be 1 there and the KL 0. With padding that is read, or dropout, ρ is not 1 from the first minibatch on; dropout makes policy and reference differ at once, too. Top-k draws from another distribution than the one that is measured: ρ stays 1, and the KL, whose estimate it spoils, can fall below 0 (Huang et al. 2023).',
  arms: [steady, changed('padding is read', { mistake: 'padding' }), changed('dropout left on', { mistake: 'dropout' }), changed('top-k sampling', { mistake: 'top-k' })],
  panels: [
    { metric: 'policy/first_minibatch_max_ratio_error', title: 'Ratio in the first minibatch', y: { label: 'largest |ρ − 1|', includes: [0] } },
    PANELS.kl,
    { metric: 'policy/rollout_logprob_error', title: 'Writing against learning', y: { label: 'largest difference of log π, nats', includes: [0] } },
    PANELS.gold,
  ],
});

const swayed = { lengthBias: 1 };

export const lengthBias = comparedRuns({
  name: 'length-bias',
  title: 'Does it only learn to please by length?',
  question: 'A labeler prefers longer texts as much as better ones. Does the policy grow long instead of good, and does it help to keep length out of the score?',
  expectation: 'A reward model that learns from such labels likes length too, and the policy writes more for the same gold score. With what length explains learned apart and left out, texts stay shorter and the gold score gains more (Singhal et al. 2023; Dubois et al. 2024).',
  arms: [
    { ...steady, label: 'a fair labeler' },
    { ...steady, label: 'swayed by length', labels: swayed },
    { ...steady, label: 'swayed, length kept out', labels: swayed, reward: { lengthControl: true } },
  ],
  panels: [PANELS.length, PANELS.gold, PANELS.reward, PANELS.kl],
});

/** Few labels of a labeler that errs three times in ten: something to disagree about. */
const noisy = { count: 512, ceiling: 0.7 };
const aggregated = (label: string, aggregate: PpoSettings['ensemble']['aggregate']): Arm => ({
  label,
  labels: noisy,
  reward: { members: 4 },
  settings: (bench) => {
    const settings = fixed(preset(bench, 'lean'), 0.1);
    return { ...settings, ensemble: { ...settings.ensemble, aggregate } };
  },
});

export const ensembles = comparedRuns({
  name: 'ensembles',
  title: 'Are four judges harder to fool than one?',
  question: 'From few and noisy labels, one reward model or four that score together: by their mean, by the strictest, or by the mean less their variance. Whose policy gains most of what is really wanted?',
  expectation: 'Where labels are noisy, a single model is pushed to what it alone mistakes for good. The strictest of several, or a mean that pays for disagreement, holds the policy to what all agree on, and keeps more of the gold score (Coste et al. 2023).',
  arms: [
    { label: 'one reward model', labels: noisy, settings: (bench) => fixed(preset(bench, 'lean'), 0.1) },
    aggregated('mean of four', 'mean'),
    aggregated('strictest of four', 'minimum'),
    aggregated('mean less variance', 'penalised'),
  ],
  panels: [PANELS.gold, PANELS.reward, { metric: 'objective/score_disagreement', title: 'Disagreement', y: { label: 'sd between the members', includes: [0] } }, PANELS.kl],
});
