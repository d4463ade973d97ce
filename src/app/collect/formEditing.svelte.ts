import * as v from 'valibot';
import type { Form, Question, QuestionKind } from '../../feedback/form';
import { TEMPLATES } from '../../feedback/formTemplates';
import { formSchema } from '../../text/formSchema';
import { duplicated, placed, withOptions, withSettledIds } from './formEdits';
import { newQuestion } from './newQuestion';

interface Fault {
  /** The field that is wrong, with dots for depth. */
  field: string;
  message: string;
}

/** A form on the desk of whoever edits it. Nothing of it counts before it is finished; nothing of it is lost before it is thrown away. */
export class FormEditing {
  /** As it was when editing began; null: nothing is being edited. */
  #before = $state.raw<Form | null>(null);
  #form = $state.raw<Form | null>(null);
  /** The latest state of it without a fault. */
  #sound = $state.raw<Form | null>(null);
  #faults = $state.raw<readonly Fault[]>([]);
  #leaving = $state(false);
  #added = 0;

  get form(): Form | null {
    return this.#form;
  }

  /** For a preview: the form, or what it was before the fault that it has now. */
  get sound(): Form | null {
    return this.#sound;
  }

  get faultless(): boolean {
    return this.#faults.length === 0;
  }

  get changed(): boolean {
    return JSON.stringify(this.#form) !== JSON.stringify(this.#before);
  }

  /** Somebody wanted to leave, with changes that are not saved: to be asked about. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** What is wrong with a field, or inside it; null: nothing. */
  fault(field: string): string | null {
    return this.#faults.find((fault) => fault.field === field || fault.field.startsWith(`${field}.`))?.message ?? null;
  }

  /** Begin with a form; one that is being edited already stays as it is. */
  begin(form: Form): void {
    if (this.#form) return;
    this.#before = form;
    this.#set(form);
  }

  describe(part: Partial<Pick<Form, 'name' | 'guidelines' | 'reasons'>>): void {
    if (this.#form) this.#set({ ...this.#form, ...part });
  }

  add(kind: QuestionKind): void {
    this.#ask((questions) => [...questions, newQuestion(kind, this.#provisionalId())]);
  }

  /** @param place from 0 */
  place(id: string, place: number): void {
    this.#ask((questions) => placed(questions, id, place));
  }

  duplicate(id: string): void {
    this.#ask((questions) => duplicated(questions, id, this.#provisionalId()));
  }

  remove(id: string): void {
    this.#ask((questions) => questions.filter((question) => question.id !== id));
  }

  /** Change fields that a question of its kind has. */
  change(id: string, part: object): void {
    this.#ask((questions) => questions.map((question) => (question.id === id ? { ...question, ...part } : question)));
  }

  setOptions(id: string, options: string[]): void {
    this.#ask((questions) => withOptions(questions, id, options));
  }

  /** Ask a question only where an earlier choice was answered so; null: always. */
  setCondition(id: string, when: Question['when'] | null): void {
    this.#ask((questions) =>
      questions.map((question) => {
        if (question.id !== id) return question;
        const { when: _before, ...always } = question;
        return when ? { ...always, when } : always;
      }),
    );
  }

  /** Whether it can be left now; where changes would be lost, it is asked about first. */
  leave(): boolean {
    this.#leaving = this.changed && !this.#leaving;
    return !this.changed;
  }

  stay(): void {
    this.#leaving = false;
  }

  /** The form as it is to be saved, each question with its lasting id; null where something is wrong with it. */
  finished(): Form | null {
    return this.#sound && this.#before && this.faultless ? withSettledIds(this.#sound, this.#before.questions.map(({ id }) => id)) : null;
  }

  /** It was saved, or is thrown away. */
  end(): void {
    this.#before = this.#form = this.#sound = null;
    this.#faults = [];
    this.#leaving = false;
  }

  #ask(change: (questions: Question[]) => Question[]): void {
    if (this.#form) this.#set({ ...this.#form, questions: change(this.#form.questions) });
  }

  #set(form: Form): void {
    this.#form = this.#named(form);
    this.#leaving = false;
    const result = v.safeParse(formSchema, this.#form);
    this.#faults = (result.issues ?? []).map((issue) => ({ field: v.getDotPath(issue) ?? '', message: issue.message }));
    if (result.success) this.#sound = result.output;
  }

  /** A template that was changed has another name than the template, unless somebody names it. */
  #named(form: Form): Form {
    if (!this.#before || !(TEMPLATES as readonly { name: string }[]).some(({ name }) => name === this.#before?.name)) return form;
    const { name } = this.#before;
    const own = `${name} (changed)`;
    const same = JSON.stringify({ ...form, name }) === JSON.stringify(this.#before);
    if (same) return form.name === own ? { ...form, name } : form;
    return form.name === name ? { ...form, name: own } : form;
  }

  /** It never leaves the editor, where the preview keeps its answers by it while the question is worded. */
  #provisionalId(): string {
    const taken = [this.#form, this.#before].flatMap((form) => form?.questions.map(({ id }) => id) ?? []);
    let id;
    do id = `new-${++this.#added}`;
    while (taken.includes(id));
    return id;
  }
}

export const formEditing = new FormEditing();
