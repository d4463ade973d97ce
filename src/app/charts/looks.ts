/*
 * How the series of a figure differ: a colour of the theme and a shape, so that
 * nobody needs the colour. There are more looks than colours; a dashed line
 * tells the second round of colours from the first.
 */

const COLOURS = ['var(--tuned)', 'var(--base)', 'var(--human)', 'var(--ink)'];
const SHAPES = ['circle', 'square', 'triangle', 'diamond'] as const;
const DASHES = ['', '7 4', '2 4'];

export interface Look {
  colour: string;
  shape: (typeof SHAPES)[number];
  dash: string;
}

export function lookOf(number: number): Look {
  return { colour: COLOURS[number % COLOURS.length], shape: SHAPES[number % SHAPES.length], dash: DASHES[Math.floor(number / COLOURS.length) % DASHES.length] };
}

/** The path of a mark of some radius about 0, 0. */
export function shapePath(shape: Look['shape'], r: number): string {
  switch (shape) {
    case 'circle':
      return `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`;
    case 'square':
      return `M${-r} ${-r}H${r}V${r}H${-r}Z`;
    case 'triangle':
      return `M0 ${-1.25 * r}L${1.15 * r} ${0.85 * r}H${-1.15 * r}Z`;
    case 'diamond':
      return `M0 ${-1.35 * r}L${1.35 * r} 0L0 ${1.35 * r}L${-1.35 * r} 0Z`;
  }
}
