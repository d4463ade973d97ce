import type { Answer, Comparison, FilledForm, Scale, Strength, Verdict } from './judgement';
import { MOST_RESPONSES } from './judgement';

/*
 * What is asked about an item, as data: a form is a list of questions, some
 * about the responses, which a reward model learns from, some about the item,
 * which it doesn't. A judgement answers all of them at once.
 */

export interface Form {
  name: string;
  /** Markdown: how to judge, beside the item for whoever wants it. */
  guidelines: string;
  questions: Question[];
  /** Reasons that can be ticked. */
  reasons: string[];
}

interface Asked {
  /** Unique in its form. */
  id: string;
  /** The question, as the screen asks it. */
  ask: string;
  /** An item cannot be submitted without its answer. */
  required: boolean;
  /** Asked only where this was answered so; absent: always. */
  when?: Condition;
}

/** The answer to an earlier choice of the form is, or contains, this option. */
export interface Condition {
  question: string;
  is: string;
}

/** Questions about the responses. */
export type ResponseQuestion = Asked &
  (
    | { kind: 'pair'; tie: boolean; bothBad: boolean; strength: boolean }
    | { kind: 'ranking'; ties: boolean }
    /** Each response is rated on each criterion. */
    | { kind: 'rating'; criteria: string[]; scale: Scale }
    | { kind: 'thumb' }
    | { kind: 'rewrite' }
    | { kind: 'spans'; labels: string[] }
  );

/** Questions about the item as a whole. */
export type ItemQuestion = Asked &
  (
    | { kind: 'choice'; options: string[] }
    | { kind: 'choices'; options: string[] }
    | { kind: 'number' | 'slider'; low: number; high: number; step: number }
    | { kind: 'text' }
  );

export type Question = ResponseQuestion | ItemQuestion;
export type QuestionKind = Question['kind'];
export type QuestionOf<Kind extends QuestionKind> = Extract<Question, { kind: Kind }>;

/** The fewest and the most responses that a question can be asked about. */
const RESPONSES: Record<QuestionKind, readonly [number, number]> = {
  pair: [2, 2],
  ranking: [2, MOST_RESPONSES],
  rating: [1, MOST_RESPONSES],
  thumb: [1, MOST_RESPONSES],
  rewrite: [1, MOST_RESPONSES],
  spans: [1, MOST_RESPONSES],
  choice: [1, MOST_RESPONSES],
  choices: [1, MOST_RESPONSES],
  number: [1, MOST_RESPONSES],
  slider: [1, MOST_RESPONSES],
  text: [1, MOST_RESPONSES],
};

/** The fewest and the most responses of an item that all questions of a form can be asked about. */
export function responsesTaken({ questions }: Form): readonly [number, number] {
  const ranges = questions.map(({ kind }) => RESPONSES[kind]);
  return [Math.max(...ranges.map(([fewest]) => fewest)), Math.min(...ranges.map(([, most]) => most))];
}

/** Whether a form can be asked about an item of so many responses. */
export const fits = (form: Form, { responses }: Pick<Comparison, 'responses'>): boolean => takes(form, responses.length);

export function takes(form: Form, responses: number): boolean {
  const [fewest, most] = responsesTaken(form);
  return responses >= fewest && responses <= most;
}

/** How many texts are written for an item of this form: as few as its questions can be asked about, of an order four. */
export function textsToWrite({ questions }: Form): number {
  const kinds = questions.map(({ kind }) => kind);
  return kinds.includes('pair') ? 2 : kinds.includes('ranking') ? 4 : 1;
}

/** Of one question that one key answers for good: the key submits. */
export function isInstant({ questions }: Form, { responses }: Pick<Comparison, 'responses'>): boolean {
  const [{ kind }, ...others] = questions;
  return others.length === 0 && (kind === 'pair' || (kind === 'thumb' && responses.length === 1));
}

/** Of one pair without a strength: each side has its key, and the key submits. */
export function isPairAtOnce({ questions }: Form): boolean {
  const [only, ...others] = questions;
  return others.length === 0 && only.kind === 'pair' && !only.strength;
}

/** The answers to one question, in the order in which they were given. */
export const answersTo = (answers: readonly Answer[], question: string): Answer[] => answers.filter((answer) => answer.question === question);

/** The same answers, with these instead of all those to their question. */
export function withAnswers(answers: readonly Answer[], question: string, given: readonly Answer[]): Answer[] {
  return [...answers.filter((answer) => answer.question !== question), ...given];
}

