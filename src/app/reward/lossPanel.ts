import type { Panel } from '../charts/panel';

/** The loss over the training's steps, against guessing. */
export function lossPanel(curve: readonly { loss: number }[]): Panel {
  return {
    title: 'Loss',
    about: 'How wrong its guesses are on the pairs that it learns from. Guessing costs ln 2.',
    lines: [{ label: 'loss', of: 'reward/lossCurve', colour: 'ink', values: curve.map(({ loss }) => loss) }],
    target: { value: Math.LN2, label: 'guessing' },
    fromZero: true,
  };
}
