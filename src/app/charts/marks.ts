import type uPlot from 'uplot';
import { formatNumber, formatPlain } from './number';
import type { Panel } from './panel';
import type { PlotSetup } from './plot';

/** Height of one direct label, name over value, in CSS pixels. */
const LABEL_HEIGHT = 30;
/** Room kept for them right of the last x, in CSS pixels; the same in every panel, so that the axes line up. */
export const END_LABEL_WIDTH = 92;

/** The panel's target as a dashed line across, with its name above the end that the data stay away from. */
export function drawTarget(plot: uPlot, { target, lines }: Panel, { colours, font }: PlotSetup): void {
  if (!target) return;
  const known = lines[0].values.filter((value) => value !== null);
  const gap = (value = target.value) => Math.abs(value - target.value);
  const atRight = gap(known[0]) < gap(known.at(-1));
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const y = Math.round(plot.valToPos(target.value, 'y', true));
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colours['ink-soft'];
  ctx.lineWidth = scale;
  ctx.setLineDash([3 * scale, 3 * scale]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${11 * scale}px ${font}`;
  ctx.textAlign = atRight ? 'right' : 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillText(`${target.label} ${formatPlain(target.value)}`, atRight ? bbox.left + bbox.width - 4 * scale : bbox.left + 4 * scale, y - 2 * scale);
  ctx.restore();
}

/** Each own line's name and last value beside its last point: a label is read where the eye already is. */
export function drawEndLabels(plot: uPlot, { lines }: Panel, lineIndex: readonly number[], { colours, font }: PlotSetup): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const x = plot.data[0];
  const labels = lines.flatMap((line, i) => {
    if (line.other !== undefined) return [];
    const column = plot.data[lineIndex[i]];
    let last = column.length - 1;
    while (last >= 0 && column[last] == null) last--;
    if (last < 0) return [];
    const value = column[last] as number;
    return [{ line, value, x: plot.valToPos(x[last], 'x', true), y: plot.valToPos(value, 'y', true) }];
  });
  ctx.save();
  for (const { line, x, y } of labels) {
    ctx.fillStyle = colours[line.colour];
    ctx.beginPath();
    ctx.arc(x, y, 3.5 * scale, 0, 2 * Math.PI);
    ctx.fill();
  }
  const tops = apart(labels.map(({ y }) => y / scale - LABEL_HEIGHT / 2), bbox.top / scale, (bbox.top + bbox.height) / scale).map((top) => top * scale);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  labels.forEach(({ line, value, x }, i) => {
    const left = x + 9 * scale;
    ctx.fillStyle = colours[line.colour];
    ctx.font = `600 ${12 * scale}px ${font}`;
    ctx.fillText(line.label, left, tops[i]);
    ctx.font = `${12 * scale}px ${font}`;
    ctx.fillText(formatNumber(value), left, tops[i] + 14 * scale);
  });
  ctx.restore();
}

/** Push tops apart until no two labels overlap, all between `from` and `to`, keeping their order. */
function apart(tops: readonly number[], from: number, to: number): number[] {
  const order = tops.map((_, i) => i).sort((a, b) => tops[a] - tops[b]);
  const placed = [...tops];
  let floor = from;
  for (const i of order) {
    placed[i] = Math.max(placed[i], floor);
    floor = placed[i] + LABEL_HEIGHT;
  }
  let ceiling = to;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], ceiling - LABEL_HEIGHT);
    ceiling = placed[i];
  }
  return placed;
}
