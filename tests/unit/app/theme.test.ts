import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** WCAG 2.2: relative luminance and contrast ratio of sRGB colours. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const css = readFileSync(new URL('../../../src/app/theme.css', import.meta.url), 'utf8');
const pairs = new Map([...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [name, { light, dark }]));

test('contrast is computed as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  // The grey that WCAG's own documents name as the lightest that passes on white.
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
});

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
  const colour = (name: string) => {
    const pair = pairs.get(name);
    if (!pair) throw new Error(`theme.css has no colour --${name}`);
    return pair[scheme];
  };

  const surfaces = ['paper', 'sheet', 'well', 'base-wash', 'tuned-wash', 'human-wash', 'warning-wash'];
  const textOn = [
    ...['ink', 'ink-soft'].flatMap((text) => surfaces.map((surface) => [text, surface])),
    ...['base', 'tuned', 'human', 'warning'].flatMap((text) => ['paper', 'sheet', 'well', `${text}-wash`].map((surface) => [text, surface])),
    // The primary button.
    ['paper', 'ink'],
  ];
  test.each(textOn)('text in --%s on --%s reaches 4.5', (text, surface) => {
    expect(contrast(colour(text), colour(surface))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['paper', 'sheet', 'well'])('outlines of controls on --%s reach 3', (surface) => {
    expect(contrast(colour('line-strong'), colour(surface))).toBeGreaterThanOrEqual(3);
  });
});

test('what a canvas reads before the theme is resolved is the light scheme', () => {
  for (const [, name, initial] of css.matchAll(/@property --([\w-]+) \{.*initial-value: (#\w{6})/g)) expect(initial, name).toBe(pairs.get(name)?.light);
});
