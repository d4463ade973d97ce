import type { CommandEntry } from './commandTable';

/** Where a command can be done and by which keys: all that decides whether two get in each other's way. */
type Bound = Pick<CommandEntry, 'group' | 'scope' | 'keys'>;

/** One key that could mean two commands at once. */
export interface Clash<Id extends string = string> {
  key: string;
  ids: readonly [Id, Id];
}

/**
 * Every key that two commands have which a person can meet together: both in
 * one room, or either in every room; but not in two different scopes of one
 * room, which are never on screen together. In the order of the table.
 */
export function clashes<Id extends string>(table: Readonly<Record<Id, Bound>>): Clash<Id>[] {
  const entries = Object.entries(table) as [Id, Bound][];
  return entries.flatMap(([first, a], i) =>
    entries.slice(i + 1).flatMap(([second, b]) => (meet(a, b) ? a.keys.filter((key) => b.keys.includes(key)).map((key) => ({ key, ids: [first, second] as const })) : [])),
  );
}

function meet(a: Bound, b: Bound): boolean {
  if (a.group === 'everywhere' || b.group === 'everywhere') return true;
  return a.group === b.group && (a.scope === undefined || b.scope === undefined || a.scope === b.scope);
}
