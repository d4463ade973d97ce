import type { PpoMetrics } from '../../lab/protocol';

/** A run in numbers: means over its last quarter, where it has settled if it ever does. */
export interface RunSummary {
  reward: number | null;
  kl: number | null;
  /** Change of the gold score from the first iteration, where the policy still is the base model. */
  goldGain: number | null;
  distinct2: number | null;
  beta: number | null;
}

export function summarise(history: readonly PpoMetrics[]): RunSummary {
  const late = history.slice(Math.floor(history.length * 0.75));
  const settled = (name: keyof PpoMetrics) => meanOf(late.map((metrics) => metrics[name]));
  const firstGold = history[0]?.gold;
  const gold = settled('gold');
  return {
    reward: settled('objective/score_mean'),
    kl: settled('objective/kl'),
    goldGain: firstGold === undefined || gold === null ? null : gold - firstGold,
    distinct2: settled('distinct_2'),
    beta: settled('objective/kl_coef'),
  };
}

function meanOf(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
