/*
 * JSON Lines, read from files that are not trusted: one line is in memory at a
 * time, and every complaint names its line.
 */

/** A line that cannot be read; nothing of its file is used. */
export class JsonlError extends Error {
  constructor(
    /** From 1, as editors count. */
    readonly line: number,
    /** Name of the field that is wrong, with dots for depth; empty for the line as a whole. */
    readonly field: string,
    reason: string,
  ) {
    super(`Line ${line}${field && `, field ${JSON.stringify(field)}`}: ${reason}. Nothing was imported.`);
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
export async function* readJsonl(file: Blob, limits: JsonlLimits = JSONL_LIMITS): AsyncGenerator<JsonLine> {
  let line = 0;
  for await (const bytes of splitLines(file, limits)) {
    line++;
    if (line > limits.lines) throw new JsonlError(line, '', `the file has more than ${limits.lines} lines`);
    const text = decode(bytes, line);
    if (text.trim() !== '') yield { line, value: parse(text, line) };
  }
}

/** How many lines a file has, at most: a blank one counts. */
export async function countLines(file: Blob): Promise<number> {
  let lines = 1;
  const reader: ReadableStreamDefaultReader<Uint8Array> = file.stream().getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read())
    for (let at = value!.indexOf(NEWLINE); at >= 0; at = value!.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/** The bytes of each line without its newline. */
async function* splitLines(file: Blob, limits: JsonlLimits): AsyncGenerator<Uint8Array> {
  const reader: ReadableStreamDefaultReader<Uint8Array> = file.stream().getReader();
  let parts: Uint8Array[] = [];
  let length = 0;
  let line = 1;
  const keep = (part: Uint8Array) => {
    length += part.length;
    if (length > limits.lineBytes) throw new JsonlError(line, '', `it is longer than ${limits.lineBytes} bytes`);
    if (part.length > 0) parts.push(part);
  };
  const flush = () => {
    const whole = join(parts, length);
    parts = [];
    length = 0;
    line++;
    return whole;
  };
  try {
    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (done) break;
      let start = 0;
      for (let end; (end = chunk.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
        keep(chunk.subarray(start, end));
        yield flush();
      }
      keep(chunk.subarray(start));
    }
    if (length > 0) yield flush();
  } finally {
    await reader.cancel();
  }
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
