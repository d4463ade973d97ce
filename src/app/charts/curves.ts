import type { Explained } from '../controls/definitions';
import type { Panel } from './panel';

type Point = { step: number; loss: number };

/** What explains the two losses. */
export interface LossNames {
  train: Explained;
  heldOut: Explained;
}

/** Training and held-out loss on the steps of both; the held-out one is measured now and then, and its points are joined. */
export function lossCurves(train: readonly Point[], heldOut: readonly Point[], { about, target, names }: Pick<Panel, 'about' | 'target'> & { names: LossNames }): { x: number[]; panel: Panel } {
  const x = [...new Set([...train, ...heldOut].map(({ step }) => step))].sort((a, b) => a - b);
  const lines: Panel['lines'] = [{ label: 'training', of: names.train, colour: 'ink', values: valuesAt(x, train) }];
  if (heldOut.length > 0) lines.push({ label: 'held out', of: names.heldOut, colour: 'tuned', values: between(x, heldOut) });
  return { x, panel: { title: 'Loss', about, lines, target, fromZero: true } };
}

function valuesAt(x: readonly number[], points: readonly Point[]): (number | null)[] {
  const known = new Map(points.map(({ step, loss }) => [step, loss]));
  return x.map((step) => known.get(step) ?? null);
}

/** Linear between two measurements, as a chart joins them; nothing before the first and after the last. */
function between(x: readonly number[], points: readonly Point[]): (number | null)[] {
  return x.map((step) => {
    const after = points.findIndex((point) => point.step >= step);
    if (after < 0) return null;
    const [right, left] = [points[after], points[after - 1]];
    if (right.step === step) return right.loss;
    return left ? left.loss + ((right.loss - left.loss) * (step - left.step)) / (right.step - left.step) : null;
  });
}
