import Papa from 'papaparse';
import { encodingOf, fileText, type Reading } from './fileBytes';
import { FileError, type Entry } from './fileError';

/*
 * Comma-separated values (RFC 4180): the first row names the columns. This
 * file finds where a row ends, one row in memory at a time; what its cells
 * hold is Papa Parse's to say.
 */

export interface CsvLimits {
  /** UTF-16 code units of one row. */
  rowLength: number;
  rows: number;
}

/** As for JSON Lines. */
export const CSV_LIMITS: CsvLimits = { rowLength: 1 << 20, rows: 200_000 };

// Spreadsheets write what the country's decimal comma leaves free.
const DELIMITERS = [',', ';', '\t'];

/**
 * The rows of a file as objects whose keys are the columns' names, in small
 * letters and with an underscore for each space; blank rows are left out. A
 * row that cannot be read is an entry with an error, after which come the rows
 * below it. A first row that names a column twice is the last entry.
 */
export async function* csvRows(file: Blob, limits: CsvLimits = CSV_LIMITS, reading?: Reading): AsyncGenerator<Entry> {
  let columns: string[] | undefined;
  let parser: Papa.Parser | undefined;
  let rows = 0;
  for await (const { line, text, delimiter, fault } of splitRows(file, limits, reading)) {
    const broken = (reason: string): Entry => ({ line, error: new FileError({ line }, '', reason) });
    if (fault) {
      yield broken(fault);
      if (!columns) return;
      continue;
    }
    if (text.trim() === '') continue;
    if (++rows > limits.rows) return yield broken(`the file has more than ${limits.rows} rows`);
    // A row's own line ends stand between quotation marks: the parser is to see none.
    parser ??= new Papa.Parser({ delimiter, newline: '\n' });
    const [cells] = (parser.parse(text, 0, false) as { data: string[][] }).data;
    if (!columns) {
      columns = cells.map((name) => name.trim().toLowerCase().replace(/[\s-]+/g, '_'));
      if (new Set(columns).size < columns.length) return yield broken('two columns have the same name');
    } else if (cells.length !== columns.length) yield broken(`it has ${cells.length} cells, and the first row names ${columns.length} columns`);
    else yield { line, value: Object.fromEntries(columns.map((column, i) => [column, cells[i]])) };
  }
}

interface Row {
  line: number;
  /** Without its line end, which is that of any system. */
  text: string;
  delimiter: string;
  fault?: string;
}

/** The rows of a file, which end where a line does outside of quotation marks. The first that is not blank tells the delimiter. */
async function* splitRows(file: Blob, limits: CsvLimits, reading?: Reading): AsyncGenerator<Row> {
  let line = 1;
  let start = 1;
  let text = '';
  let length = 0;
  let fault: string | undefined;
  let delimiter: string | undefined;
  /** Before a cell, in one, in quotation marks, or behind a mark that closes or is the first of two. */
  let state: 'cell' | 'plain' | 'quoted' | 'mark' = 'cell';
  let afterReturn = false;
  const finish = (): Row => {
    if (length > limits.rowLength) fault = `it is longer than ${limits.rowLength} characters`;
    if (text.trim() !== '') delimiter ??= delimiterOf(text);
    const row: Row = { line: start, text, delimiter: delimiter ?? DELIMITERS[0], ...(fault !== undefined && { fault }) };
    text = '';
    length = 0;
    fault = undefined;
    state = 'cell';
    return row;
  };
  try {
    const encoding = await encodingOf(file, reading);
    reading?.encoding?.(encoding);
    for await (const chunk of fileText(file, () => line, reading, encoding)) {
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const char = chunk[at];
        const ends = char === '\n' || char === '\r';
        // The second sign of one line end, which ends nothing.
        const second = char === '\n' && afterReturn;
        afterReturn = char === '\r';
        if (ends && !second) line++;
        if (ends && state !== 'quoted') {
          if (!second) {
            if (length <= limits.rowLength) text += chunk.slice(from, at);
            yield finish();
            start = line;
          }
          from = at + 1;
          continue;
        }
        if (++length > limits.rowLength) text = '';
        if (state === 'quoted') {
          if (char === '"') state = 'mark';
        } else if (char === '"' && state !== 'plain') state = 'quoted';
        else if (delimiter === undefined ? DELIMITERS.includes(char) : char === delimiter) state = 'cell';
        else {
          if (state === 'mark') fault ??= 'text follows a closing quotation mark; a mark within quotation marks is written twice';
          state = 'plain';
        }
      }
      if (length > 0 && length <= limits.rowLength) text += chunk.slice(from);
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return yield { line: error.line, text: '', delimiter: DELIMITERS[0], fault: error.reason };
  }
  if (state === 'quoted') fault = 'a quotation mark is never closed';
  if (length > 0) yield finish();
}

/** The delimiter that the first row holds most often. */
function delimiterOf(header: string): string {
  const count = (delimiter: string) => header.split(delimiter).length;
  return DELIMITERS.reduce((most, delimiter) => (count(delimiter) > count(most) ? delimiter : most));
}

// What a spreadsheet takes for the beginning of a formula, or skips before one (OWASP, "CSV injection").
const FORMULA = /^'*[=+\-@\t\r\n]/;

/** Whether a spreadsheet could run the cell. */
export const isFormula = (cell: string): boolean => FORMULA.test(cell);

/** A cell that no spreadsheet runs: an apostrophe stands before it, which {@link unguarded} takes away. One that begins like a guarded cell is guarded too, so that what comes back is what went out. */
export const guarded = (cell: string): string => (isFormula(cell) ? `'${cell}` : cell);

export const unguarded = (cell: string): string => (cell.startsWith("'") && isFormula(cell) ? cell.slice(1) : cell);

/** One row of a file, its cells guarded and quoted. */
export function csvRow(cells: readonly string[]): string {
  return `${Papa.unparse([cells.map(guarded)], { quotes: true })}\r\n`;
}
