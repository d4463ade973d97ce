import type { Figure, Table } from './figure';
import type { Workbench } from './workbench';

/** A question to the lab, how it is answered, and what the literature lets one expect. */
export interface Experiment<Outcome = unknown> {
  /** As in `npm run experiment -- NAME`. */
  name: string;
  title: string;
  question: string;
  /** What should be seen, with its source. */
  expectation: string;
  /** All that is made for one seed; {@link Workbench} remembers it step by step. */
  measure(bench: Workbench, seed: number): Promise<Outcome>;
  /** What all seeds together show. */
  figure(outcomes: readonly Outcome[]): Figure;
  table(outcomes: readonly Outcome[]): Table;
}

/** An experiment among others: whoever lists them cares not what each measures. */
export function experiment<Outcome>(definition: Experiment<Outcome>): Experiment {
  return definition as Experiment;
}
