import type { LearningCurve } from '../../lab/protocol';
import type { Panel } from '../charts/panel';

/** Held-out accuracy over the number of labels, against the best that can be had where that is known. */
export function learningCurvePanel({ points, ceiling, selfAgreement }: LearningCurve): Panel {
  const own = selfAgreement && ('expected' in selfAgreement ? selfAgreement.expected : selfAgreement.counted.value);
  const target = ceiling !== null ? { value: ceiling, label: 'ceiling' } : own != null ? { value: own, label: 'labeler with itself' } : undefined;
  return {
    title: 'Held-out accuracy',
    about: 'Share of pairs that it judges as they were judged, by the number of labels that it learned from, with its 95 % interval. A coin reaches 0.5.',
    lines: [{ label: 'accuracy', of: 'reward/accuracy', colour: 'tuned', values: points.map(({ accuracy }) => accuracy?.value ?? null), interval: points.map(({ accuracy }) => accuracy) }],
    target,
  };
}
