import type { Explained } from '../controls/definitions';
import type { ColourName } from './colours.svelte';

/** One line of a panel, one value for each x; null where there is none. */
export interface Line {
  label: string;
  /** What explains it. */
  of?: Explained;
  colour: ColourName;
  values: (number | null)[];
  /** Half the width of each value's 95 % interval: drawn as a band. */
  halfWidth?: (number | null)[];
  /** The same where an interval does not lie evenly around its value, as those of proportions do not. */
  interval?: ({ low: number; high: number } | null)[];
  dashed?: boolean;
  /** What the measured values were divided by, where it is not 1. */
  unit?: number;
  /** Of another run than the panel's own: its place in `OTHER_RUNS`. Such lines are named by a legend. */
  other?: number;
}

/** One of several charts stacked over a shared x-axis. */
export interface Panel {
  title: string;
  /** What the panel means, for someone who meets it for the first time. */
  about: string;
  lines: Line[];
  /** A horizontal line to compare with. */
  target?: { value: number; label: string };
  /** Zero stays in view: for what cannot be negative. */
  fromZero?: boolean;
}
