import type { MetricName, PpoMetrics } from '../../lab/protocol';
import { OTHER_RUNS } from '../charts/dashes';
import type { Line, Panel } from '../charts/panel';

type History = readonly { iteration: number; metrics: PpoMetrics }[];

/** A run that is drawn beside the one that is looked at. */
export interface OtherRun {
  name: string;
  history: History;
}

/** Every iteration of any of the runs, first to last. */
export function sharedIterations(own: History, others: readonly OtherRun[]): number[] {
  return [...new Set([own, ...others.map(({ history }) => history)].flatMap((history) => history.map(({ iteration }) => iteration)))].sort((a, b) => a - b);
}

/**
 * A run's panels with the same figure of other runs in each, where a panel has
 * several: its first. Values stand at `x`, which holds every iteration of `own`.
 */
export function besideOthers(panels: readonly Panel[], own: History, others: readonly OtherRun[], x: readonly number[]): Panel[] {
  if (others.length === 0) return [...panels];
  const places = new Map(own.map(({ iteration }, i) => [iteration, i]));
  const atX = (values: readonly (number | null)[]) => x.map((iteration) => values[places.get(iteration) ?? -1] ?? null);
  const measured = others.map(({ history }) => new Map(history.map(({ iteration, metrics }) => [iteration, metrics])));
  return panels.map((panel) => {
    const [first] = panel.lines;
    const lines: Line[] = panel.lines.map((line) => ({ ...line, values: atX(line.values), ...(line.halfWidth && { halfWidth: atX(line.halfWidth) }) }));
    others.forEach(({ name }, other) => {
      const values = x.map((iteration) => {
        const value = measured[other].get(iteration)?.[first.of as MetricName];
        return value === undefined ? null : value / (first.unit ?? 1);
      });
      lines.push({ label: name, of: first.of, colour: OTHER_RUNS[other].colour, values, other });
    });
    return { ...panel, lines };
  });
}

/** What depends on the clock, or on what else the device does. */
const CIRCUMSTANCE = /^(time|gpu)\//;

/** How many first iterations two runs have measured the very same in, to the bit, clocks and the device's counters aside. */
export function sameIterations(a: History, b: History): number {
  const differs = ({ metrics }: History[number], i: number) => {
    const others = b[i]?.metrics;
    const names = Object.keys({ ...metrics, ...others }).filter((name) => !CIRCUMSTANCE.test(name)) as MetricName[];
    return !others || names.some((name) => !Object.is(metrics[name], others[name]));
  };
  const first = a.findIndex(differs);
  return first < 0 ? a.length : first;
}
