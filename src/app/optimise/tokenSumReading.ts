import { formatNumber } from '../charts/number';
import { count } from '../controls/wording';
import { METRICS } from '../controls/metricGlossary';
import { addsUp, partsOfCharts, sumsOf, type PartOfChart, type TracedIteration } from './tokenSums';

/*
 * What the sums over a text's tokens are, in plain sentences. Pure: numbers in,
 * words out.
 */

/** What the rewards of one text add up to, in a sentence; null where they were not kept. */
export function rewardReading({ samples, metrics, settings }: TracedIteration, place: number): string | null {
  const { score, tokens } = samples[place];
  const { kl, reward } = sumsOf(tokens);
  if (reward === null) return null;
  if (settings.whitenRewards) return `The rewards were scaled before use, so their sum, ${formatNumber(reward)}, is not the score of ${formatNumber(score)} less the KL’s cost.`;
  if (!addsUp(settings)) return `The KL is paid in the loss, so the rewards add up to the score alone: ${formatNumber(reward)}.`;
  const beta = metrics['objective/kl_coef'];
  return `The rewards add up to the score less β times the KL: ${formatNumber(score)} − ${beta === undefined ? 'β' : formatNumber(beta)} · ${kl < 0 ? `(${formatNumber(kl)})` : formatNumber(kl)} = ${formatNumber(reward)}.`;
}

/** How one text's sums make the charts' numbers, in sentences. */
export function chartReading(traced: TracedIteration, place: number): string[] {
  return partsOfCharts(traced, place).map((part) => (part.mean === null ? share(part, traced) : whole(part, part.mean, traced)));
}

function whole({ metric, chart }: PartOfChart, mean: number, { settings: { batchSize } }: TracedIteration): string {
  return `${METRICS[metric].title}: the mean over all ${batchSize} texts is ${formatNumber(mean)}, the chart’s ${formatNumber(chart)}.`;
}

function share({ metric, sum, chart, part }: PartOfChart, { samples, settings: { batchSize } }: TracedIteration): string {
  return `${METRICS[metric].title}: the chart’s ${formatNumber(chart)} is the mean over ${count(batchSize, 'text')}, of which ${samples.length} are kept; this text’s part is ${formatNumber(sum)} ÷ ${batchSize} = ${formatNumber(part)}.`;
}
