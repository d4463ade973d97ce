import { fileBytes, type Reading } from './fileBytes';
import { FileError, type Entry } from './fileError';

/*
 * JSON Lines, read from files that are not trusted: one line is in memory at a
 * time, and every complaint names its line.
 */

/** A line that cannot be read; nothing of its file is used. */
export class JsonlError extends FileError {
  constructor(line: number, field: string, reason: string) {
    super({ line }, field, reason);
    this.name = 'JsonlError';
  }
}

export interface JsonLine {
  line: number;
  value: unknown;
}

export interface JsonlLimits {
  lineBytes: number;
  lines: number;
}

/** Far above any dataset that a person judges, far below what would hang a tab. */
export const JSONL_LIMITS: JsonlLimits = { lineBytes: 1 << 20, lines: 200_000 };

const NEWLINE = 0x0a;

/**
 * The values of a file's lines, blank ones left out.
 * @throws JsonlError where a line is too long, not UTF-8 or not JSON, or there are too many
 */
export async function* readJsonl(file: Blob, limits?: JsonlLimits, reading?: Reading): AsyncGenerator<JsonLine> {
  for await (const entry of jsonLines(file, limits, reading)) {
    if ('error' in entry) throw entry.error;
    yield entry;
  }
}

/** The same, with an entry for each line that cannot be read, after which come the lines below it. Too many lines, or a packed file that is damaged, are the last entry. */
export async function* jsonLines(file: Blob, limits: JsonlLimits = JSONL_LIMITS, reading?: Reading): AsyncGenerator<Entry> {
  let line = 0;
  try {
    for await (const bytes of splitLines(file, limits, reading)) {
      if (line === limits.lines) throw new JsonlError(line + 1, '', `the file has more than ${limits.lines} lines`);
      line++;
      const entry = entryOf(bytes, line, limits);
      if (entry) yield entry;
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    yield { line: line + 1, error: new JsonlError(line + 1, '', error.reason) };
  }
}

/** The value of a line, or what is wrong with it; null of a blank one. */
function entryOf(bytes: Uint8Array | typeof TOO_LONG, line: number, limits: JsonlLimits): Entry | null {
  try {
    if (bytes === TOO_LONG) throw new JsonlError(line, '', `it is longer than ${limits.lineBytes} bytes`);
    const text = decode(bytes, line);
    return text.trim() === '' ? null : { line, value: parse(text, line) };
  } catch (error) {
    if (!(error instanceof JsonlError)) throw error;
    return { line, error };
  }
}

const TOO_LONG = Symbol();

/** The bytes of each line without its newline. */
async function* splitLines(file: Blob, limits: JsonlLimits, reading?: Reading): AsyncGenerator<Uint8Array | typeof TOO_LONG> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array) => {
    length += part.length;
    if (length > limits.lineBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const flush = () => {
    const whole = length > limits.lineBytes ? TOO_LONG : join(parts, length);
    parts = [];
    length = 0;
    return whole;
  };
  for await (const chunk of fileBytes(file, reading)) {
    let start = 0;
    for (let end; (end = chunk.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      keep(chunk.subarray(start, end));
      yield flush();
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield flush();
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function decode(bytes: Uint8Array, line: number): string {
  try {
    // A byte-order mark is dropped where files have it, at the very start, and is text anywhere else.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: line > 1 }).decode(bytes);
  } catch {
    throw new JsonlError(line, '', 'it is not UTF-8 text; save the file as UTF-8');
  }
}

function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Absurdly deep nesting ends in a RangeError rather than a SyntaxError.
    throw new JsonlError(line, '', error instanceof SyntaxError ? 'it is not JSON; each line must be one whole object' : 'it is nested too deeply');
  }
}

/** The text of a file of these values, one on each line. */
export function writeJsonl(values: Iterable<unknown>): string {
  let text = '';
  for (const value of values) text += `${JSON.stringify(value)}\n`;
  return text;
}
