import type { ColourName } from './colours.svelte';

/** How lines of other runs are told apart: by dash and by tone; lengths in CSS pixels. A run's own lines are solid. */
export const OTHER_RUNS: readonly { dash: number[]; colour: ColourName }[] = [
  { dash: [9, 4], colour: 'ink' },
  { dash: [2, 3], colour: 'ink-soft' },
  { dash: [12, 3, 2, 3], colour: 'ink' },
  { dash: [5, 2], colour: 'ink-soft' },
  { dash: [12, 3, 2, 3, 2, 3], colour: 'ink' },
];
