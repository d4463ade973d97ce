import type { Comparison, ComparisonState, Strength } from '../../feedback/judgement';
import { lastWord, standingEvents } from '../../feedback/judgementState';
import { lessonsOf, type Lesson } from '../../feedback/lessons';
import { orderedPairs } from '../../feedback/orderedPairs';
import type { JudgedDataset } from '../../store/judgements';

/*
 * A dataset in a format that has no word for all of it, and the account of
 * what it loses: each item is in the file or is left out for one reason, and
 * of those in the file each thing that is lost is counted by itself.
 */

/** What can be lost, as one and as several. */
const LOSSES = {
  unjudged: ['item that nobody has judged', 'items that nobody has judged'],
  skipped: ['skipped item', 'skipped items'],
  discarded: ['discarded item', 'discarded items'],
  choice: ['choice between two', 'choices between two'],
  tie: ['tie', 'ties'],
  bothBad: ['pair judged “both bad”', 'pairs judged “both bad”'],
  ranking: ['ranking', 'rankings'],
  rating: ['rating', 'ratings'],
  thumb: ['thumb', 'thumbs'],
  rewrite: ['edited response', 'edited responses'],
  aside: ['judgement that says nothing of the responses', 'judgements that say nothing of the responses'],
  same: ['pair of the same text', 'pairs of the same text'],
  halfCharacter: ['item with half a character in it', 'items with half a character in them'],
  speaker: ['item with a speaker’s name at the beginning of a paragraph, which would be read as another turn', 'items with a speaker’s name at the beginning of a paragraph, which would be read as another turn'],
  lastEmpty: ['item whose last response is empty', 'items whose last response is empty'],
  rankingPaired: ['ranking, of which the pairs are left', 'rankings, of which the pairs are left'],
  tieWithin: ['tie within a ranking', 'ties within rankings'],
  rewritePaired: ['edited response, which is now the better of a pair', 'edited responses, which are now the better of a pair'],
  response: ['response', 'responses'],
  judgement: ['judgement', 'judgements'],
  reopened: ['skipped or discarded item, which is open again', 'skipped or discarded items, which are open again'],
  strength: ['strength of a preference', 'strengths of preferences'],
  reasons: ['list of reasons', 'lists of reasons'],
  comment: ['comment', 'comments'],
  span: ['marked stretch of text', 'marked stretches of text'],
  answer: ['answer about an item', 'answers about items'],
  media: ['picture, sound or film', 'pictures, sounds and films'],
  messaged: ['prompt, which is now a message of a person', 'prompts, which are now messages of a person'],
  flattened: ['conversation, of which the transcript is left', 'conversations, of which the transcripts are left'],
  formula: ['cell that a spreadsheet would take for a formula: an apostrophe stands before it, which the lab takes away when it reads it', 'cells that a spreadsheet would take for formulas: an apostrophe stands before them, which the lab takes away when it reads them'],
  overruled: ['judgement beside the one that stands', 'judgements beside those that stand'],
} as const satisfies Record<string, readonly [string, string]>;

export type Loss = keyof typeof LOSSES;
export type LossCounts = Partial<Record<Loss, number>>;

export interface LossReport {
  /** Items in the file; with those left out, all of the dataset. */
  items: number;
  /** Rows that they are written as. */
  rows: number;
  leftOut: LossCounts;
  /** What is lost of the items in the file. */
  lost: LossCounts;
  /** All of that for the person. */
  sentence: string;
}

export interface Written {
  /** The text of the file, piece by piece; can be read again. */
  chunks: Iterable<string>;
  loss: LossReport;
}

type Judged = Extract<ComparisonState, { status: 'judged' }>;

/** What an item is written as, or why it is not. */
export type Conversion<Row> = { rows: Row[]; lost?: Loss[] } | { leftOut: Loss };

export interface Writer<Row> {
  /** An item that somebody has judged. */
  judged(comparison: Comparison, state: Judged): Conversion<Row>;
  /** An item that nobody has; absent where such are left out. */
  open?(comparison: Comparison): Conversion<Row>;
  line(row: Row): string;
  /** What stands before all rows. */
  head?: string;
}

/** A dataset as a file, with what that loses. */
export function writeRows<Row>({ comparisons, states, events }: JudgedDataset, writer: Writer<Row>): Written {
  const convert = (comparison: Comparison): Conversion<Row> => {
    const state = states.get(comparison.id);
    if (state?.status === 'judged') return writer.judged(comparison, state);
    return writer.open?.(comparison) ?? { leftOut: state?.status === 'skipped' || state?.status === 'discarded' ? state.status : 'unjudged' };
  };
  const leftOut: LossCounts = {};
  const lost: LossCounts = {};
  let items = 0;
  let rows = 0;
  for (const comparison of comparisons) {
    const conversion = convert(comparison);
    if ('leftOut' in conversion) count(leftOut, conversion.leftOut);
    else {
      items++;
      rows += conversion.rows.length;
      for (const loss of conversion.lost ?? []) count(lost, loss);
      comparison.attachments?.forEach(() => count(lost, 'media'));
      const status = states.get(comparison.id)?.status;
      if (status === 'skipped' || status === 'discarded') count(lost, 'reopened');
    }
  }
  const overruled = judgementsBeside(events, states);
  if (overruled > 0) lost.overruled = overruled;

  const head = writer.head ?? '';
  return {
    chunks: {
      *[Symbol.iterator]() {
        if (head) yield head;
        for (const comparison of comparisons) {
          const conversion = convert(comparison);
          if (!('leftOut' in conversion)) for (const row of conversion.rows) yield writer.line(row);
        }
      },
    },
    loss: { items, rows, leftOut, lost, sentence: sentence(items, leftOut, lost) },
  };
}

