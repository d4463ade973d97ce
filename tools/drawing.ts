/* What drawings of ours have in common: SVG by hand. */

// The app's light colours: see src/app/theme.css. Blue is the base model, vermilion the tuned one.
export const INK = '#211e1a';
export const SOFT = '#5d564b';
export const LINE = '#e3ddd2';
export const PAPER = '#faf8f4';
export const BASE = '#005f9e';
export const TUNED = '#ab4600';

/** About `count` round numbers within [low, high]. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function number(value: number, digits: number): string {
  return value.toFixed(digits).replace('-', '−');
}

export function trimmed(value: number): string {
  return String(value).replace('-', '−');
}

export interface TextStyle {
  anchor?: 'middle' | 'end';
  fill?: string;
  size?: number;
  weight?: number;
}

export function text(x: number, y: number, content: string, { anchor, fill = INK, size, weight }: TextStyle = {}): string {
  const escaped = content.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
  const attributes = [`x="${x}"`, `y="${y}"`, `fill="${fill}"`, anchor && `text-anchor="${anchor}"`, size && `font-size="${size}"`, weight && `font-weight="${weight}"`];
  return `<text ${attributes.filter(Boolean).join(' ')}>${escaped}</text>`;
}
