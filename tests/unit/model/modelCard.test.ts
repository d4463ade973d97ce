import { describe, expect, it } from 'vitest';
import { lossCurve } from '../../../tools/modelCard/lossCurve';
import { samplesPage } from '../../../tools/modelCard/samples';

const point = (tokens: number, train_nats: number, valid_nats: number) => ({ step: tokens / 100, tokens, train_nats, valid_nats, valid_bits_per_byte: 1 });

describe('lossCurve', () => {
  const svg = lossCurve('A <model>', [point(1e6, 3, 2.8), point(2e6, 2.5, 2.4), point(4e6, 2.1, 2.09)]);
  const path = (name: string) =>
    [...svg.match(new RegExp(`class="line ${name}" d="([^"]*)"`))![1].matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

  it('draws each loss to scale, lower where it is smaller', () => {
    const [a, b, c] = path('validation');
    expect((c[0] - b[0]) / (b[0] - a[0])).toBeCloseTo(2, 2);
    expect((b[1] - a[1]) / (c[1] - b[1])).toBeCloseTo(0.4 / 0.31, 1);
    expect(a[1]).toBeLessThan(c[1]);
    expect(path('training')[0][1]).toBeLessThan(a[1]);
  });

  it('says the last losses at the ends of the lines, apart from each other, and escapes its title', () => {
    const heights = [...svg.matchAll(/class="label \w+" x="\d+" y="([\d.]+)">(\w+ [\d.]+)</g)].map(([, y, text]) => [Number(y), text] as const);
    expect(heights.map(([, text]) => text)).toEqual(['training 2.100', 'validation 2.090']);
    expect(Math.abs(heights[0][0] - heights[1][0])).toBeGreaterThanOrEqual(17.9);
    expect(svg).toContain('A &lt;model&gt;');
    expect(svg).not.toContain('NaN');
  });

  it('needs two measurements', () => {
    expect(() => lossCurve('x', [point(1, 1, 1)])).toThrow(/two measurements/);
  });
});

it('the page of samples shows text as it is, and where it was cut off', () => {
  const page = samplesPage('M', [
    { prompt: 'One *day*', continuation: ' came.\nThe end.', ended: true },
    { prompt: 'Two', continuation: ' went', ended: false },
  ]);
  expect(page).toContain('> **One \\*day\\*** came.\n>\n> The end.\n');
  expect(page).toContain('> **Two** went […]\n');
  expect(page).toContain('1 of the 2 end by themselves');
});
