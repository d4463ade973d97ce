import { acrossSeeds } from './acrossSeeds';

/** A number as a person reads it, with a real minus sign. */
export function decimal(value: number, digits = 2): string {
  return value.toFixed(digits).replace('-', '−');
}

/** “1.06 [0.91, 1.21]”: mean over the seeds with its 95 % interval, which one seed does not have. */
export function meanInWords(values: readonly number[], digits = 2): string {
  const { mean, low, high, n } = acrossSeeds(values);
  return n === 1 ? decimal(mean, digits) : `${decimal(mean, digits)} [${decimal(low, digits)}, ${decimal(high, digits)}]`;
}
