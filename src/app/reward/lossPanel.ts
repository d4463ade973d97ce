import type { RewardSettings } from '../../lab/protocol';
import type { Panel } from '../charts/panel';

/** What the loss is of, and what it is without any knowledge. */
const LOSSES: Record<RewardSettings['pipeline'], { about: string; guessing: number }> = {
  'end-to-end': { about: 'How wrong its guesses are on the pairs that it learns from. Guessing costs ln 2.', guessing: Math.LN2 },
  modular: { about: 'How far its scores are, squared, from those of the ranking that it learns. Always saying the average costs 1.', guessing: 1 },
};

/** The loss over the training's steps, against guessing. */
export function lossPanel(curve: readonly { loss: number }[], pipeline: RewardSettings['pipeline']): Panel {
  const { about, guessing } = LOSSES[pipeline];
  return {
    title: 'Loss',
    about,
    lines: [{ label: 'loss', of: 'reward/lossCurve', colour: 'ink', values: curve.map(({ loss }) => loss) }],
    target: { value: guessing, label: 'guessing' },
    fromZero: true,
  };
}
