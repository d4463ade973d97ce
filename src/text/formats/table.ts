import type { Comparison, PairVerdict, RankingVerdict, Strength } from '../../feedback/judgement';
import { lessonsOf, type Lesson } from '../../feedback/lessons';
import { shownResponse } from '../../feedback/shown';
import { csvRow, isFormula, unguarded } from '../csv';
import { FileError } from '../fileError';
import { columnsOf, numberIn, PAIR_WORDS, preferenceOf, unusedColumn } from './columns';
import type { Format } from './format';
import { item, type ImportedItem, type LeftOut } from './item';
import { isObject, objectOf, own, type FileRecord } from './record';
import type { Said, Survey } from './survey';
import { losses, speechless, writeRows, type Conversion, type Loss } from './writing';

/*
 * A table for spreadsheets (CSV). Its columns are prompt, chosen and rejected;
 * or prompt, response_a, response_b, … and preference; or prompt, response and
 * rating. A preference is a letter, "tie", "both bad", or an order such as
 * "b > a = c"; "strength" says how clear it is, 1 to 3. Columns of other names
 * are read as columns.ts finds them: "question", "answer_1", "answer_2".
 */

export const table: Format = {
  id: 'csv',
  title: 'Table (CSV)',
  about: 'Prompts, responses and preferences in the columns of a spreadsheet',
  extensions: ['.csv', '.tsv'],
  container: 'csv',
  recognises: (first) => first.some((value) => isObject(value) && columnsOf(columnNames(value)) !== null),
  hear(record, survey) {
    const rating = ratingOf(record);
    if (rating) survey.hear(rating);
    const fields = objectOf(record);
    const preference = columnsOf(columnNames(fields))?.preference;
    const number = preference === undefined ? null : numberIn(cellsOf(record)(preference));
    if (number !== null) survey.hearNumber(number);
  },
  read,
  write(dataset) {
    const most = dataset.comparisons.reduce((longest, { responses }) => Math.max(longest, responses.length), 2);
    const letters = [...LETTERS].slice(0, most);
    const columns = ['prompt', ...letters.map((letter) => `response_${letter}`), 'preference', 'strength', 'comment'];
    const row = (comparison: Comparison, preference: string, strength: string, comment: string) => [comparison.prompt, ...letters.map((_letter, i) => textsOf(comparison)[i] ?? ''), preference, strength, comment];
    return writeRows(dataset, {
      judged(comparison, state) {
        const lessons = lessonsOf(state);
        const lesson = lessons.find(isOrder);
        if (!lesson) return { leftOut: speechless(state) };
        const { comment, ...others } = state;
        const cells = row(comparison, wordsOf(lesson), lesson.strength?.toString() ?? '', comment ?? '');
        return writable(comparison, cells, losses(others, (_lesson, i) => i === lessons.indexOf(lesson), true));
      },
      open: (comparison) => writable(comparison, row(comparison, '', '', ''), []),
      line: csvRow,
      // By the mark, spreadsheets know that the file is UTF-8.
      head: `\ufeff${csvRow(columns)}`,
    });
  },
};

const LETTERS = 'abcdef';

type Order = Omit<Lesson, 'verdict'> & { verdict: PairVerdict | RankingVerdict };
const isOrder = (lesson: Lesson): lesson is Lesson & Order => typeof lesson.verdict === 'string' || lesson.verdict.kind === 'ranking';

function wordsOf({ verdict }: Order): string {
  if (typeof verdict === 'string') return PAIR_WORDS[verdict];
  return verdict.groups.map((group) => group.map((place) => LETTERS[place]).join(' = ')).join(' > ');
}

/** The responses as cells: of a picture, a sound or a film without words, what its file is called. */
const textsOf = (comparison: Comparison): string[] => comparison.responses.map((_text, i) => shownResponse(comparison, i));

/** A row, unless a table cannot hold it: an empty cell is no response, and a file in UTF-8 has no half characters. */
function writable(comparison: Comparison, cells: string[], lost: Loss[]): Conversion<string[]> {
  const { turns } = comparison;
  const texts = textsOf(comparison);
  if (texts.at(-1) === '') return { leftOut: 'lastEmpty' };
  if (new Set(texts).size < texts.length) return { leftOut: 'same' };
  if (cells.some((cell) => /\p{Surrogate}/u.test(cell))) return { leftOut: 'halfCharacter' };
  return { rows: [cells], lost: [...lost, ...(turns ? (['flattened'] as const) : []), ...cells.filter(isFormula).map((): Loss => 'formula')] };
}

/** Columns with a meaning of their own. */
const REMARKS = ['comment', 'rating', 'strength'];

const columnNames = (value: object): string[] => Object.keys(value).filter((name) => !REMARKS.includes(name));

function read(record: FileRecord, survey: Survey): ImportedItem | LeftOut {
  const names = columnNames(objectOf(record));
  const columns = columnsOf(names);
  if (!columns) throw new FileError(record, 'prompt', `there is no such column, but ${names.map((name) => `“${name}”`).join(', ')}; the lab looks for names such as “prompt”, “response_a” and “response_b”, or “question”, “answer_1” and “answer_2”`);
  const cell = cellsOf(record);
  const prompt = columns.prompt.map(cell).filter(Boolean).join('\n\n');
  // Of a single response nothing can be preferred.
  const others = columns.responses.length === 1 && columns.preference !== undefined ? [...columns.others, columns.preference] : columns.others;
  const unused = others.filter((name) => cell(name)).map(unusedColumn);
  const lost = unused.length > 0 ? { lost: unused } : {};
  const remarks = { ...strengthOf(record, cell('strength')), ...(cell('comment') && { comment: cell('comment') }) };
  const [first] = columns.responses;
  if (first === 'chosen') return item(record, prompt, columns.responses.map(cell), { judged: [{ verdict: 'first', ...remarks }], ...lost });

  if (columns.responses.length === 1) {
    const rating = ratingOf(record);
    const { judged } = survey.judgement(rating ? [rating] : []);
    const { strength: _strength, ...comment } = remarks;
    return item(record, prompt, [cell(first)], { judged: judged ? [{ ...judged, ...comment }] : [], ...lost });
  }

  const responses = columns.responses.map(cell);
  while (responses.at(-1) === '') responses.pop();
  const { preference } = columns;
  const verdict = preference === undefined ? null : preferenceOf(record, preference, cell(preference), columns.responses.slice(0, responses.length), survey.numbering);
  return item(record, prompt, responses, { judged: verdict ? [{ verdict, ...remarks }] : [], ...lost });
}

/** What stands in a column; nothing where there is none. */
function cellsOf(record: FileRecord): (column: string) => string {
  const cells = objectOf(record);
  return (column) => {
    const cell = own(cells, column);
    return typeof cell === 'string' ? unguarded(cell) : '';
  };
}

function ratingOf(record: FileRecord): Said | null {
  const rating = isObject(record.value) ? own(record.value, 'rating') : undefined;
  if (typeof rating !== 'string' || rating.trim() === '') return null;
  const value = Number(rating);
  if (!Number.isFinite(value)) throw new FileError(record, 'rating', 'it is not a number');
  return { question: 'rating', kind: 'rating', response: 0, value };
}

function strengthOf(record: FileRecord, strength: string): { strength?: Strength } {
  if (strength.trim() === '') return {};
  if (!/^\s*[123]\s*$/.test(strength)) throw new FileError(record, 'strength', 'it is not 1, 2 or 3');
  return { strength: Number(strength) as Strength };
}
