/** One deliberate mistake in the mathematics, and the tests that must notice it. */
export interface Mutant {
  /** The mistake, in a few words. */
  name: string;
  /** From the root of the project. */
  file: string;
  /** The correct code, exactly as it stands in the file, where it must occur once. */
  find: string;
  /** The mistake in its place. It must run: a test has to fail for the number that it computes. */
  replace: string;
  /** Test files, from the root of the project; one of them has to fail. */
  tests: readonly string[];
  /** Whether the tests run in Node or on WebGPU. */
  project: 'unit' | 'gpu';
}

/** A mutant whose code is no longer there, or no longer alone. */
export class RottenMutantError extends Error {
  constructor({ name, file, find }: Mutant, occurrences: number) {
    super(`The mutant “${name}” has rotted: what it replaces occurs ${occurrences} times in ${file}, and must occur once. Bring it up to date with the code; it looks for\n${find}`);
    this.name = 'RottenMutantError';
  }
}

/** A file's text with the mistake in it. Throws {@link RottenMutantError}. */
export function mutate(source: string, mutant: Mutant): string {
  const [before, after, ...more] = source.split(mutant.find);
  if (after === undefined || more.length > 0) throw new RottenMutantError(mutant, source.split(mutant.find).length - 1);
  return before + mutant.replace + after;
}
