/** Where in a file something stands: its line, from 1 as editors count, and where the file is one list, which of its elements, from 1. */
export interface Place {
  line: number;
  element?: number;
}

/** What a file holds and cannot be read, with its place. */
export class FileError extends Error implements Place {
  readonly line: number;
  readonly element?: number;

  constructor(
    { line, element }: Place,
    /** Name of the field that is wrong, with dots for depth; empty for the line or element as a whole. */
    readonly field: string,
    /** What is wrong, without the place and without a full stop. */
    readonly reason: string,
  ) {
    const place = element === undefined ? `Line ${line}` : `Element ${element} (line ${line})`;
    super(`${place}${field && `, field ${JSON.stringify(field.slice(0, 100))}`}: ${reason}. Nothing was imported.`);
    this.name = 'FileError';
    this.line = line;
    if (element !== undefined) this.element = element;
  }
}

/** What a reader of a file's parts yields: the value of one, or why it has none; then the reader goes on. */
export type Entry = Place & ({ value: unknown } | { error: FileError });
