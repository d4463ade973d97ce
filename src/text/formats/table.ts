import type { Comparison, PairVerdict, RankingVerdict, Strength } from '../../feedback/judgement';
import { lessonsOf, type Lesson } from '../../feedback/lessons';
import { csvRow, isFormula, unguarded } from '../csv';
import { FileError } from '../fileError';
import type { Format } from './format';
import { item, type ImportedItem, type LeftOut } from './item';
import { isObject, objectOf, own, type FileRecord } from './record';
import type { Said, Survey } from './survey';
import { losses, speechless, writeRows, type Conversion, type Loss } from './writing';

/*
 * A table for spreadsheets (CSV). Its columns are prompt, chosen and rejected;
 * or prompt, response_a, response_b, … and preference; or prompt, response and
 * rating. A preference is a letter, "tie", "both bad", or an order such as
 * "b > a = c"; "strength" says how clear it is, 1 to 3.
 */

export const table: Format = {
  id: 'csv',
  title: 'Table (CSV)',
  about: 'Prompts, responses and preferences in the columns of a spreadsheet',
  extensions: ['.csv', '.tsv'],
  container: 'csv',
  recognises: (first) => first.some((value) => own(value, 'prompt') !== undefined),
  hear(record, survey) {
    const rating = ratingOf(record);
    if (rating) survey.hear(rating);
  },
  read,
  write(dataset) {
    const most = dataset.comparisons.reduce((longest, { responses }) => Math.max(longest, responses.length), 2);
    const letters = [...LETTERS].slice(0, most);
    const columns = ['prompt', ...letters.map((letter) => `response_${letter}`), 'preference', 'strength', 'comment'];
    const row = ({ prompt, responses }: Comparison, preference: string, strength: string, comment: string) => [prompt, ...letters.map((_letter, i) => responses[i] ?? ''), preference, strength, comment];
    return writeRows(dataset, {
      judged(comparison, state) {
        const lessons = lessonsOf(state);
        const lesson = lessons.find(isOrder);
        if (!lesson) return { leftOut: speechless(state) };
        const { comment, ...others } = state;
        const cells = row(comparison, preferenceOf(lesson), lesson.strength?.toString() ?? '', comment ?? '');
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

const PAIR: Record<PairVerdict, string> = { first: 'a', second: 'b', tie: 'tie', 'both-bad': 'both bad' };

function preferenceOf({ verdict }: Order): string {
  if (typeof verdict === 'string') return PAIR[verdict];
  return verdict.groups.map((group) => group.map((place) => LETTERS[place]).join(' = ')).join(' > ');
}

/** A row, unless a table cannot hold it: an empty cell is no response, and a file in UTF-8 has no half characters. */
function writable({ responses, turns }: Comparison, cells: string[], lost: Loss[]): Conversion<string[]> {
  if (responses.at(-1) === '') return { leftOut: 'lastEmpty' };
  if (new Set(responses).size < responses.length) return { leftOut: 'same' };
  if (cells.some((cell) => /\p{Surrogate}/u.test(cell))) return { leftOut: 'halfCharacter' };
  return { rows: [cells], lost: [...lost, ...(turns ? (['flattened'] as const) : []), ...cells.filter(isFormula).map((): Loss => 'formula')] };
}

function read(record: FileRecord, survey: Survey): ImportedItem | LeftOut {
  const cell = cellsOf(record);
  const prompt = cell('prompt');
  if (prompt === undefined) throw new FileError(record, 'prompt', 'there is no such column');
  const comment = cell('comment');
  const remarks = comment ? { comment } : {};
  const chosen = cell('chosen');
  const rejected = cell('rejected');
  if (chosen !== undefined && rejected !== undefined) return item(record, prompt, [chosen, rejected], { judged: [{ verdict: 'first', ...strengthOf(record, cell('strength')), ...remarks }] });

  const response = cell('response');
  if (response !== undefined) {
    const rating = ratingOf(record);
    const { judged } = survey.judgement(rating ? [rating] : []);
    return item(record, prompt, [response], { judged: judged ? [{ ...judged, ...remarks }] : [] });
  }

  const responses = [...LETTERS].map((letter, i) => cell(`response_${letter}`) ?? cell(`response_${i + 1}`) ?? '');
  while (responses.at(-1) === '') responses.pop();
  const verdict = verdictOf(record, cell('preference') ?? '', responses.length);
  return item(record, prompt, responses, { judged: verdict ? [{ verdict, ...strengthOf(record, cell('strength')), ...remarks }] : [] });
}

/** What stands in a column; undefined where there is none. */
function cellsOf(record: FileRecord): (column: string) => string | undefined {
  const cells = objectOf(record);
  return (column) => {
    const cell = own(cells, column);
    return typeof cell === 'string' ? unguarded(cell) : undefined;
  };
}

function ratingOf(record: FileRecord): Said | null {
  const rating = isObject(record.value) ? own(record.value, 'rating') : undefined;
  if (typeof rating !== 'string' || rating.trim() === '') return null;
  const value = Number(rating);
  if (!Number.isFinite(value)) throw new FileError(record, 'rating', 'it is not a number');
  return { question: 'rating', kind: 'rating', response: 0, value };
}

function strengthOf(record: FileRecord, strength: string | undefined): { strength?: Strength } {
  if (strength === undefined || strength.trim() === '') return {};
  if (!/^\s*[123]\s*$/.test(strength)) throw new FileError(record, 'strength', 'it is not 1, 2 or 3');
  return { strength: Number(strength) as Strength };
}

function verdictOf(record: FileRecord, preference: string, responses: number): PairVerdict | RankingVerdict | null {
  const words = preference.trim().toLowerCase();
  if (words === '') return null;
  const pair = (Object.keys(PAIR) as PairVerdict[]).find((verdict) => PAIR[verdict] === words.replace(/[\s_-]+/g, ' '));
  if (pair && responses === 2) return pair;
  const groups = words.split('>').map((group) => group.split('=').map(placeOf));
  const places = groups.flat();
  if (places.some((place) => place < 0 || place >= responses)) throw new FileError(record, 'preference', `it names no order of the ${responses} responses; “b > a” is one, and “tie” and “both bad” are words for a pair`);
  if (new Set(places).size < places.length) throw new FileError(record, 'preference', 'it names a response twice');
  if (places.length > 1) return { kind: 'ranking', groups };
  if (responses < 2) throw new FileError(record, 'preference', 'there is only one response');
  const [best] = places;
  if (responses === 2) return best === 0 ? 'first' : 'second';
  // The best of more is before all others, between which nothing was said.
  return { kind: 'ranking', groups: [[best], Array.from({ length: responses }, (_, place) => place).filter((place) => place !== best)] };
}

/** The place of a letter, or of a number from 1, with or without “response” before it; −1 of anything else. */
function placeOf(name: string): number {
  const [, end] = /^\s*(?:response[\s_-]*)?([a-f]|[1-6])\s*$/.exec(name) ?? [];
  return end === undefined ? -1 : /\d/.test(end) ? Number(end) - 1 : LETTERS.indexOf(end);
}
