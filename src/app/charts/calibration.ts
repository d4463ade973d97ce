import { percent } from '../controls/wording';
import type { RewardReport } from '../../lab/protocol';

export type CalibrationBin = RewardReport['calibration'][number];

/** Gap between saying and being that nobody would notice. */
const SMALL_GAP = 0.05;

/** A sentence on how far the stated certainty can be trusted: the mean gap, weighted by pairs. */
export function calibrationCaption(bins: readonly CalibrationBin[]): string {
  const pairs = bins.reduce((sum, bin) => sum + bin.n, 0);
  if (pairs === 0) return 'No held-out pairs to check its certainty on.';
  // Folded to the preferred side: "70 % for the other one" is the same claim as "30 % for this one".
  const bias = bins.reduce((sum, { predicted, observed, n }) => sum + (predicted >= 0.5 ? predicted - observed : observed - predicted) * n, 0) / pairs;
  const sure = bins.reduce((sum, { predicted, n }) => sum + Math.max(predicted, 1 - predicted) * n, 0) / pairs;
  const verdict = Math.abs(bias) < SMALL_GAP ? 'About as sure as it should be' : bias > 0 ? 'Surer than it should be' : 'Less sure than it could be';
  return `${verdict}: on average it is ${percent(sure)} sure of the text that it prefers, and right ${percent(sure - bias)} of the time (${pairs} pairs).`;
}
