import type { Measured } from './measure';
import type { Spread } from './spread';

/** Figures as a person reads them. */
export const seconds = {
  time: (value: number) => (value < 1 ? `${(value * 1000).toFixed(value < 0.01 ? 1 : 0)} ms` : `${value.toFixed(2)} s`),
  range: ({ low, high }: Spread) => `${seconds.time(low)} – ${seconds.time(high)}`,
  ratio: ({ median, low, high }: Spread) => `${median.toFixed(1)} × (${low.toFixed(1)} – ${high.toFixed(1)})`,
};

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** The usual columns, and a last one that `compared` fills. */
export function rowsOf(measured: readonly Measured[], compared: (one: Measured) => string): string[][] {
  const header = ['', 'median', 'quartiles', 'n', 'launches', 'copies', 'submits', 'uploads', 'read-backs', 'GPU memory', 'time against ours'];
  return [
    header,
    ...measured.map((one) => {
      const { counts, peakBytes } = one.samples.at(-1)!;
      const { launches, copies, submits, uploads, readBacks } = counts;
      return [one.name, seconds.time(one.seconds.median), seconds.range(one.seconds), String(one.seconds.n), ...[launches, copies, submits, uploads, readBacks].map(String), megabytes(peakBytes), compared(one)];
    }),
  ];
}

/** Rows as aligned text: the first column to the left, all others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `    ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}`.trimEnd()).join('\n');
}
