import type { HistoryPoint } from '../pretrain/history';

const [WIDTH, HEIGHT] = [720, 360];
const PLOT = { left: 56, right: 600, top: 56, bottom: 308 };
const GRID_LINES = 5;

interface Series {
  name: string;
  className: string;
  of: (point: HistoryPoint) => number;
}

const SERIES: Series[] = [
  { name: 'training', className: 'training', of: (point) => point.train_nats },
  { name: 'validation', className: 'validation', of: (point) => point.valid_nats },
];

/** The loss of a pretraining run over the tokens it has seen, as an SVG that reads on light and on dark pages. */
export function lossCurve(title: string, points: readonly HistoryPoint[]): string {
  if (points.length < 2) throw new RangeError(`A curve needs two measurements at least; the history holds ${points.length}.`);
  const losses = points.flatMap((point) => SERIES.map(({ of }) => of(point)));
  const step = niceStep((Math.max(...losses) - Math.min(...losses)) / GRID_LINES);
  const [low, high] = [Math.floor(Math.min(...losses) / step) * step, Math.ceil(Math.max(...losses) / step) * step];
  const most = points.at(-1)!.tokens;
  const x = (tokens: number) => PLOT.left + ((PLOT.right - PLOT.left) * tokens) / most;
  const y = (loss: number) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * (loss - low)) / (high - low);

  const grid: string[] = [];
  for (let i = 0; low + i * step <= high + step / 2; i++) {
    const loss = low + i * step;
    grid.push(
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(y(loss))}" y2="${round(y(loss))}"/>`,
      `<text class="quiet" x="${PLOT.left - 8}" y="${round(y(loss) + 4)}" text-anchor="end">${loss.toFixed(decimals(step))}</text>`,
    );
  }
  const tokenStep = niceStep(most / GRID_LINES);
  for (let tokens = 0; tokens <= most; tokens += tokenStep)
    grid.push(`<text class="quiet" x="${round(x(tokens))}" y="${PLOT.bottom + 20}" text-anchor="middle">${tokens === 0 ? 0 : `${tokens / 1e6} M`}</text>`);

  const ends = labelPlaces(SERIES.map(({ of }) => y(of(points.at(-1)!))));
  const lines = SERIES.map(({ name, className, of }, i) => {
    const path = points.map((point, j) => `${j ? 'L' : 'M'}${round(x(point.tokens))} ${round(y(of(point)))}`).join('');
    return `<path class="line ${className}" d="${path}"/>
  <text class="label ${className}" x="${PLOT.right + 8}" y="${round(ends[i] + 4)}">${name} ${of(points.at(-1)!).toFixed(3)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title">
  <title id="title">${escape(title)}: loss in nats a token over training tokens, ending at ${points.at(-1)!.valid_nats.toFixed(3)} on validation text</title>
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .heading { font-weight: 600; font-size: 15px; }
    .quiet { fill: #59636e; }
    .grid { stroke: #d1d9e0; }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
    .line.training { stroke: #8a6d00; stroke-dasharray: 5 4; }
    .line.validation { stroke: #0969da; }
    .label.training { fill: #8a6d00; }
    .label.validation { fill: #0969da; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .quiet { fill: #9198a1; }
      .grid { stroke: #3d444d; }
      .line.training { stroke: #d4a72c; }
      .line.validation { stroke: #4493f8; }
      .label.training { fill: #d4a72c; }
      .label.validation { fill: #4493f8; }
    }
  </style>
  <text class="heading" x="${PLOT.left}" y="24">${escape(title)}</text>
  <text class="quiet" x="${PLOT.left}" y="43">loss, nats a token</text>
  ${grid.join('\n  ')}
  ${lines.join('\n  ')}
  <text class="quiet" x="${PLOT.right}" y="${HEIGHT - 10}" text-anchor="end">training tokens seen</text>
</svg>
`;
}

/** The largest of 1, 2 and 5 times a power of ten that is not above `rough` by more than half. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([5, 2, 1].find((digit) => digit * power <= 1.5 * rough) ?? 1) * power;
}

const decimals = (step: number) => Math.max(0, -Math.floor(Math.log10(step)));
const round = (value: number) => Math.round(value * 10) / 10;
const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Heights for the labels at two lines' ends, moved apart where they would overlap. */
function labelPlaces([first, second]: number[]): number[] {
  const apart = 18;
  const gap = Math.abs(first - second);
  if (gap >= apart) return [first, second];
  const shift = (apart - gap) / 2;
  return first <= second ? [first - shift, second + shift] : [first + shift, second - shift];
}
