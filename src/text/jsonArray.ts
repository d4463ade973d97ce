import { fileText, type Reading } from './fileBytes';
import { FileError, type Entry } from './fileError';

/*
 * A JSON file that is one list, read element by element: no more than one is
 * in memory, and every complaint names its element and its line.
 */

export interface JsonArrayLimits {
  /** UTF-16 code units of one element. */
  elementLength: number;
  elements: number;
  /** Brackets within brackets, in one element. */
  depth: number;
}

/** As for JSON Lines; the tools that write such files nest less than ten deep. */
export const JSON_ARRAY_LIMITS: JsonArrayLimits = { elementLength: 1 << 20, elements: 200_000, depth: 100 };

const SPACE = /[ \t\r\n]/;

/**
 * The values of the elements of a file's list, with an entry for each that
 * cannot be read, after which come the elements behind it. What breaks the
 * list itself is the last entry.
 *
 * The scanner counts brackets outside of strings to find where an element
 * ends, and leaves it to JSON.parse whether what stands between is JSON.
 */
export async function* jsonElements(file: Blob, limits: JsonArrayLimits = JSON_ARRAY_LIMITS, reading?: Reading): AsyncGenerator<Entry> {
  let line = 1;
  let element = 1;
  let state: 'before' | 'inside' | 'after' = 'before';
  let text = '';
  let startLine = 1;
  let length = 0;
  let depth = 0;
  let deepest = 0;
  let inString = false;
  let escaped = false;

  const entry = (): Entry => {
    const place = { line: length > 0 ? startLine : line, element };
    const refused = (reason: string): Entry => ({ ...place, error: new FileError(place, '', reason) });
    if (length > limits.elementLength) return refused(`it is longer than ${limits.elementLength} characters`);
    if (deepest > limits.depth) return refused('it is nested too deeply');
    if (length === 0) return refused('a comma stands where an element should');
    try {
      return { ...place, value: JSON.parse(text) };
    } catch {
      return refused('it is not JSON');
    }
  };
  const broken = (reason: string): Entry => ({ line, error: new FileError({ line }, '', reason) });
  const next = () => {
    text = '';
    length = 0;
    deepest = 0;
    element++;
  };

  try {
    for await (const chunk of fileText(file, () => line, reading)) {
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        const char = chunk[at];
        if (char === '\n') line++;
        if (state !== 'inside') {
          if (SPACE.test(char)) continue;
          if (state === 'after') return yield broken('something stands behind the end of the list');
          if (char !== '[') return yield broken('it does not begin with a list');
          state = 'inside';
          start = at + 1;
          continue;
        }
        if (inString) {
          if (escaped) escaped = false;
          else if (char === '\\') escaped = true;
          else if (char === '"') inString = false;
        } else if (depth === 0 && (char === ',' || char === ']')) {
          if (length <= limits.elementLength) text += chunk.slice(start, at);
          start = at + 1;
          // A list may be empty, but after a comma there is an element.
          if (char === ',' || length > 0 || element > 1) yield entry();
          next();
          if (char === ']') state = 'after';
          else if (element > limits.elements) return yield broken(`the list has more than ${limits.elements} elements`);
          continue;
        } else if (char === '"') inString = true;
        else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
        else if ((char === ']' || char === '}') && depth > 0) depth--;

        if (length > 0 || !SPACE.test(char)) {
          if (length === 0) startLine = line;
          length++;
          if (length === 1) start = at;
          else if (length > limits.elementLength) text = '';
        }
      }
      if (state === 'inside' && length > 0 && length <= limits.elementLength) text += chunk.slice(start);
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return yield { line: error.line, error };
  }
  if (state === 'before') yield broken('the file is empty');
  else if (state === 'inside') yield broken('the file was cut off: its list has no end');
}
