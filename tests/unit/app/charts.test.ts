import { describe, expect, it } from 'vitest';
import { captionOf } from '../../../src/app/charts/caption';
import { formatChange, formatNats, formatNumber, formatPlain } from '../../../src/app/charts/number';
import { trendOf } from '../../../src/app/charts/trend';
import { columnsOf } from '../../../src/app/charts/plot';
import { figuresOf, ratioReading, tintOf } from '../../../src/app/optimise/tokenReading';

/** Noise without a direction, drawn by a linear congruential generator. */
function noise(n: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: n }, () => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5);
}

describe('a trend', () => {
  it('is seen through noise smaller than it', () => {
    const wiggle = noise(12, 3);
    expect(trendOf(wiggle.map((y, i) => i * 0.3 + y))).toBe('rising');
    expect(trendOf(wiggle.map((y, i) => -i * 0.3 + y))).toBe('falling');
  });

  it('is claimed of pure noise in at most 1 of 20 series', () => {
    const claims = Array.from({ length: 400 }, (_, k) => trendOf(noise(12, 1000 + 7919 * k))).filter((trend) => trend !== 'steady');
    expect(claims.length / 400).toBeLessThan(0.05);
  });

  it('needs four points, and looks at the last of them only', () => {
    expect(trendOf([1, 2, 3])).toBe('unclear');
    expect(trendOf([...Array.from({ length: 20 }, (_, i) => i), ...Array<number>(12).fill(5)])).toBe('steady');
  });
});

describe('numbers as they are read', () => {
  it.each([[0, '0'], [0.0421, '0.042'], [-0.5, '−0.50'], [4.126, '4.13'], [41.26, '41.3'], [412.6, '413'], [0.00003, '3.0e−5'], [-0.00003, '−3.0e−5'], [Number.NaN, '–']])('%d as %s', (value, text) => expect(formatNumber(value)).toBe(text));

  it('keep their sign where they are differences, and their unit where they are distances', () => {
    expect(formatChange(0.5)).toBe('+0.50');
    expect(formatNats(1.04)).toBe('1.0 nat');
    expect(formatNats(4.12)).toBe('4.1 nats');
    expect(formatPlain(0.0002)).toBe('2e−4');
    expect(formatPlain(6)).toBe('6');
  });
});

describe('a panel', () => {
  const panel = { title: 'KL', about: '', lines: [{ label: 'KL', colour: 'tuned' as const, values: [1, 2, null], halfWidth: [0.5, null, null] }], target: { value: 6, label: 'target' } };

  it('has a caption with the last value and the target', () => {
    expect(captionOf(panel, 'iteration', [1, 2, 3])).toBe('At iteration 3: KL 2.00. Target: 6.');
    expect(captionOf(panel, 'iteration', [])).toBe('KL: nothing yet.');
  });

  it('is summed up by its own lines, up to their end, and not by those of other runs', () => {
    const own = { label: 'KL', colour: 'tuned' as const, values: [1, 2, null] };
    const other = { label: 'Run 2', colour: 'ink' as const, values: [5, 6, 7], other: 0 };
    expect(captionOf({ ...panel, lines: [own, other] }, 'iteration', [1, 2, 3])).toBe('At iteration 2: KL 2.00. Target: 6.');
  });

  it('draws its interval around its values, with gaps where either is missing', () => {
    expect(columnsOf(panel, [1, 2, 3])).toEqual([[1, 2, 3], [1, 2, null], [0.5, null, null], [1.5, null, null]]);
  });
});

describe('a token', () => {
  const token = (ratio: number) => ({ text: ' a', logProb: Math.log(0.2), referenceLogProb: Math.log(0.2) - ratio });

  it('is tinted by whose it is, the more the likelier', () => {
    expect(tintOf(token(1.5)).side).toBe('tuned');
    expect(tintOf(token(1.5)).strength).toBeCloseTo(0.5);
    expect(tintOf(token(-9))).toEqual({ side: 'base', strength: 1 });
  });

  it('is read as a factor', () => {
    expect(ratioReading(token(Math.log(3)))).toBe('3.0 times as likely as under the base model');
    expect(ratioReading(token(-Math.log(20)))).toBe('20 times as unlikely as under the base model');
    expect(ratioReading(token(0))).toBe('as likely as under the base model');
    expect(figuresOf(token(0)).map(({ value }) => value)).toContain('20 % (log −1.61)');
  });
});
