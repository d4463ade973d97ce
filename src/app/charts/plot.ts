import uPlot from 'uplot';
import { type ColourName, thinned } from './colours.svelte';
import { OTHER_RUNS } from './dashes';
import { drawEndLabels, drawTarget, END_LABEL_WIDTH } from './marks';
import { formatPlain } from './number';
import type { Panel } from './panel';

/** What a plot needs besides its panel; colours are resolved, since a canvas cannot follow CSS. */
export interface PlotSetup {
  width: number;
  height: number;
  font: string;
  colours: Record<ColourName, string>;
  /** Panels with the same key move their cursors together. */
  sync: string;
  /** Last x of the axis, so that a run of known length fills its chart from the left. */
  xMax?: number;
  /** Only the lowest panel shows the shared axis. */
  showsX: boolean;
  onCursor: (index: number | null) => void;
  onPick?: (index: number) => void;
}

/** Columns for uPlot: x, then for each line its values, and its band's edges where it has one. */
export function columnsOf(panel: Panel, x: readonly number[]): uPlot.AlignedData {
  const columns: (number | null)[][] = [];
  for (const { values, halfWidth, interval } of panel.lines) {
    columns.push(values);
    if (halfWidth) for (const side of [-1, 1]) columns.push(values.map((value, i) => (value === null || halfWidth[i] == null ? null : value + side * halfWidth[i])));
    if (interval) for (const end of ['low', 'high'] as const) columns.push(interval.map((at) => at?.[end] ?? null));
  }
  return [[...x], ...columns];
}

/** Options of one panel's plot: its lines, bands, target line and direct labels. */
export function plotOptions(panel: Panel, setup: PlotSetup): uPlot.Options {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  const lineIndex: number[] = [];
  for (const line of panel.lines) {
    const stroke = setup.colours[line.colour];
    lineIndex.push(series.length);
    const other = line.other === undefined ? null : OTHER_RUNS[line.other];
    series.push({ stroke, width: other ? 1.5 : 2, dash: other?.dash ?? (line.dashed ? [5, 4] : undefined), points: { show: false }, spanGaps: true });
    if (line.halfWidth ?? line.interval) {
      bands.push({ series: [series.length + 1, series.length], fill: thinned(stroke, 0.14) });
      series.push({ points: { show: false }, width: 0 }, { points: { show: false }, width: 0 });
    }
  }
  return {
    width: setup.width,
    height: setup.height,
    series,
    bands,
    legend: { show: false },
    padding: [10, END_LABEL_WIDTH, setup.showsX ? 0 : 8, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: setup.sync, scales: ['x', null] },
      // The edges of a band are series too, but nobody points at them.
      points: { size: 7, width: 0, fill: (_, i) => (lineIndex.includes(i) ? setup.colours[panel.lines[lineIndex.indexOf(i)].colour] : 'transparent') },
    },
    scales: { x: { time: false, range: (u) => horizontal(u.data[0], setup.xMax) }, y: { range: (_, min, max) => vertical(panel, min, max) } },
    axes: axes(setup),
    hooks: {
      init: [(u) => u.over.addEventListener('click', () => u.cursor.idx != null && setup.onPick?.(u.cursor.idx))],
      setCursor: [(u) => setup.onCursor(u.cursor.idx ?? null)],
      draw: [(u) => drawTarget(u, panel, setup), (u) => drawEndLabels(u, panel, lineIndex, setup)],
    },
  };
}

function axes({ showsX, colours, font }: PlotSetup): uPlot.Axis[] {
  const common: uPlot.Axis = { font: `12px ${font}`, stroke: colours['ink-soft'], ticks: { show: false }, grid: { stroke: colours.line, width: 1 } };
  return [
    { ...common, show: showsX, size: 26, gap: 4, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000], space: 44 },
    { ...common, size: 46, gap: 6, space: 30, values: (_, splits) => splits.map(formatPlain) },
  ];
}

/** From the first x to the last, or to the end that is known; a single point still gets an axis. */
function horizontal(x: ArrayLike<number>, end = 0): uPlot.Range.MinMax {
  const first = x[0] ?? 0;
  return [first, Math.max(first + 1, x[x.length - 1] ?? 0, end)];
}

/** Room above and below the data, with the target and, where the panel starts at it, zero in view. */
function vertical({ target, fromZero }: Panel, min: number | null, max: number | null): uPlot.Range.MinMax {
  const seen = [min, max, target?.value, fromZero ? 0 : undefined].filter((value): value is number => value != null && Number.isFinite(value));
  if (seen.length === 0) return [0, 1];
  const low = Math.min(...seen);
  const high = Math.max(...seen);
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  return [fromZero && low >= 0 ? 0 : low - room, high + room];
}
