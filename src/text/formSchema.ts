import * as v from 'valibot';
import type { Form } from '../feedback/form';
import { SCALES, type Scale } from '../feedback/judgement';

/*
 * A form that comes from a file or from an editor, as it must be before anybody
 * is asked its questions. What is wrong is said of the field that it is wrong in.
 */

/** More than anybody answers about one item. */
export const FORM_LIMITS = { questions: 30, options: 50, reasons: 30, words: 500, guidelines: 100_000 };

const NOT_THERE = 'it is missing, or of the wrong kind';
const text = v.string(NOT_THERE);
const flag = v.boolean(NOT_THERE);
const number = v.pipe(v.number('it is not a number'), v.finite('it is not a number'));
const words = v.pipe(text, v.trim(), v.nonEmpty('it is empty'), v.maxLength(FORM_LIMITS.words, `it is longer than ${FORM_LIMITS.words} characters`));
const distinct = (fewest: number, most: number) =>
  v.pipe(
    v.array(words, NOT_THERE),
    v.minLength(fewest, 'it has no entry'),
    v.maxLength(most, `it has more than ${most} entries`),
    v.check((list) => new Set(list).size === list.length, 'two of its entries are the same'),
  );

// Stops are told apart by ids with slashes between them.
const id = v.pipe(text, v.maxLength(100, 'it is longer than 100 characters'), v.regex(/^[\p{L}\p{M}\p{N}_-]+$/u, 'it is not made of letters, digits and hyphens'));
const asked = { id, ask: words, required: flag, when: v.optional(v.object({ question: text, is: text }, NOT_THERE)) };
const options = distinct(1, FORM_LIMITS.options);
const measured = <Kind extends 'number' | 'slider'>(kind: Kind) =>
  v.pipe(
    v.object({ ...asked, kind: v.literal(kind), low: number, high: number, step: v.pipe(number, v.gtValue(0, 'it is not above 0')) }, NOT_THERE),
    v.forward(v.check(({ low, high }) => low < high, 'it is not above the lowest'), ['high']),
    v.forward(v.check(({ low, high, step }) => low >= high || step <= high - low, 'it is wider than from the lowest to the highest'), ['step']),
  );

const questionSchema = v.variant(
  'kind',
  [
    v.object({ ...asked, kind: v.literal('pair'), tie: flag, bothBad: flag, strength: flag }, NOT_THERE),
    v.object({ ...asked, kind: v.literal('ranking'), ties: flag }, NOT_THERE),
    v.object({ ...asked, kind: v.literal('rating'), criteria: options, scale: v.picklist(Object.keys(SCALES) as Scale[], `it is none of ${Object.keys(SCALES).join(', ')}`) }, NOT_THERE),
    v.object({ ...asked, kind: v.literal('thumb') }, NOT_THERE),
    v.object({ ...asked, kind: v.literal('rewrite') }, NOT_THERE),
    v.object({ ...asked, kind: v.literal('spans'), labels: options }, NOT_THERE),
    v.object({ ...asked, kind: v.literal('choice'), options }, NOT_THERE),
    v.object({ ...asked, kind: v.literal('choices'), options }, NOT_THERE),
    measured('number'),
    measured('slider'),
    v.object({ ...asked, kind: v.literal('text') }, NOT_THERE),
  ],
  'it is no kind of question',
);

export const formSchema = v.object(
  {
    name: words,
    guidelines: v.pipe(text, v.maxLength(FORM_LIMITS.guidelines, `it is longer than ${FORM_LIMITS.guidelines} characters`)),
    questions: v.pipe(
      v.array(questionSchema, NOT_THERE),
      v.minLength(1, 'it asks nothing'),
      v.maxLength(FORM_LIMITS.questions, `it asks more than ${FORM_LIMITS.questions} questions`),
      eachQuestion('id', ({ id }, earlier) => (earlier.some((other) => other.id === id) ? 'an earlier question has the same one' : null)),
      eachQuestion('kind', ({ kind }, earlier) => (kind === 'spans' && earlier.some((other) => other.kind === kind) ? 'an earlier question marks stretches already; give that one more labels' : null)),
      eachQuestion('when', ({ when }, earlier) => {
        const holds = !when || earlier.some((other) => other.id === when.question && 'options' in other && other.options.includes(when.is));
        return holds ? null : 'no choice before this question offers that answer';
      }),
    ),
    reasons: distinct(0, FORM_LIMITS.reasons),
  },
  NOT_THERE,
) satisfies v.GenericSchema<unknown, Form>;

type CheckedQuestion = v.InferOutput<typeof questionSchema>;

/** What is wrong with a field of a question, given the questions before it. */
function eachQuestion(field: 'id' | 'kind' | 'when', fault: (question: CheckedQuestion, earlier: CheckedQuestion[]) => string | null) {
  return v.rawCheck<CheckedQuestion[]>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const questions = dataset.value;
    questions.forEach((question, place) => {
      const message = fault(question, questions.slice(0, place));
      if (message === null) return;
      addIssue({
        message,
        path: [
          { type: 'array', origin: 'value', input: questions, key: place, value: question },
          { type: 'object', origin: 'value', input: { ...question }, key: field, value: question[field] },
        ],
      });
    });
  });
}
