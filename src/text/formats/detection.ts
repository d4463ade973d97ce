import { csvRows } from '../csv';
import { isDatasetArchive } from '../datasetArchive';
import { isDatasetHeader } from '../datasetFile';
import { fileBytes, type Reading } from '../fileBytes';
import type { Entry } from '../fileError';
import { jsonElements } from '../jsonArray';
import { jsonLines } from '../jsonl';
import { FORMATS } from '.';
import type { Format } from './format';

/** A file that none of the formats can be; nothing was imported. */
export class UnknownFormatError extends Error {
  constructor(message = `The lab does not know this format. It reads ${FORMATS.map(({ title }) => title).join(', ')}, and the files that it wrote itself. Nothing was imported.`) {
    super(message);
    this.name = 'UnknownFormatError';
  }
}

/** What a file is: of a format of others; the lab's own dataset, alone or in an archive with what its items show; or another zip archive, which may hold a run or a model. */
export type Detected = { kind: 'format'; format: Format } | { kind: 'dataset' | 'archive' | 'zip' };

/** The files of programs for spreadsheets themselves. */
const WORKBOOK = /\.(xlsx?|xlsm|xlsb|ods|numbers)$/i;

/** Records that are enough to know a format, and broken ones after which nobody looks further. */
const ENOUGH = 20;

/**
 * What a file is by its content, and where that leaves it open, by the ending of its name; null where neither tells.
 * @throws FileError where it is packed and cannot be unpacked at all
 * @throws UnknownFormatError where it is a workbook, with what to do
 */
export async function detectFormat(file: Blob & { name?: string }, reading?: Reading): Promise<Detected | null> {
  if (WORKBOOK.test(file.name ?? '')) throw new UnknownFormatError('It is a workbook of a spreadsheet program. Save the sheet there as CSV, and import that: Excel calls it “CSV UTF-8”. Nothing was imported.');
  const [p, k] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (p === 0x50 && k === 0x4b) return { kind: (await isDatasetArchive(file)) ? 'archive' : 'zip' };
  const first = await firstValues(file, reading);
  if (isDatasetHeader(first[0])) return { kind: 'dataset' };
  const shape = await shapeOf(file, reading);
  const name = file.name?.toLowerCase() ?? '';
  const called = ({ extensions }: Format) => extensions.some((ending) => name.endsWith(ending) || name.endsWith(`${ending}.gz`));
  const fitting = FORMATS.filter((format) => (format.container === 'csv') === (shape === 'table') && format.recognises(first));
  // Of a file that is broken from the start, the errors are told by the usual format of its ending.
  const usual = shape === 'table' ? FORMATS.find((format) => format.container === 'csv' && called(format)) : FORMATS.find((format) => format.id === 'trl-preference' && called(format) && first.length === 0);
  const format = fitting[0] ?? usual;
  return format ? { kind: 'format', format } : null;
}

async function firstValues(file: Blob, reading?: Reading): Promise<unknown[]> {
  const values: unknown[] = [];
  let broken = 0;
  for await (const entry of entriesOf(file, reading)) {
    if ('value' in entry) values.push(entry.value);
    else broken++;
    if (values.length + broken === ENOUGH) break;
  }
  return values;
}

/** How the records of a file stand in it, by its first sign. */
async function shapeOf(file: Blob, reading?: Reading): Promise<'lines' | 'list' | 'table'> {
  for await (const bytes of fileBytes(file, reading)) {
    const first = bytes.find((byte) => !BEFORE_TEXT.has(byte));
    if (first !== undefined) return first === LIST ? 'list' : first === OBJECT ? 'lines' : 'table';
  }
  return 'table';
}

/** Spaces, line ends, and the three bytes of a byte-order mark. */
const BEFORE_TEXT = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
const LIST = 0x5b;
const OBJECT = 0x7b;

/** The records of a file, however they stand in it. */
export async function* entriesOf(file: Blob, reading?: Reading): AsyncGenerator<Entry> {
  const shape = await shapeOf(file, { signal: reading?.signal });
  yield* shape === 'list' ? jsonElements(file, undefined, reading) : shape === 'lines' ? jsonLines(file, undefined, reading) : csvRows(file, undefined, reading);
}
