import { proportion } from '../feedback/proportion';
import { preferredSide } from '../feedback/sides';
import { calibrationOf, type Forecast } from './calibration';
import { sigmoid, softplus } from './logistic';
import type { LengthTerm } from './lengthControl';
import type { PairPreference } from './preference';
import type { LengthControlReport, Proportion, RewardReport } from './settings';

/** A held-out pair with the model's raw scores, before normalisation. */
export interface ScoredPair {
  pair: PairPreference;
  /** r₁ and r₂. */
  scores: [number, number];
  /** Tokens of each response. */
  lengths: [number, number];
}

type HeldOutReport = Omit<RewardReport, 'trainPairs' | 'heldOutPairs' | 'leftOut' | 'chosen' | 'ensemble' | 'lengthControl' | 'simulatedPairs' | 'heldOut' | 'ceiling' | 'selfAgreement' | 'disputes' | 'pulls' | 'lossCurve' | 'gain' | 'bias' | 'seconds'>;

/** Buckets of length hold about as many pairs each. */
const LENGTH_BUCKETS = 4;

/**
 * What the model learned, on pairs that it never saw. Margins and probabilities
 * are those of Bradley and Terry's model: raw scores, in log-odds. Ties, and pairs
 * where both are bad, count only in the correlation of reward with length.
 */
export function heldOutReport(pairs: readonly ScoredPair[]): HeldOutReport {
  const decided = pairs.filter(({ pair }) => pair.verdict === 'first' || pair.verdict === 'second').map(decide);
  const n = decided.length;
  const forecasts = decided.map(leftForecast);
  const { bins, error } = calibrationOf(forecasts);
  return {
    accuracy: accuracyOf(decided),
    logLoss: mean(decided.map(({ margin }) => softplus(-margin))),
    brier: mean(decided.map(({ margin }) => sigmoid(-margin) ** 2)),
    calibrationError: n === 0 ? null : error,
    calibration: bins,
    meanMargin: mean(decided.map(({ margin }) => margin)),
    lengthCorrelation: lengthCorrelation(pairs),
    accuracyByLength: byLength(decided),
    leftSide: leftSide(decided),
  };
}

/** What was kept out of these scores, and how they would go with length if it had not been. */
export function lengthControlReport(pairs: readonly ScoredPair[], { gamma, deviation }: LengthTerm): LengthControlReport {
  const whole = pairs.map(({ scores, lengths, ...scored }): ScoredPair => ({
    ...scored,
    lengths,
    scores: [scores[0] + (gamma / deviation) * lengths[0], scores[1] + (gamma / deviation) * lengths[1]],
  }));
  return { gamma, deviation, correlationWith: lengthCorrelation(whole) };
}

function lengthCorrelation(pairs: readonly ScoredPair[]): number | null {
  return correlation(pairs.flatMap(({ lengths }) => lengths), pairs.flatMap(({ scores }) => scores));
}

interface DecidedPair extends ScoredPair {
  /** Score of the preferred response less that of the other. */
  margin: number;
  /** Mean of the two, in tokens. */
  length: number;
}

function decide(scored: ScoredPair): DecidedPair {
  const gap = scored.scores[0] - scored.scores[1];
  return { ...scored, margin: scored.pair.verdict === 'first' ? gap : -gap, length: (scored.lengths[0] + scored.lengths[1]) / 2 };
}

/**
 * The claim that the left response is better. Stored order says nothing that can
 * be calibrated: of an imported pair the first is always the preferred one. The
 * side is a fair coin, whatever the pair came from.
 */
function leftForecast({ pair, scores: [first, second] }: DecidedPair): Forecast {
  return { probability: sigmoid(pair.swapped ? second - first : first - second), happened: preferredSide(pair.verdict, pair) === 'left' };
}

/** A model that cannot tell two responses apart is right half the time. */
function accuracyOf(pairs: readonly DecidedPair[]): Proportion | null {
  return proportion(pairs.reduce((sum, { margin }) => sum + (margin > 0 ? 1 : margin === 0 ? 0.5 : 0), 0), pairs.length);
}

/** Accuracy by mean length of the pair, in buckets of about equal count; equal lengths stay together. */
function byLength(pairs: readonly DecidedPair[]): RewardReport['accuracyByLength'] {
  const sorted = [...pairs].sort((a, b) => a.length - b.length);
  const buckets: RewardReport['accuracyByLength'] = [];
  for (let start = 0, bucket = 1; start < sorted.length; bucket++) {
    let end = Math.max(start + 1, Math.round((bucket * sorted.length) / LENGTH_BUCKETS));
    while (end < sorted.length && sorted[end].length === sorted[end - 1].length) end++;
    const members = sorted.slice(start, end);
    buckets.push({ from: members[0].length, to: members[members.length - 1].length, accuracy: accuracyOf(members)! });
    start = end;
  }
  return buckets;
}

function leftSide(pairs: readonly DecidedPair[]): RewardReport['leftSide'] {
  if (pairs.length === 0) return null;
  const labels = pairs.filter(({ pair }) => preferredSide(pair.verdict, pair) === 'left').length;
  const model = pairs.reduce((sum, { pair, scores: [first, second] }) => {
    if (first === second) return sum + 0.5;
    return sum + (preferredSide(first > second ? 'first' : 'second', pair) === 'left' ? 1 : 0);
  }, 0);
  return { labels: proportion(labels, pairs.length)!, model: proportion(model, pairs.length)! };
}

/** Pearson's; null where either side does not vary. */
export function correlation(x: readonly number[], y: readonly number[]): number | null {
  const [meanX, meanY] = [mean(x), mean(y)];
  if (meanX === null || meanY === null) return null;
  const products = (a: readonly number[], centreA: number, b: readonly number[], centreB: number) =>
    a.reduce((sum, value, i) => sum + (value - centreA) * (b[i] - centreB), 0);
  const spread = Math.sqrt(products(x, meanX, x, meanX) * products(y, meanY, y, meanY));
  return spread === 0 ? null : products(x, meanX, y, meanY) / spread;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
}
