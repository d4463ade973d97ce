import { describe, expect, it } from 'vitest';
import { goldAgainstProxy, runAgainstDistance } from '../../../src/experiments/goldAgainstProxy';

/** d(α − β log d), which turns at log d = α/β − 1. */
const gold = (kl: number, alpha: number, beta: number) => (kl === 0 ? 0 : Math.sqrt(kl) * (alpha - beta * Math.log(Math.sqrt(kl))));
const kls = [0, 0.2, 1, 4, 9, 16, 36, 64, 100];

describe('gold against proxy', () => {
  it('marks where the gold score turns', () => {
    const { marks, series } = goldAgainstProxy('PPO', kls.map((kl) => ({ kl, gold: gold(kl, 2, 1), proxy: 2 * Math.sqrt(kl) })), 'rl');
    // log d = 2/1 − 1, so d = e and the KL e².
    expect(marks).toEqual([{ at: 'x', value: expect.closeTo(Math.E ** 2, 6), label: 'gold turns at 7.4 nats' }]);
    for (const { x, y } of series[2].points) expect(y).toBeCloseTo(gold(x, 2, 1), 9);
  });

  it('marks nothing that lies beyond what was seen', () => {
    expect(goldAgainstProxy('PPO', kls.map((kl) => ({ kl, gold: gold(kl, 4, 1), proxy: 0 })), 'rl').marks).toEqual([]);
  });

  it('counts a run’s gold score from its first iterations', () => {
    const history = kls.map((kl) => ({ metrics: { 'objective/kl': kl, 'objective/score_mean': Math.sqrt(kl), gold: 3 + gold(kl, 2, 1) } }));
    const figure = runAgainstDistance(history)!;
    // KL 0 and 0.2 lie near enough to be the base model.
    const base = 3 + (gold(0, 2, 1) + gold(0.2, 2, 1)) / 2;
    const [points] = figure.panels[1].series;
    expect(points.points[3].y).toBeCloseTo(3 + gold(4, 2, 1) - base, 9);
    expect(figure.panels[0].series).toHaveLength(1);
  });

  it('shows nothing of a run without gold scores, or of a short one', () => {
    const metrics = kls.map((kl) => ({ metrics: { 'objective/kl': kl, 'objective/score_mean': 1, gold: 1 } }));
    expect(runAgainstDistance(metrics.slice(0, 5))).toBeNull();
    expect(runAgainstDistance(metrics.map(({ metrics: { gold: _, ...rest } }) => ({ metrics: rest })))).toBeNull();
    expect(runAgainstDistance(metrics.slice(2))).toBeNull();
  });
});