/** Whether an answer can have been given to a question as it is asked now: a form may have been changed since. */
export function isAnswerTo(question: Question, answer: Answer): boolean {
  if (answer.question !== question.id) return false;
  if ('spans' in answer) return question.kind === 'spans';
  if ('value' in answer) return isValueFor(question, answer.value);
  const { verdict, strength } = answer;
  if (typeof verdict === 'string') {
    if (question.kind !== 'pair') return false;
    if (verdict === 'tie') return question.tie;
    return verdict === 'both-bad' ? question.bothBad : question.strength === (strength !== undefined);
  }
  if (verdict.kind === 'ranking') return question.kind === 'ranking' && (question.ties || verdict.groups.every(({ length }) => length === 1));
  if (verdict.kind === 'rating') return question.kind === 'rating' && question.scale === verdict.scale && question.criteria.includes(verdict.criterion);
  return question.kind === verdict.kind;
}

function isValueFor(question: Question, value: string | number | string[]): boolean {
  switch (question.kind) {
    case 'choice':
      return typeof value === 'string' && question.options.includes(value);
    case 'choices':
      return Array.isArray(value) && value.every((option) => question.options.includes(option));
    case 'number':
    case 'slider':
      return typeof value === 'number' && value >= question.low && value <= question.high;
    case 'text':
      return typeof value === 'string';
    default:
      return false;
  }
}

/** The questions that are asked, given what was answered so far. One whose condition is on a question that is itself not asked is not asked. */
export function askedQuestions({ questions }: Form, answers: readonly Answer[]): Question[] {
  const asked: Question[] = [];
  for (const question of questions) {
    const { when } = question;
    if (!when || (asked.some(({ id }) => id === when.question) && answersTo(answers, when.question).some((answer) => 'value' in answer && (answer.value === when.is || (Array.isArray(answer.value) && answer.value.includes(when.is)))))) asked.push(question);
  }
  return asked;
}

/** Whether an answered question has all that it asks for of so many responses: a rating of each on each criterion, a thumb for each. */
export function isAnswered(question: Question, answers: readonly Answer[], responses: number): boolean {
  const given = answersTo(answers, question.id);
  switch (question.kind) {
    case 'rating':
      return given.length === question.criteria.length * responses;
    case 'thumb':
      return given.length === responses;
    case 'ranking':
      return given.some((answer) => 'verdict' in answer && typeof answer.verdict === 'object' && answer.verdict.kind === 'ranking' && answer.verdict.groups.flat().length === responses);
    case 'choices':
    case 'text':
      return given.some((answer) => 'value' in answer && typeof answer.value !== 'number' && answer.value.length > 0);
    default:
      return given.length > 0;
  }
}

/** The required questions that are asked and not answered yet. */
export function missing(form: Form, answers: readonly Answer[], responses: number): Question[] {
  return askedQuestions(form, answers).filter((question) => question.required && !isAnswered(question, answers, responses));
}

/** An order that has hardly begun says nothing yet. */
const hasHardlyBegun = (answer: Answer): boolean => 'verdict' in answer && typeof answer.verdict === 'object' && answer.verdict.kind === 'ranking' && answer.verdict.groups.flat().length < 2;

/** What a judgement keeps of a filled-in form: the answers to questions that were asked; where all they say is one verdict, that verdict. Null where nothing was answered. */
export function verdictOf(form: Form, answers: readonly Answer[]): { verdict: Verdict | FilledForm; strength?: Strength } | null {
  const asked = new Set(askedQuestions(form, answers).map(({ id }) => id));
  const kept = answers.filter((answer) => asked.has(answer.question) && !hasHardlyBegun(answer));
  const [first, ...others] = kept;
  if (!first) return null;
  if (others.length === 0 && 'verdict' in first) return { verdict: first.verdict, ...(first.strength !== undefined && { strength: first.strength }) };
  return { verdict: { kind: 'form', answers: kept } };
}

/** The answers of a form that a judgement came from, to be read or changed again. */
export function answersOf(form: Form, { verdict, strength }: { verdict: Verdict | FilledForm; strength?: Strength }): Answer[] {
  if (typeof verdict === 'object' && verdict.kind === 'form') return verdict.answers;
  const question = form.questions.find(({ kind }) => kind === (typeof verdict === 'string' ? 'pair' : verdict.kind));
  return question ? [{ question: question.id, verdict, ...(strength !== undefined && { strength }) }] : [];
}
