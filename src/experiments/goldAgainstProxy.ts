import type { PpoMetrics } from '../lab/protocol';
import { fitOverOptimisation, goldAt, type OptimisedPoint, type OverOptimisationFit } from '../rl/overOptimisation';
import type { Figure, FigurePanel, FigurePoint } from './figure';
import { decimal } from './words';

/** A policy on its way, with both scores counted from the base model's. */
export interface ScoredPoint extends OptimisedPoint {
  proxy: number;
}

/**
 * Reward and gold score against the distance, with the form that Gao et al.
 * 2022 fit to the gold score, and where it turns, if it does within what was seen.
 * Throws RangeError where there are too few points to fit.
 */
export function goldAgainstProxy(title: string, points: readonly ScoredPoint[], by: OverOptimisationFit['by']): FigurePanel {
  const fit = fitOverOptimisation(points, by);
  const farthest = points.reduce((most, { kl }) => Math.max(most, kl), 0);
  const fitted = Array.from({ length: 61 }, (_, i): FigurePoint => {
    const kl = farthest * (i / 60) ** 2;
    return { x: kl, y: goldAt(fit, kl) };
  });
  return {
    title,
    x: { label: by === 'rl' ? 'KL, nats a response (by its root)' : 'at most so many nats: log n − (n − 1)/n (by its root)', scale: 'sqrt', includes: [0] },
    y: { label: 'sd above the base model', includes: [0] },
    series: [
      { label: 'reward', look: 0, as: 'points', points: points.map(({ kl, proxy }) => ({ x: kl, y: proxy })) },
      { label: 'gold', look: 1, as: 'points', points: points.map(({ kl, gold }) => ({ x: kl, y: gold })) },
      { label: 'gold, fitted', look: 1, as: 'line', points: fitted },
    ],
    marks: fit.peak && fit.peak.kl <= farthest ? [{ at: 'x', value: fit.peak.kl, label: `gold turns at ${decimal(fit.peak.kl, 1)} nats` }] : [],
  };
}

/** Fewer iterations than this show no curve. */
const FEWEST = 6;
/** Nats within which a policy still writes as the base model does. */
const NEAR = 0.5;

/**
 * The same of one run so far, each score in its own unit, for a run knows the
 * base model's gold score by its own first iterations only. Null where no gold
 * score was measured, or too little.
 */
export function runAgainstDistance(history: readonly { metrics: PpoMetrics }[]): Figure | null {
  const measured = history.flatMap(({ metrics: { 'objective/kl': kl, 'objective/score_mean': proxy, gold } }) => (kl === undefined || proxy === undefined || gold === undefined ? [] : [{ kl: Math.max(0, kl), proxy, gold }]));
  const near = measured.filter(({ kl }) => kl < NEAR);
  if (measured.length < FEWEST || near.length === 0 || new Set(measured.map(({ kl }) => kl)).size < 3) return null;
  const base = near.reduce((sum, { gold }) => sum + gold, 0) / near.length;
  const both = goldAgainstProxy('', measured.map((point) => ({ ...point, gold: point.gold - base })), 'rl');
  const [proxy, ...gold] = both.series;
  return {
    panels: [
      { ...both, title: 'Reward against distance', y: { label: 'sd of the base model’s', includes: [0] }, series: [proxy], marks: [] },
      { ...both, title: 'Gold score against distance', y: { label: 'above the base model’s, the rule’s own scale', includes: [0] }, series: gold },
    ],
  };
}
