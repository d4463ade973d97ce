import { describe, expect, it } from 'vitest';
import type { Sample } from '../../bench/work';
import { drawGrowth } from '../../../tools/bench/growthCurves';
import { agreement, timesAsLong, type Measured } from '../../../tools/bench/measure';
import { readOptions } from '../../../tools/bench/options';
import { spreadOf } from '../../../tools/bench/spread';

const measured = (name: string, times: number[], values: number[] = []): Measured => ({
  name,
  warmUp: [{ values } as Sample],
  samples: times.map((seconds) => ({ seconds }) as Sample),
  seconds: spreadOf(times),
});

describe('what the bench says of repetitions', () => {
  it('is the median with quartiles, and of few the extremes', () => {
    expect(spreadOf([5, 1, 3, 2, 4])).toEqual({ median: 3, low: 2, high: 4, n: 5 });
    expect(spreadOf([9, 1, 2])).toEqual({ median: 2, low: 1, high: 9, n: 3 });
    expect(spreadOf([4, 1])).toMatchObject({ median: 2.5, low: 1, high: 4 });
  });

  it('compares times within a round, so that a busy minute counts for both', () => {
    const ratio = timesAsLong(measured('slow', [10, 40, 10]), measured('fast', [1, 4, 1]));
    expect(ratio).toEqual({ median: 10, low: 10, high: 10, n: 3 });
  });

  it('refuses to time what does not compute the same', () => {
    expect(agreement([measured('a', [], [1, 2]), measured('b', [], [1, 2.0005])], 1e-3)).toBeCloseTo(5e-4);
    expect(() => agreement([measured('a', [], [1, 2]), measured('b', [], [1, 2.1])], 1e-3)).toThrow(/^b computes something else than a/);
    expect(() => agreement([measured('a', [], [1]), measured('b', [], [NaN])], 1e-3)).toThrow();
    expect(() => agreement([measured('a', [], [1]), measured('b', [], [])], 1e-3)).toThrow();
  });
});

it('reads its command line, and says what is wrong with one', () => {
  expect(readOptions([])).toMatchObject({ parts: ['a', 'b', 'c', 'd', 'store'], rounds: 5, node: false, json: null });
  expect(readOptions(['--only', 'a,c', '--rounds', '2', '--node'])).toMatchObject({ parts: ['a', 'c'], rounds: 2, node: true });
  expect(readOptions(['--node'])).toMatchObject({ parts: ['a', 'b', 'c', 'd'] });
  expect(() => readOptions(['--only', 'e'])).toThrow(/"e"/);
  expect(() => readOptions(['--only', 'store', '--node'])).toThrow(/"store"/);
  expect(() => readOptions(['--rounds', '0'])).toThrow(/--rounds/);
  expect(() => readOptions(['--only', 'a', '--picture', 'x.png'])).toThrow(/--picture/);
});

it('draws growth with every point in its place', () => {
  const point = (at: number) => ({ at, seconds: { ours: spreadOf([at]), tfjs: spreadOf([7 * at]) }, peak_bytes: { ours: at * 1e6, tfjs: at * 3e6 } });
  const svg = drawGrowth({ parameters: [0.1, 0.3, 1, 3].map(point), context: [32, 64].map(point), batch: [4, 8].map(point) }, 'an adapter');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(svg.match(/<path /g)).toHaveLength(12);
});
