import * as v from 'valibot';
import type { Form, Question } from '../feedback/form';
import { SCALES, type Scale } from '../feedback/judgement';

/*
 * A form that comes from a file or from an editor, as it must be before anybody
 * is asked its questions.
 */

/** More than anybody answers about one item. */
export const FORM_LIMITS = { questions: 30, options: 50, reasons: 30, guidelines: 100_000 };

const words = v.pipe(v.string(), v.trim(), v.nonEmpty('it is empty'), v.maxLength(500));
const finite = v.pipe(v.number(), v.finite());
const distinct = (most: number) =>
  v.pipe(
    v.array(words),
    v.minLength(1, 'it has no entry'),
    v.maxLength(most),
    v.check((list) => new Set(list).size === list.length, 'two of its entries are the same'),
  );

const asked = { id: v.pipe(v.string(), v.nonEmpty(), v.maxLength(100)), ask: words, required: v.boolean(), when: v.optional(v.object({ question: v.string(), is: v.string() })) };
const options = distinct(FORM_LIMITS.options);
const numbers = { low: finite, high: finite, step: v.pipe(finite, v.gtValue(0, 'it is not above 0')) };

const questionSchema = v.variant('kind', [
  v.object({ ...asked, kind: v.literal('pair'), tie: v.boolean(), bothBad: v.boolean(), strength: v.boolean() }),
  v.object({ ...asked, kind: v.literal('ranking'), ties: v.boolean() }),
  v.object({ ...asked, kind: v.literal('rating'), criteria: options, scale: v.picklist(Object.keys(SCALES) as Scale[]) }),
  v.object({ ...asked, kind: v.literal('thumb') }),
  v.object({ ...asked, kind: v.literal('rewrite') }),
  v.object({ ...asked, kind: v.literal('spans'), labels: options }),
  v.object({ ...asked, kind: v.literal('choice'), options }),
  v.object({ ...asked, kind: v.literal('choices'), options }),
  v.object({ ...asked, kind: v.literal('number'), ...numbers }),
  v.object({ ...asked, kind: v.literal('slider'), ...numbers }),
  v.object({ ...asked, kind: v.literal('text') }),
]);

export const formSchema = v.object({
  name: words,
  guidelines: v.pipe(v.string(), v.maxLength(FORM_LIMITS.guidelines)),
  questions: v.pipe(
    v.array(questionSchema),
    v.minLength(1, 'it asks nothing'),
    v.maxLength(FORM_LIMITS.questions),
    v.check((questions) => new Set(questions.map(({ id }) => id)).size === questions.length, 'two of its questions have the same id'),
    v.check((questions) => questions.every((question) => !('low' in question) || question.low < question.high), 'a number’s lower end is not below its upper'),
    v.check(conditionsHold, 'a question depends on an answer that no choice before it offers'),
  ),
  reasons: v.pipe(v.array(words), v.maxLength(FORM_LIMITS.reasons)),
}) satisfies v.GenericSchema<unknown, Form>;

/** A condition names an option of a choice that is asked before. */
function conditionsHold(questions: Question[]): boolean {
  return questions.every(({ when }, place) => {
    if (!when) return true;
    const earlier = questions.slice(0, place).find(({ id }) => id === when.question);
    return earlier !== undefined && 'options' in earlier && earlier.options.includes(when.is);
  });
}