/** Last words of raters, the key's among them, which are not what stands of a comparison. */
function judgementsBeside(events: JudgedDataset['events'], states: JudgedDataset['states']): number {
  let said = 0;
  for (const raters of standingEvents(events).values()) for (const stack of raters.values()) if (lastWord(stack)?.kind === 'judged') said++;
  let standing = 0;
  for (const state of states.values()) if (state.status === 'judged') standing++;
  return Math.max(0, said - standing);
}

/** Why a judgement of which a format can say nothing is left out. */
export function speechless(state: Judged): Loss {
  const [first] = lessonsOf(state);
  return first ? lossOfLesson(first) : 'aside';
}

function lossOfLesson({ verdict }: Lesson): Loss {
  if (typeof verdict === 'object') return verdict.kind;
  return verdict === 'tie' ? 'tie' : verdict === 'both-bad' ? 'bothBad' : 'choice';
}

/** What a judgement says beside the lessons that are written. */
export function losses(state: Judged, kept: (lesson: Lesson, place: number) => boolean, keepsStrength = false): Loss[] {
  const lost: Loss[] = [];
  lessonsOf(state).forEach((lesson, place) => {
    const isKept = kept(lesson, place);
    if (!isKept) lost.push(lossOfLesson(lesson));
    if (lesson.strength !== undefined && !(isKept && keepsStrength)) lost.push('strength');
  });
  if (state.reasons?.length) lost.push('reasons');
  if (state.comment) lost.push('comment');
  if (typeof state.verdict === 'object' && state.verdict.kind === 'form')
    for (const answer of state.verdict.answers) {
      if ('spans' in answer) lost.push(...answer.spans.map((): Loss => 'span'));
      else if ('value' in answer) lost.push('answer');
    }
  return lost;
}

/** A better and a worse text. */
export interface Paired {
  better: string;
  worse: string;
  strength?: Strength;
}

/** A judgement as pairs of a better and a worse text, with all that is lost by that; where no pair is left, why. */
export function paired(comparison: Comparison, state: Judged, keepsStrength: boolean): { pairs: Paired[]; lost: Loss[] } | { leftOut: Loss } {
  const pairs: Paired[] = [];
  const lost = losses(state, ({ verdict }) => orderedPairs(comparison, verdict).length > 0, keepsStrength);
  let same = 0;
  for (const { verdict, strength } of lessonsOf(state)) {
    const ordered = orderedPairs(comparison, verdict);
    if (ordered.length === 0) continue;
    for (const { responses: [first, second], verdict: which } of ordered) {
      if (first === second) same++;
      else pairs.push({ ...(which === 'first' ? { better: first, worse: second } : { better: second, worse: first }), ...(strength !== undefined && { strength }) });
    }
    if (typeof verdict === 'string') continue;
    lost.push(verdict.kind === 'rewrite' ? 'rewritePaired' : 'rankingPaired');
    if (verdict.kind === 'ranking') for (const { length } of verdict.groups) lost.push(...Array.from({ length: (length * (length - 1)) / 2 }, (): Loss => 'tieWithin'));
  }
  if (pairs.length === 0) return { leftOut: same > 0 ? 'same' : speechless(state) };
  lost.push(...Array.from({ length: same }, (): Loss => 'same'), ...unwritten(comparison, pairs.flatMap(({ better, worse }) => [better, worse])));
  return { pairs, lost };
}

/** Responses of which nothing is written. */
export function unwritten({ responses }: Comparison, texts: readonly string[]): Loss[] {
  const written = new Set(texts);
  return responses.filter((response) => !written.has(response)).map((): Loss => 'response');
}

function count(counts: LossCounts, loss: Loss): void {
  counts[loss] = (counts[loss] ?? 0) + 1;
}

function sentence(items: number, leftOut: LossCounts, lost: LossCounts): string {
  const told = [`The file has ${items.toLocaleString('en')} ${items === 1 ? 'item' : 'items'}.`];
  if (Object.keys(leftOut).length > 0) told.push(`Left out: ${listed(leftOut)}.`);
  if (Object.keys(lost).length > 0) told.push(`Lost or changed of the rest: ${listed(lost)}.`);
  told.push('Who judged and when, on which side each response stood, what was flagged, and the form that was asked are not in it; the lab’s own format keeps all of that.');
  return told.join(' ');
}

function listed(counts: LossCounts): string {
  const parts = (Object.entries(counts) as [Loss, number][]).map(([loss, n]) => `${n.toLocaleString('en')} ${LOSSES[loss][n === 1 ? 0 : 1]}`);
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
