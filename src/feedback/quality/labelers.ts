import type { PersonRater } from '../judgement';
import { lastWord, type StandingEvents } from '../judgementState';
import { eachOf } from '../steps';
import { contradicts, statementsOf, type Measure } from './statements';

/** What several people said of the same things, ready for the coefficients of agreement. */
export interface LabelerTables {
  /** Columns of the tables, by raterKey; a person's latest name. */
  people: Map<string, PersonRater>;
  /** Of each measure a row for each thing that two or more judged, null where a person did not. */
  tables: Map<Measure, (string | number | null)[][]>;
  /** Comparisons on which two last words contradict each other and nobody has adjudicated. */
  conflicts: string[];
}

/**
 * Lays the last words of all people beside each other. A discard or a skip is no
 * answer. An adjudication settles a conflict and is not laid beside the others: it
 * is made only where they differ, so it would not be a fair sample.
 */
export function* labelerTables(standing: StandingEvents): Generator<void, LabelerTables> {
  const latest = new Map<string, { person: PersonRater; at: number }>();
  yield* eachOf(standing.values(), (raters) => {
    for (const [key, stack] of raters) {
      const last = stack.at(-1);
      if (last?.rater.kind === 'person' && last.at >= (latest.get(key)?.at ?? -Infinity)) latest.set(key, { person: last.rater, at: last.at });
    }
  });
  const people = new Map([...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { person }]) => [key, person]));
  const columns = [...people.keys()];
  const tables: LabelerTables['tables'] = new Map();
  const conflicts: string[] = [];
  yield* eachOf(standing, ([id, raters]) => {
    const independent = columns.map((key) => {
      const word = lastWord((raters.get(key) ?? []).filter((event) => event.kind !== 'judged' || !event.adjudicates));
      return word?.kind === 'judged' ? word : null;
    });
    const given = independent.filter((word) => word !== null);
    if (given.length < 2) return;
    const settled = [...raters.values()].some((stack) => {
      const word = lastWord(stack);
      return word?.kind === 'judged' && word.adjudicates;
    });
    if (!settled && given.some((one, i) => given.slice(i + 1).some((other) => contradicts(one, other)))) conflicts.push(id);
    const rows = new Map<string, { measure: Measure; row: (string | number | null)[] }>();
    independent.forEach((word, column) => {
      if (!word) return;
      for (const [about, { measure, value }] of statementsOf(word)) {
        let entry = rows.get(about);
        if (!entry) rows.set(about, (entry = { measure, row: columns.map(() => null) }));
        entry.row[column] = value;
      }
    });
    for (const { measure, row } of rows.values()) {
      if (row.filter((value) => value !== null).length < 2) continue;
      const table = tables.get(measure);
      if (table) table.push(row);
      else tables.set(measure, [row]);
    }
  });
  return { people, tables, conflicts };
}
