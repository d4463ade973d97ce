import { FileError, type Place } from '../fileError';

/*
 * A record of a file that is not trusted: what it holds under a name is looked
 * for in the record itself, never on a prototype.
 */

export interface FileRecord extends Place {
  value: unknown;
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of its own; undefined for null too, by which tools in Python say that there is none. */
export function own(value: unknown, field: string): unknown {
  return isObject(value) && Object.hasOwn(value, field) ? (value[field] ?? undefined) : undefined;
}

export const has = (value: unknown, ...fields: string[]): boolean => fields.every((field) => own(value, field) !== undefined);

/** The fields of a record. */
export function objectOf(record: FileRecord): Record<string, unknown> {
  if (!isObject(record.value)) throw new FileError(record, '', 'it is not an object');
  return record.value;
}
