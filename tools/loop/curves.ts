import type { PpoMetrics } from '../../src/rl/metrics';
import { BASE, INK, LINE, PAPER, SOFT, TUNED, niceTicks, number, text, trimmed } from '../drawing';
import type { LoopReport } from './report';

/*
 * The picture of a run: reward, gold score, KL and β over one axis of
 * iterations, as an SVG. Each curve is labelled where it ends; a thin line is
 * what was measured, the thick one its mean over five iterations.
 */

const WIDTH = 920;
const LEFT = 66;
const RIGHT = 178;
const TOP = 128;
const GAP = 44;
const BOTTOM = 54;
const SMOOTHING = 5;

interface Panel {
  title: string;
  unit: string;
  metric: keyof PpoMetrics;
  height: number;
  digits: number;
  /** Iterations that the thick line averages; a setting is exact and needs none. */
  smoothing: number;
  /** Horizontal lines with a meaning. */
  marks: { value: number; label: string; colour: string }[];
  /** Values that the axis shows in any case. */
  includes: number[];
}

/** Draw the curves of a finished loop. */
export function drawCurves(report: LoopReport): string {
  const panels = panelsOf(report);
  const height = TOP + BOTTOM + panels.reduce((sum, panel) => sum + panel.height, 0) + GAP * (panels.length - 1);
  const iterations = report.history.map(({ iteration }) => iteration);
  const last = Math.max(1, ...iterations);
  const x = (iteration: number) => LEFT + ((iteration - 1) / Math.max(1, last - 1)) * (WIDTH - LEFT - RIGHT);

  let y = TOP;
  const drawn = panels.map((panel) => {
    const svg = drawPanel(panel, report, x, y);
    y += panel.height + GAP;
    return svg;
  });
  const axisY = y - GAP;
  const ticks = niceTicks(1, last, 8).filter(Number.isInteger);
  const axis = ticks.map((tick) => text(x(tick), axisY + 20, String(tick), { anchor: 'middle', fill: SOFT })).join('');

  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif" font-size="14">
<rect width="${WIDTH}" height="${height}" fill="${PAPER}"/>
${text(LEFT, 36, title(report), { size: 19, weight: 600 })}
${text(LEFT, 60, learnedFrom(report), { fill: SOFT })}
${text(LEFT, 80, ranOn(report), { fill: SOFT })}
${drawn.join('\n')}
${axis}
${text((LEFT + WIDTH - RIGHT) / 2, axisY + 42, 'PPO iteration', { anchor: 'middle', fill: SOFT })}
</svg>`;
}

function panelsOf({ history, gold, kl }: LoopReport): Panel[] {
  const usesGold = gold !== null && history.some(({ metrics }) => metrics.gold !== undefined);
  const panels: (Panel | null)[] = [
    {
      title: 'Reward',
      unit: 'from the reward model; the base model’s have mean 0 and standard deviation 1',
      metric: 'objective/score_mean',
      height: 150,
      digits: 2,
      smoothing: SMOOTHING,
      marks: [{ value: 0, label: 'base model', colour: BASE }],
      includes: [0],
    },
    usesGold
      ? {
          title: 'Gold score',
          unit: 'what the rule itself says, which training never sees',
          metric: 'gold',
          height: 150,
          digits: 2,
          smoothing: SMOOTHING,
          marks: [{ value: gold.base.mean, label: `base ${number(gold.base.mean, 2)} ± ${number(gold.base.std, 2)}`, colour: BASE }],
          includes: [gold.base.mean, gold.base.mean + gold.base.std],
        }
      : null,
    {
      title: 'KL from the base model',
      unit: 'nats a response',
      metric: 'objective/kl',
      height: 150,
      digits: 1,
      smoothing: SMOOTHING,
      marks: kl.target === null ? [] : [{ value: kl.target, label: `target ${kl.target}`, colour: SOFT }],
      includes: [0, kl.target ?? 0],
    },
    { title: 'β', unit: 'price of a nat, in reward', metric: 'objective/kl_coef', height: 100, digits: 3, smoothing: 1, marks: [], includes: [0] },
  ];
  return panels.filter((panel) => panel !== null);
}

function title({ model, rule, seed, beta }: LoopReport): string {
  const leash = beta === 'adaptive' ? 'adaptive β' : beta === 0 ? 'no KL penalty (β = 0)' : `β = ${beta}`;
  return `PPO with ${leash}: the ${model} model, rule “${rule}”, seed ${seed}`;
}

function learnedFrom({ labels, accuracy }: LoopReport): string {
  const learned = accuracy ? `${(accuracy.value * 100).toFixed(1)} % right on ${accuracy.n} held-out pairs` : 'with nothing held out';
  return `Reward model from ${labels} simulated labels, ${learned}`;
}

function ranOn({ adapter, history, settings }: LoopReport): string {
  return `${history.length} × ${settings.ppo.batchSize} responses on ${adapter}`;
}

function drawPanel(panel: Panel, { history }: LoopReport, x: (iteration: number) => number, top: number): string {
  const points = history
    .map(({ iteration, metrics }) => ({ iteration, value: metrics[panel.metric] }))
    .filter((point): point is { iteration: number; value: number } => Number.isFinite(point.value));
  const values = [...points.map(({ value }) => value), ...panel.includes, ...panel.marks.map(({ value }) => value)];
  const [low, high] = padded(Math.min(...values), Math.max(...values));
  const y = (value: number) => top + panel.height - ((value - low) / (high - low)) * panel.height;
  const right = WIDTH - RIGHT;

  const grid = niceTicks(low, high, panel.height > 120 ? 4 : 3).map(
    (tick) =>
      `<line x1="${LEFT}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" stroke="${LINE}"/>` +
      text(LEFT - 10, y(tick) + 5, trimmed(tick), { anchor: 'end', fill: SOFT }),
  );
  const path = (line: typeof points) => line.map(({ iteration, value }, i) => `${i ? 'L' : 'M'}${x(iteration).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const smooth = points.map(({ iteration }, i) => {
    const window = points.slice(Math.max(0, i - panel.smoothing + 1), i + 1);
    return { iteration, value: window.reduce((sum, { value }) => sum + value, 0) / window.length };
  });
  const end = smooth.at(-1);

  // Labels at the right edge keep their distance from one another.
  const labels = panel.marks.map(({ value, label, colour }) => ({ at: y(value), label, colour, weight: 400 }));
  if (end) labels.push({ at: y(end.value), label: `${number(end.value, panel.digits)} at the end`, colour: TUNED, weight: 600 });
  labels.sort((a, b) => a.at - b.at);
  for (let i = 1; i < labels.length; i++) labels[i].at = Math.max(labels[i].at, labels[i - 1].at + 19);

  return [
    `<text x="${LEFT}" y="${top - 12}" fill="${INK}" font-weight="600">${panel.title}<tspan dx="10" fill="${SOFT}" font-weight="400" font-size="13">${panel.unit}</tspan></text>`,
    ...grid,
    ...panel.marks.map(({ value, colour }) => `<line x1="${LEFT}" x2="${right}" y1="${y(value)}" y2="${y(value)}" stroke="${colour}" stroke-width="1.5" stroke-dasharray="6 4"/>`),
    `<path d="${path(points)}" fill="none" stroke="${TUNED}" stroke-opacity="0.35" stroke-width="1.2" stroke-linejoin="round"/>`,
    `<path d="${path(smooth)}" fill="none" stroke="${TUNED}" stroke-width="2.6" stroke-linejoin="round" stroke-linecap="round"/>`,
    end ? `<circle cx="${x(end.iteration)}" cy="${y(end.value)}" r="4" fill="${TUNED}"/>` : '',
    ...labels.map(({ at, label, colour, weight }) => text(right + 12, at + 5, label, { fill: colour, weight })),
  ].join('');
}

function padded(low: number, high: number): [number, number] {
  const room = (high - low || 1) * 0.06;
  return [low === 0 ? 0 : low - room, high + room];
}
