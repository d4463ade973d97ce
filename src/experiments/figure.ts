/*
 * What an experiment shows, as plain data: the page and the terminal draw it
 * alike (app/charts/Figure.svelte).
 */

export interface Figure {
  panels: FigurePanel[];
}

export interface FigurePanel {
  title: string;
  x: Axis;
  y: Axis;
  series: Series[];
  /** Horizontal or vertical lines with a meaning. */
  marks?: { at: 'x' | 'y'; value: number; label: string }[];
}

export interface Axis {
  label: string;
  /** 'log': equal distances for equal factors, all values above 0. 'sqrt': the place is the root of the value, none below 0. */
  scale?: 'linear' | 'log' | 'sqrt';
  /** A value that the axis shows in any case. */
  includes?: number[];
}

export interface Series {
  label: string;
  /** Colour and shape: series of the same number, across panels, look alike. */
  look: number;
  as: 'line' | 'dashes' | 'points';
  points: FigurePoint[];
}

export interface FigurePoint {
  x: number;
  y: number;
  /** Interval of y. */
  low?: number;
  high?: number;
  /** A word beside the point. */
  label?: string;
}

export interface Table {
  columns: string[];
  rows: string[][];
}
