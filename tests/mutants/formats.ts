import type { Mutant } from '../../tools/mutants/mutant';

const WRITING = ['tests/unit/text/formats/writing.test.ts'];
const HOSTILE = ['tests/unit/text/formats/hostile.test.ts'];
const READING = ['tests/unit/text/formats/formats.test.ts'];
const MERGING = ['tests/unit/text/datasetFile.test.ts'];
const IMPORTING = ['tests/unit/store/importItems.test.ts'];
const ARCHIVE = ['tests/unit/text/datasetArchive.test.ts'];

/** Mistakes in what comes in from other tools and goes out to them. */
export const FORMATS: readonly Mutant[] = [
  { name: 'strengths lost in silence', file: 'src/text/formats/writing.ts', find: "lost.push('strength')", replace: 'lost.push()', tests: WRITING, project: 'unit' },
  { name: 'ties within a ranking counted as texts', file: 'src/text/formats/writing.ts', find: '(length * (length - 1)) / 2', replace: 'length - 1', tests: WRITING, project: 'unit' },
  { name: 'a table whose cells a spreadsheet runs', file: 'src/text/csv.ts', find: "(isFormula(cell) ? `'${cell}` : cell)", replace: 'cell', tests: WRITING, project: 'unit' },
  { name: 'a speaker’s name in a text taken for a turn', file: 'src/text/formats/anthropicHh.ts', find: 'if (!judged.pairs.every', replace: 'if (false && !judged.pairs.every', tests: WRITING, project: 'unit' },
  { name: 'a field found on a prototype', file: 'src/text/formats/record.ts', find: 'isObject(value) && Object.hasOwn(value, field)', replace: 'isObject(value)', tests: HOSTILE, project: 'unit' },
  { name: 'a list’s depth without a bound', file: 'src/text/jsonArray.ts', find: 'deepest > limits.depth', replace: 'deepest > Infinity', tests: HOSTILE, project: 'unit' },
  { name: 'a carriage return at the end of a piece taken for a line end of its own', file: 'src/text/csv.ts', find: "char === '\\n' && afterReturn", replace: "char === '\\n' && at > 0 && chunk[at - 1] === '\\r'", tests: HOSTILE, project: 'unit' },
  { name: 'an archive whose checksums nobody looks at', file: 'src/text/zip.ts', find: '~crc >>> 0 !== entry.crc', replace: 'false', tests: ARCHIVE, project: 'unit' },
  { name: 'an archive whose files lie over each other', file: 'src/text/zip.ts', find: 'offset + LOCAL_LENGTH + packedSize > (', replace: 'offset + LOCAL_LENGTH > (', tests: ARCHIVE, project: 'unit' },
  { name: 'an archive that unpacks to more than it says', file: 'src/text/zip.ts', find: 'if (length > size)', replace: 'if (false)', tests: ARCHIVE, project: 'unit' },
  { name: 'an archive whose manifest nobody believes', file: 'src/text/datasetArchive.ts', find: 'content.blob.size !== bytes || content.sha256 !== sha256', replace: 'content.blob.size !== bytes', tests: ARCHIVE, project: 'unit' },
  { name: 'a picture under another’s hash', file: 'src/text/datasetArchive.ts', find: 'if (sha256 !== id)', replace: 'if (false)', tests: ARCHIVE, project: 'unit' },
  { name: 'a letter taken for a place, whatever the columns are called', file: 'src/text/formats/columns.ts', find: 'if (alike) {', replace: 'if (alike && isNumber) {', tests: READING, project: 'unit' },
  { name: 'a 0 that may be a tie', file: 'src/text/formats/columns.ts', find: '(numbering.low === 0 && numbering.high >= names.length)', replace: 'false', tests: READING, project: 'unit' },
  { name: 'any word that ends in a letter taken for a response', file: 'src/text/formats/columns.ts', find: '|| !callsResponse(word, names)', replace: '', tests: READING, project: 'unit' },
  { name: 'a merge that takes another text for the same', file: 'src/store/datasetMerge.ts', find: 'a.prompt === b.prompt && ', replace: '', tests: MERGING, project: 'unit' },
  { name: 'a merge that keeps an event about nothing', file: 'src/store/datasetMerge.ts', find: 'if (!responses) examined.conflicts.push', replace: 'if (!responses) [examined.lines, examined.events] = [[...examined.lines, line], [...examined.events, event]];\n    else if (!event) examined.conflicts.push', tests: MERGING, project: 'unit' },
  { name: 'a dataset imported while it is deleted', file: 'src/store/datasets.ts', find: 'const lock = await takeImportLock(id, locks);', replace: 'const lock = null as { release(): void } | null;', tests: IMPORTING, project: 'unit' },
];
