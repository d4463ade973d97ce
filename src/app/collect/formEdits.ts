import type { Form, Question } from '../../feedback/form';

/*
 * Changes of a form while it is edited, each from a form to the next. What
 * depends on a question follows it: conditions know an option by its words.
 */

type Questions = readonly Question[];

/** The option of another question that a condition could be on: those of the choices before this question. */
export function choicesBefore(questions: Questions, id: string): Extract<Question, { options: string[] }>[] {
  return questions.slice(0, questions.findIndex((question) => question.id === id)).filter((question) => 'options' in question);
}

/** With a question in another place, from 0; the others keep their order. */
export function placed(questions: Questions, id: string, place: number): Question[] {
  const question = questions.find((other) => other.id === id);
  return question ? questions.filter((other) => other !== question).toSpliced(place, 0, question) : [...questions];
}

/** With a copy of a question right after it. */
export function duplicated(questions: Questions, id: string, copyId: string): Question[] {
  return questions.flatMap((question) => (question.id === id ? [question, { ...question, id: copyId }] : [question]));
}

/** With other options of a choice. Where one of them was only reworded, conditions on it go with it. */
export function withOptions(questions: Questions, id: string, options: string[]): Question[] {
  const before = questions.find((question) => question.id === id);
  if (!before || !('options' in before)) return [...questions];
  const reworded = rewordedOption(before.options, options);
  return questions.map((question) => {
    if (question === before) return { ...before, options };
    const { when } = question;
    return reworded && when?.question === id && when.is === reworded.from ? { ...question, when: { question: id, is: reworded.to } } : question;
  });
}

/** The one entry in which two lists of a length differ. */
function rewordedOption(before: readonly string[], after: readonly string[]): { from: string; to: string } | null {
  if (before.length !== after.length) return null;
  const places = before.flatMap((option, place) => (option === after[place] ? [] : [place]));
  return places.length === 1 ? { from: before[places[0]], to: after[places[0]] } : null;
}

const LONGEST_ID = 40;

/**
 * With an id of its own words for each question that has none for good yet.
 * Answers refer to ids, so the others keep theirs, and none that was ever
 * `taken` is given again: a new question must not inherit old answers.
 */
export function withSettledIds(form: Form, taken: readonly string[]): Form {
  const used = new Set(taken);
  const settled = new Map<string, string>();
  for (const { id, ask } of form.questions) {
    if (taken.includes(id)) continue;
    const fresh = unusedId(ask, used);
    used.add(fresh);
    settled.set(id, fresh);
  }
  const idOf = (id: string) => settled.get(id) ?? id;
  return {
    ...form,
    questions: form.questions.map((question) => ({ ...question, id: idOf(question.id), ...(question.when && { when: { ...question.when, question: idOf(question.when.question) } }) })),
  };
}

function unusedId(ask: string, used: ReadonlySet<string>): string {
  const words = ask.toLowerCase().normalize().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  // By characters: half of one would be none.
  const plain = [...words.join('-')].slice(0, LONGEST_ID).join('').replace(/-+$/, '') || 'question';
  for (let n = 1; ; n++) {
    const id = n === 1 ? plain : `${plain}-${n}`;
    if (!used.has(id)) return id;
  }
}
