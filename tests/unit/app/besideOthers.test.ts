import { describe, expect, it } from 'vitest';
import { OTHER_RUNS } from '../../../src/app/charts/dashes';
import { columnsOf } from '../../../src/app/charts/plot';
import { besideOthers, sameIterations, sharedIterations } from '../../../src/app/optimise/besideOthers';
import { mainPanels, morePanels } from '../../../src/app/optimise/panels';
import { LEAN, type PpoMetrics } from '../../../src/lab/protocol';

const history = (...metrics: PpoMetrics[]) => metrics.map((one, i) => ({ iteration: i + 1, metrics: one }));
const kl = (...values: number[]) => history(...values.map((value) => ({ 'objective/kl': value, 'objective/score_mean': -value, 'objective/score_std': 1 })));

describe('a panel beside other runs', () => {
  const own = kl(1, 2);
  const others = [{ name: 'Longer', history: kl(10, 20, 30) }, { name: 'Without', history: history({ 'objective/score_mean': 4 }) }];
  const x = sharedIterations(own, others);
  const [reward, distance] = besideOthers(mainPanels(own, LEAN), own, others, x);

  it('has every iteration of any of them on its axis', () => {
    expect(x).toEqual([1, 2, 3]);
    expect(sharedIterations(own, [])).toEqual([1, 2]);
  });

  it('draws the same figure of each, with gaps where one has none', () => {
    expect(distance.lines.map(({ label, values, other }) => ({ label, values, other }))).toEqual([
      { label: 'KL', values: [1, 2, null], other: undefined },
      { label: 'Longer', values: [10, 20, 30], other: 0 },
      { label: 'Without', values: [null, null, null], other: 1 },
    ]);
    expect(reward.lines[2].values).toEqual([4, null, null]);
    // The band of the own line has its gaps too.
    expect(columnsOf(reward, x).every((column) => column.length === 3)).toBe(true);
  });

  it('tells them apart by dash, never by tone alone', () => {
    const dashes = OTHER_RUNS.map(({ dash }) => dash.join());
    expect(new Set(dashes).size).toBe(OTHER_RUNS.length);
    expect(OTHER_RUNS).toHaveLength(5);
  });

  it('shows the first of several figures, in the panel’s own unit', () => {
    const measured = history({ 'gpu/bytes': 3e6, distinct_2: 0.5, repeat_ngram: 0.25 });
    const panels = morePanels(measured).flatMap(({ panels }) => panels);
    const drawn = besideOthers(panels, measured, [{ name: 'Again', history: measured }], [1]);
    for (const { lines } of drawn) {
      expect(lines.at(-1)).toMatchObject({ label: 'Again', values: lines[0].values });
      expect(lines.filter(({ other }) => other !== undefined)).toHaveLength(1);
    }
    expect(drawn.find(({ title }) => title === 'Device memory')!.lines.map(({ values }) => values)).toEqual([[3], [3]]);
  });
});

describe('two runs', () => {
  it('are the same up to the first iteration that differs in a bit, clocks aside', () => {
    const clocked = (seconds: number) => kl(1, 2, 3).map(({ iteration, metrics }) => ({ iteration, metrics: { ...metrics, 'time/train': seconds, 'gpu/bytes': seconds } }));
    expect(sameIterations(clocked(1), clocked(2))).toBe(3);
    expect(sameIterations(kl(1, 2, 3), kl(1, 2 + Number.EPSILON * 2, 3))).toBe(1);
    expect(sameIterations(kl(1, 2, 3), kl(1, 2))).toBe(2);
    expect(sameIterations(kl(1), history({ ...kl(1)[0].metrics, gold: 1 }))).toBe(0);
  });
});
