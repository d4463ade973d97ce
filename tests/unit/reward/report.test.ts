import { describe, expect, it } from 'vitest';
import { proportion } from '../../../src/feedback/proportion';
import type { PairVerdict } from '../../../src/feedback/judgement';
import { showsSecondOnLeft } from '../../../src/feedback/sides';
import { calibrationOf } from '../../../src/reward/calibration';
import { normalisation } from '../../../src/reward/normalisation';
import { heldOutReport, type ScoredPair } from '../../../src/reward/report';
import { splitByPrompt } from '../../../src/reward/split';
import { RandomStream } from '../../../src/tensor/random';

function scored(id: string, verdict: PairVerdict, scores: [number, number], lengths: [number, number], swapped = false): ScoredPair {
  return { pair: { comparisonId: id, prompt: 'p', responses: ['a', 'b'], verdict, swapped }, scores, lengths };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('the held-out report', () => {
  const PAIRS = [
    scored('right', 'first', [2, 0], [10, 10]),
    scored('wrong', 'second', [1, 0], [12, 8], true),
    scored('very wrong', 'first', [-3, 1], [20, 30]),
    scored('right too', 'second', [0, 0.5], [40, 20], true),
    scored('tie', 'tie', [5, -5], [1, 50]),
    scored('bad', 'both-bad', [0, 0], [3, 3]),
  ];
  const report = heldOutReport(PAIRS);
  // Scores of the preferred response less the other's.
  const margins = [2, -1, -4, 0.5];

  it('counts pairs that were decided', () => {
    expect(report.accuracy).toMatchObject({ value: 0.5, n: 4 });
    expect(report.meanMargin).toBeCloseTo(-2.5 / 4, 12);
    expect(report.logLoss).toBeCloseTo(margins.reduce((sum, m) => sum - Math.log(sigmoid(m)), 0) / 4, 12);
    expect(report.brier).toBeCloseTo(margins.reduce((sum, m) => sum + (1 - sigmoid(m)) ** 2, 0) / 4, 12);
  });

  it('calibrates the stated probability that the left one is better', () => {
    // Left better with σ(2) = .88, σ(−1) = .27, σ(−4) = .02 and σ(.5) = .62; it was each time but the last.
    const pairs = [...PAIRS.slice(0, 3), scored('wrong too', 'first', [0, 0.5], [40, 20], true)];
    const { calibration, calibrationError } = heldOutReport(pairs);
    expect(calibration.map(({ low, observed, n }) => [low, observed, n])).toEqual([[0, 1, 1], [0.2, 1, 1], [0.6, 0, 1], [0.8, 1, 1]]);
    const expected = (1 - sigmoid(2) + (1 - sigmoid(-1)) + (1 - sigmoid(-4)) + sigmoid(0.5)) / 4;
    expect(calibrationError).toBeCloseTo(expected, 12);
  });

  it('finds a calibrated model calibrated though the file names the preferred response first each time', () => {
    const random = new RandomStream(7);
    const pairs = Array.from({ length: 4000 }, (_, i) => {
      const gap = 2 * random.normal();
      const margin = random.uniform() < sigmoid(gap) ? gap : -gap;
      return scored(`${i}`, 'first', [margin, 0], [5, 5], showsSecondOnLeft(3, i));
    });
    // Of a perfect forecast about 0.02 is left by the chance of ten bins of 400.
    expect(heldOutReport(pairs).calibrationError).toBeLessThan(0.03);
  });

  it('says how often the left side won, and how often the model prefers it', () => {
    // Shown on the left: first, second, first, second. So labels: left every time; the model: left, right, right, left.
    expect(report.leftSide!.labels).toMatchObject({ value: 1, n: 4 });
    expect(report.leftSide!.model).toMatchObject({ value: 0.5, n: 4 });
  });

  it('correlates reward with length over every response', () => {
    const x = PAIRS.flatMap(({ lengths }) => lengths);
    const y = PAIRS.flatMap(({ scores }) => scores);
    const n = x.length;
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    const cov = n * sum(x.map((v, i) => v * y[i])) - sum(x) * sum(y);
    const r = cov / Math.sqrt((n * sum(x.map((v) => v * v)) - sum(x) ** 2) * (n * sum(y.map((v) => v * v)) - sum(y) ** 2));
    expect(report.lengthCorrelation).toBeCloseTo(r, 12);
    expect(heldOutReport([scored('a', 'first', [1, 2], [5, 5])]).lengthCorrelation).toBeNull();
  });

  it('splits accuracy by length without parting pairs of one length', () => {
    const lengths = [4, 4, 4, 9, 9, 10, 11, 12];
    const pairs = lengths.map((length, i) => scored(`${i}`, 'first', [i < 3 ? 1 : -1, 0], [length, length]));
    const buckets = heldOutReport(pairs).accuracyByLength.map(({ from, to, accuracy }) => [from, to, accuracy.value, accuracy.n]);
    expect(buckets).toEqual([[4, 4, 1, 3], [9, 9, 0, 2], [10, 10, 0, 1], [11, 12, 0, 2]]);
  });

  it('gives a model that cannot tell them apart half a point', () => {
    expect(heldOutReport([scored('same', 'first', [1, 1], [2, 3])]).accuracy!.value).toBe(0.5);
  });
});

describe('calibration', () => {
  it('is perfect where what was said comes true that often', () => {
    const forecasts = [0.25, 0.25, 0.25, 0.25, 1, 1].map((probability, i) => ({ probability, happened: i === 0 || i > 3 }));
    const { bins, error } = calibrationOf(forecasts);
    expect(error).toBeCloseTo(0, 12);
    expect(bins).toEqual([
      { low: 0.2, high: 0.3, predicted: 0.25, observed: 0.25, n: 4 },
      { low: 0.9, high: 1, predicted: 1, observed: 1, n: 2 },
    ]);
  });
});

describe('a proportion', () => {
  it('has the interval of Wilson', () => {
    // Newcombe 1998, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    for (const [successes, n, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ]) {
      const interval = proportion(successes, n)!;
      expect(interval.value).toBeCloseTo(successes / n, 12);
      expect(interval.low).toBeCloseTo(low, 4);
      expect(interval.high).toBeCloseTo(high, 4);
    }
  });

  it('of nothing is nothing', () => {
    expect(proportion(0, 0)).toBeNull();
    expect(proportion(5, 5)!.high).toBe(1);
  });
});

