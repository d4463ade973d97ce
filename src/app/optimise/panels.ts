import type { PpoMetrics, PpoSettings } from '../../lab/protocol';
import type { Line, Panel } from '../charts/panel';
import type { ColourName } from '../charts/colours.svelte';

type History = readonly { metrics: PpoMetrics }[];

/** Half of a 95 % interval of a mean over `n` texts of standard deviation `std`. */
const halfInterval = (std: number, n: number) => (1.96 * std) / Math.sqrt(n);

/** Reward, gold, KL and β, to be read together. */
export function mainPanels(history: History, settings: PpoSettings): Panel[] {
  const std = valuesOf(history, 'objective/score_std');
  const panels: Panel[] = [
    {
      title: 'Reward',
      about: 'What the reward model gives the texts, on average. 0 is the base model, 1 its spread.',
      lines: [{ ...line(history, 'objective/score_mean', 'reward', 'tuned'), halfWidth: std.map((value) => (value === null ? null : halfInterval(value, settings.batchSize))) }],
    },
    {
      title: 'Distance: KL',
      about: 'How far the policy has moved from the base model, in nats a text.',
      lines: [line(history, 'objective/kl', 'KL', 'tuned')],
      target: settings.kl.control === 'adaptive' ? { value: settings.kl.target, label: 'target' } : undefined,
      fromZero: true,
    },
    { title: 'Leash: β', about: 'What a nat costs, in units of reward.', lines: [line(history, 'objective/kl_coef', 'β', 'ink')], fromZero: true },
  ];
  const gold: Panel = { title: 'Gold score', about: 'What the simulated labeler’s rule really gives, in its own units. Nobody trains on it.', lines: [line(history, 'gold', 'gold', 'human')] };
  return hasValues(gold) ? [panels[0], gold, ...panels.slice(1)] : panels;
}

