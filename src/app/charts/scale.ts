import type { Axis, FigurePanel, FigurePoint } from '../../experiments/figure';

/** From values to places between 0 and 1, and the values that the axis names. */
export interface Scale {
  place(value: number): number;
  ticks: number[];
}

const PLACES: Record<NonNullable<Axis['scale']>, (value: number) => number> = { linear: (value) => value, log: Math.log, sqrt: (value) => Math.sqrt(Math.max(0, value)) };

/** An axis that shows all of `values`, with a little room at its ends where those are not 0. */
export function scaleOf(axis: Axis, values: readonly number[], ticks: number): Scale {
  const kind = axis.scale ?? 'linear';
  const seen = [...values, ...(axis.includes ?? [])].filter(Number.isFinite);
  const least = Math.min(...seen);
  const most = Math.max(...seen);
  const at = PLACES[kind];
  const room = (at(most) - at(least) || Math.abs(at(most)) || 1) * 0.05;
  const low = least === 0 ? at(0) : at(least) - room;
  const high = most === 0 ? at(0) : at(most) + room;
  const place = (value: number) => (at(value) - low) / (high - low);
  return { place, ticks: (kind === 'linear' ? round(least, most, ticks) : spaced(least, most, place, ticks)).filter((tick) => place(tick) > -1e-9 && place(tick) < 1 + 1e-9) };
}

/** The scales of a panel's axes: those of its points with their intervals, and of its marks. */
export function scalesOf({ x, y, series, marks = [] }: FigurePanel): { x: Scale; y: Scale } {
  const points = series.flatMap((each): readonly FigurePoint[] => each.points);
  const marked = (at: 'x' | 'y') => marks.filter((mark) => mark.at === at).map(({ value }) => value);
  return {
    x: scaleOf(x, [...points.map((point) => point.x), ...marked('x')], 6),
    y: scaleOf(y, [...points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]), ...marked('y')], 5),
  };
}

/** About `count` round numbers from `low` to `high`. */
function round(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Of the numbers 1, 2, 5, 10, … those that lie far enough apart; 0 too where the axis has it. */
function spaced(low: number, high: number, place: (value: number) => number, count: number): number[] {
  const chosen: number[] = low <= 0 ? [0] : [];
  for (let power = -3; power <= 6; power++)
    for (const factor of [1, 2, 5]) {
      const tick = Number((factor * 10 ** power).toPrecision(1));
      if (tick < low || tick > high) continue;
      if (chosen.length === 0 || place(tick) - place(chosen.at(-1)!) > 0.7 / count) chosen.push(tick);
    }
  return chosen;
}
