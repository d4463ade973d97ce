import type { MetricName, PpoMetrics, PpoSettings, RolloutSample, TokenTrace } from '../../lab/protocol';
import { logRatio } from './tokenReading';

/*
 * How the figures of single tokens add up to what the charts show. Pure:
 * samples and metrics in, numbers out.
 */

/** Some texts of an iteration, and what was measured on all of them. */
export interface TracedIteration {
  iteration: number;
  samples: readonly RolloutSample[];
  metrics: PpoMetrics;
  settings: Pick<PpoSettings, 'batchSize' | 'kl' | 'whitenRewards'>;
}

/** Σ over the tokens of one text. Advantages and values have no sum that means anything. */
export interface TokenSums {
  logProb: number;
  reference: number;
  /** Σ k1, nats. */
  kl: number;
  /** Null in iterations that were kept without it. */
  reward: number | null;
}

export function sumsOf(tokens: readonly TokenTrace[]): TokenSums {
  const sum = (of: (token: TokenTrace) => number) => tokens.reduce((total, token) => total + of(token), 0);
  return {
    logProb: sum(({ logProb }) => logProb),
    reference: sum(({ referenceLogProb }) => referenceLogProb),
    kl: sum(logRatio),
    reward: tokens.every(({ reward }) => reward !== undefined) ? sum(({ reward }) => reward!) : null,
  };
}

/** One text's sum beside the number of a chart, which is the mean of that sum over all texts of the iteration. */
export interface PartOfChart {
  metric: MetricName;
  sum: number;
  /** The chart's number. */
  chart: number;
  /** The mean over the texts, computed from their tokens; null where not all of them were kept. */
  mean: number | null;
  /** sum ÷ number of texts: what this text adds to the chart's number. */
  part: number;
}

/**
 * What the sums of one text are to the charts: its KL to `objective/kl`, and its
 * rewards to `objective/rlhf_reward` where they hold the KL's price as it is:
 * not where the KL stands in the loss, nor where rewards were scaled before use.
 */
export function partsOfCharts({ samples, metrics, settings }: TracedIteration, place: number): PartOfChart[] {
  const n = settings.batchSize;
  const sums = samples.map(({ tokens }) => sumsOf(tokens));
  const part = (metric: MetricName, of: (sums: TokenSums) => number | null): PartOfChart[] => {
    const chart = metrics[metric];
    const all = sums.map(of);
    const sum = all[place];
    if (chart === undefined || sum === null) return [];
    const mean = all.length === n && all.every((one) => one !== null) ? all.reduce((total, one) => total + one, 0) / n : null;
    return [{ metric, sum, chart, mean, part: sum / n }];
  };
  return [...part('objective/kl', ({ kl }) => kl), ...(addsUp(settings) ? part('objective/rlhf_reward', ({ reward }) => reward) : [])];
}

/** Whether Σ r of a text is its score less β times its KL. */
export function addsUp({ kl, whitenRewards }: TracedIteration['settings']): boolean {
  return kl.place === 'reward' && !whitenRewards;
}