/** Everything else that is measured, for those who look closer. */
export function morePanels(history: History): { title: string; about: string; panels: Panel[] }[] {
  const groups = [
    {
      title: 'The texts',
      about: 'Signs of health: a policy that collapses repeats itself and grows sure of every word.',
      panels: [
        panel('Variety', 'Share of different word pairs (distinct-2), and of word triples that stood in the same text before.', [line(history, 'distinct_2', 'distinct-2', 'tuned'), line(history, 'repeat_ngram', 'repeated', 'warning')], true),
        panel('Entropy', 'How unsure the policy is of the next token, in nats.', [line(history, 'objective/entropy', 'entropy', 'tuned')], true),
        panel('Length', 'Tokens in a text: on average, and in the longest.', [line(history, 'length_mean', 'mean', 'tuned'), line(history, 'length_max', 'longest', 'ink-soft')], true),
        panel('Endings', 'Share of texts that come to their end.', [line(history, 'eos_rate', 'ended', 'tuned')], true),
      ],
    },
    {
      title: 'The objective and the scores',
      about: 'What is raised, how much the texts differ in reward, and the distance in other measures.',
      panels: [
        panel('Reward less KL cost', 'In units of reward.', [line(history, 'objective/rlhf_reward', 'objective', 'tuned'), line(history, 'objective/non_score_reward', 'KL cost', 'ink-soft')]),
        panel('Spread of the reward', 'Standard deviation over the texts of an iteration.', [line(history, 'objective/score_std', 'spread', 'tuned')], true),
        panel('Judges’ disagreement', 'Standard deviation of the rewards that the members of the reward model give to one text. Where it rises, the policy writes what they never learned to judge.', [line(history, 'objective/score_disagreement', 'disagreement', 'warning')], true),
        panel('Clipped scores', 'Share of texts whose score was so extreme that it was cut off.', [line(history, 'score_clip_frac', 'clipped', 'warning')], true),
        panel('KL by three estimates', 'Nats a text. k1 is what the reward pays for and may fall below 0; k3 never does and varies less; k2 is right near the base model only.', [line(history, 'objective/kl', 'k1', 'ink'), line(history, 'objective/kl_k3', 'k3', 'tuned'), line(history, 'objective/kl_k2', 'k2', 'ink-soft')], true),
        panel('KL a token', 'In nats, so that short and long texts compare.', [line(history, 'objective/kl_per_token', 'KL', 'tuned')], true),
      ],
    },
    {
      title: 'The update',
      about: 'How far one iteration moves the policy, and how much of that was clipped.',
      panels: [
        panel('Clipped tokens', 'Share of tokens that left the clip range.', [line(history, 'policy/clipfrac', 'policy', 'tuned'), line(history, 'value/clipfrac', 'value', 'ink-soft')], true),
        panel('Movement within an iteration', 'Nats a token from before the update to after.', [line(history, 'policy/approxkl_k3', 'k3', 'tuned'), line(history, 'policy/approxkl_k2', 'k2', 'ink-soft')], true),
        panel('Ratio', 'How many times as likely tokens became: on average, and the one that gained most.', [line(history, 'policy/ratio_mean', 'mean', 'tuned'), line(history, 'policy/ratio_max', 'largest', 'ink-soft')]),
        panel('Error of the first ratio', 'Before the first update nothing has changed yet, so this must be nearly 0.', [line(history, 'policy/first_minibatch_max_ratio_error', 'error', 'warning')], true),
        panel('Writing against reading', 'How differently the same token is judged while writing and while learning, at most. It must be nearly 0.', [line(history, 'policy/rollout_logprob_error', 'nats', 'warning')], true),
        panel('Skipped updates', 'Left out because they would have moved the policy too far at once.', [line(history, 'policy/skipped_minibatches', 'skipped', 'warning')], true),
        panel('Gradient', 'Its length before clipping.', [line(history, 'grad_norm', 'norm', 'ink')], true),
        panel('Learning rate', 'Size of the steps.', [line(history, 'lr', 'rate', 'ink')], true),
      ],
    },
    {
      title: 'Credit and losses',
      about: 'How much better texts turned out than expected, and what the optimiser lowers.',
      panels: [
        panel('Advantages', 'How much better tokens turned out than expected, before whitening.', [line(history, 'adv/mean', 'mean', 'tuned'), line(history, 'adv/std', 'spread', 'ink-soft')]),
        panel('Baseline', 'What is expected of a text: a moving average of the iterations before.', [line(history, 'adv/baseline', 'baseline', 'ink')]),
        panel('Whitened', '1: the advantages were brought to mean 0 and spread 1. 0: they were not.', [line(history, 'adv/whitened', 'whitened', 'ink')], true),
        panel('Losses', 'Of the policy, of the value head and of the distance where there are such, and all with their weights.', [line(history, 'loss/policy', 'policy', 'tuned'), line(history, 'loss/value', 'value', 'ink-soft'), line(history, 'loss/kl', 'KL', 'base'), line(history, 'loss/total', 'total', 'ink')]),
      ],
    },
    {
      title: 'The value head',
      about: 'Does it foresee how a text will score?',
      panels: [
        panel('Variance explained', '1: it foresees everything. 0: no better than the average. Below: worse.', [line(history, 'value/explained_var', 'explained', 'tuned')]),
        panel('Expected score', 'What it expects the rest of a text to bring, on average.', [line(history, 'value/mean', 'expected', 'tuned')]),
      ],
    },
    {
      title: 'Time and the device',
      about: 'What an iteration costs.',
      panels: [
        panel('Seconds', 'Writing, scoring, learning.', [line(history, 'time/rollout', 'write', 'base'), line(history, 'time/score', 'score', 'human'), line(history, 'time/train', 'learn', 'tuned')], true),
        panel('Device memory', 'Megabytes that are allocated, in use or kept for reuse.', [line(history, 'gpu/bytes', 'MB', 'ink', 1e6)], true),
        panel('Dispatches', 'Programs that were sent to the graphics device.', [line(history, 'gpu/dispatches', 'dispatches', 'ink')], true),
        panel('Texts so far', 'Written since the run began.', [line(history, 'episode', 'texts', 'ink')], true),
      ],
    },
  ];
  return groups.map((group) => ({ ...group, panels: group.panels.filter(hasValues) })).filter((group) => group.panels.length > 0);
}

function panel(title: string, about: string, lines: Line[], fromZero = false): Panel {
  return { title, about, lines, fromZero };
}

function line(history: History, name: keyof PpoMetrics, label: string, colour: ColourName, unit = 1): Line {
  return { label, of: name, colour, values: valuesOf(history, name).map((value) => (value === null ? null : value / unit)), ...(unit !== 1 && { unit }) };
}

function valuesOf(history: History, name: keyof PpoMetrics): (number | null)[] {
  return history.map(({ metrics }) => metrics[name] ?? null);
}

function hasValues({ lines }: Panel): boolean {
  return lines.some(({ values }) => values.some((value) => value !== null));
}