describe('the split', () => {
  const pairs = Array.from({ length: 60 }, (_, i) => ({ id: i, prompt: `p${i % 20}` }));

  it('keeps every prompt on one side', () => {
    const { train, heldOut } = splitByPrompt(pairs, 0.2, new RandomStream(1));
    const [a, b] = [train, heldOut].map((side) => new Set(side.map(({ prompt }) => prompt)));
    expect([...a].filter((prompt) => b.has(prompt))).toEqual([]);
    expect([a.size, b.size, train.length + heldOut.length]).toEqual([16, 4, 60]);
  });

  it('depends on the seed alone', () => {
    const of = (seed: number) => splitByPrompt(pairs, 0.2, new RandomStream(seed)).heldOut.map(({ id }) => id);
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it('holds out one of two prompts, and none of one', () => {
    expect(splitByPrompt(pairs.filter(({ id }) => id % 20 < 2), 0.01, new RandomStream(1)).heldOut).toHaveLength(3);
    expect(splitByPrompt(pairs.filter(({ id }) => id % 20 === 0), 0.5, new RandomStream(1)).heldOut).toEqual([]);
    expect(splitByPrompt(pairs, 0, new RandomStream(1)).heldOut).toEqual([]);
    expect(splitByPrompt(pairs, 1, new RandomStream(1)).train).toHaveLength(3);
    expect(splitByPrompt([], 0.2, new RandomStream(1))).toEqual({ train: [], heldOut: [], setAside: [] });
  });

  it('is the same where nothing or all was chosen, and sets aside what was chosen of held-out prompts', () => {
    const split = (chosen: (id: number) => boolean) => splitByPrompt(pairs.map((pair) => (chosen(pair.id) ? { ...pair, chosen: true as const } : pair)), 0.2, new RandomStream(1));
    const sides = ({ train, heldOut, setAside }: ReturnType<typeof split>) => [train, heldOut, setAside].map((side) => side.map(({ id }) => id));
    expect(sides(split(() => true))).toEqual(sides(split(() => false)));
    // Two of three pairs of each prompt.
    const { train, heldOut, setAside } = split((id) => id >= 20);
    expect([train.length, heldOut.length, setAside.length]).toEqual([48, 4, 8]);
    expect(heldOut.every(({ id }) => id < 20)).toBe(true);
    expect(new Set(setAside.map(({ prompt }) => prompt))).toEqual(new Set(heldOut.map(({ prompt }) => prompt)));
    // Prompts of which all was chosen are all learned from.
    const some = split((id) => id % 20 >= 5);
    expect(some.heldOut.every(({ id }) => id % 20 < 5)).toBe(true);
    expect([some.heldOut.length, some.setAside.length]).toEqual([12, 0]);
  });
});

describe('normalisation', () => {
  it('gives mean 0 and biased standard deviation 1', () => {
    const { gain, bias } = normalisation(Float32Array.of(1, 2, 3, 4));
    expect(gain).toBeCloseTo(1 / Math.sqrt(1.25), 6);
    expect(bias).toBeCloseTo(-2.5 / Math.sqrt(1.25), 6);
  });

  it('does not blow up scores that are all the same', () => {
    expect(normalisation(Float32Array.of(3, 3, 3))).toEqual({ gain: 1, bias: -3 });
  });
});
