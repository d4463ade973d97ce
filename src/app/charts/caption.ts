import { formatNumber, formatPlain } from './number';
import type { Panel } from './panel';
import { trendOf } from './trend';

/** One sentence on a panel: the last value of each of its own lines and where it is going. */
export function captionOf(panel: Panel, xLabel: string, x: readonly number[]): string {
  const own = panel.lines.filter(({ other }) => other === undefined);
  // Another run may have gone on for longer.
  const last = own.length === panel.lines.length ? x.at(-1) : x.findLast((_, i) => own.some(({ values }) => values[i] !== null));
  if (last === undefined) return `${panel.title}: nothing yet.`;
  const parts = own.flatMap((line) => {
    const values = line.values.filter((value): value is number => value !== null);
    const value = values.at(-1);
    if (value === undefined) return [];
    const trend = trendOf(values);
    return `${line.label} ${formatNumber(value)}${trend === 'unclear' ? '' : `, ${trend}`}`;
  });
  const target = panel.target ? ` ${sentenceCase(panel.target.label)}: ${formatPlain(panel.target.value)}.` : '';
  return parts.length === 0 ? `${panel.title}: nothing yet.` : `At ${xLabel} ${last}: ${parts.join('; ')}.${target}`;
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
