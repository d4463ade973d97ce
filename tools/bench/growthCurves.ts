import { BASE, INK, LINE, PAPER, SOFT, TUNED, niceTicks, text, trimmed } from '../drawing';
import type { GrowthPoint, GrowthReport } from './growth';

/*
 * The picture of (d): time above, memory below, for each of the three things
 * that grow; as an SVG. Whiskers are quartiles.
 */

const WIDTH = 920;
const HEIGHT = 584;
const LEFT = 70;
const TOP = 112;
const PANEL = { width: 226, height: 160, across: 286, down: 246 };
const ROOM_ABOVE = 1.12;

const COLUMNS: { series: keyof GrowthReport; axis: string }[] = [
  { series: 'parameters', axis: 'million parameters' },
  { series: 'context', axis: 'positions of a row' },
  { series: 'batch', axis: 'rows of a batch' },
];
const LINES = [
  { contender: 'ours', label: 'ours', colour: TUNED },
  { contender: 'tfjs', label: 'plain tfjs', colour: BASE },
];

interface Figure {
  title: string;
  of: (point: GrowthPoint, contender: string) => { value: number; low: number; high: number };
}

const FIGURES: Figure[] = [
  { title: 'Seconds a step', of: ({ seconds }, contender) => ({ value: seconds[contender].median, low: seconds[contender].low, high: seconds[contender].high }) },
  { title: 'Most memory at once, MB', of: ({ peak_bytes }, contender) => ({ value: peak_bytes[contender] / 1e6, low: NaN, high: NaN }) },
];

export function drawGrowth(growth: GrowthReport, ranOn: string): string {
  const legend = LINES.map(({ label, colour }, i) => `<circle cx="${LEFT + 6 + i * 90}" cy="75" r="5" fill="${colour}"/>${text(LEFT + 18 + i * 90, 80, label, { fill: colour, weight: 600 })}`);
  const panels = COLUMNS.flatMap(({ series, axis }, column) =>
    FIGURES.map((figure, row) => drawPanel(figure, growth[series], axis, LEFT + column * PANEL.across, TOP + 18 + row * PANEL.down)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif" font-size="14">
<rect width="${WIDTH}" height="${HEIGHT}" fill="${PAPER}"/>
${text(LEFT, 34, 'How one training step of the lab’s model grows', { size: 19, weight: 600 })}
${text(LEFT, 56, `Forward, backward, clipping and AdamW, on ${ranOn}`, { fill: SOFT })}
${legend.join('')}
${panels.join('\n')}
</svg>`;
}

/** Both axes begin at 0, so that what grows in proportion is a straight line. */
function drawPanel({ title, of }: Figure, points: readonly GrowthPoint[], axis: string, left: number, top: number): string {
  const values = points.flatMap((point) => LINES.map(({ contender }) => of(point, contender)));
  const most = { x: Math.max(...points.map(({ at }) => at)), y: Math.max(...values.flatMap(({ value, high }) => [value, high].filter(Number.isFinite))) * ROOM_ABOVE };
  const x = (at: number) => left + (at / most.x) * PANEL.width;
  const y = (value: number) => top + PANEL.height - (value / most.y) * PANEL.height;
  const bottom = top + PANEL.height;
  const grid = niceTicks(0, most.y, 4).map(
    (tick) => `<line x1="${left}" x2="${left + PANEL.width}" y1="${y(tick)}" y2="${y(tick)}" stroke="${LINE}"/>${text(left - 8, y(tick) + 5, trimmed(tick), { anchor: 'end', fill: SOFT, size: 13 })}`,
  );
  const ticks = points.map(({ at }) => at);
  // The smaller half of doubling sizes would stand on one another's toes.
  const labelled = ticks.filter((at, i) => i === ticks.length - 1 || x(ticks[i + 1]) - x(at) > 26);
  const lines = LINES.map(({ contender, colour }) => {
    const path = points.map((point, i) => `${i ? 'L' : 'M'}${x(point.at).toFixed(1)} ${y(of(point, contender).value).toFixed(1)}`).join('');
    const marks = points.map((point) => {
      const { value, low, high } = of(point, contender);
      const whisker = Number.isFinite(low) ? `<line x1="${x(point.at)}" x2="${x(point.at)}" y1="${y(low)}" y2="${y(high)}" stroke="${colour}" stroke-width="1.5"/>` : '';
      return `${whisker}<circle cx="${x(point.at).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3.5" fill="${colour}"/>`;
    });
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.2" stroke-linejoin="round"/>${marks.join('')}`;
  });
  return [
    text(left, top - 10, title, { fill: INK, weight: 600, size: 13 }),
    ...grid,
    ...labelled.map((at) => text(x(at), bottom + 18, trimmed(Number.isInteger(at) ? at : Number(at.toPrecision(2))), { anchor: 'middle', fill: SOFT, size: 13 })),
    text(left + PANEL.width / 2, bottom + 38, axis, { anchor: 'middle', fill: SOFT, size: 13 }),
    ...lines,
  ].join('');
}
