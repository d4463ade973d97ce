import type { Form } from '../../feedback/form';
import { DEFAULT_FORM } from '../../feedback/formTemplates';
import { listComparisons, setForm } from '../../store/datasets';
import type { DatasetRecord } from '../../store/schema';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { unsuitedSentence } from './formWords';

/** A form that somebody wants, with what it would leave out. */
interface Proposal {
  form: Form;
  consequence: string;
  answer: (yes: boolean) => void;
}

/** A dataset gets another form. No judgement is changed by it; where items would stay away, it is asked first. */
class FormChange {
  #proposal = $state.raw<Proposal | null>(null);
  #before = $state.raw<DatasetRecord | null>(null);

  get proposal(): Proposal | null {
    return this.#proposal;
  }

  /** What the form was before it was changed last, since the page was opened. */
  get before(): Form | null {
    return this.#before && this.#before.id === shelf.activeDataset?.id ? (this.#before.form ?? DEFAULT_FORM) : null;
  }

  /**
   * Use a form for the dataset in use, or for a first one.
   * @returns whether it is used now
   * @throws what the store throws; then nothing was changed
   */
  async use(form: Form): Promise<boolean> {
    const { database } = lab;
    if (!database) throw new Error(lab.storageError ?? 'The storage is not open yet. Try again in a moment.');
    const dataset = shelf.activeDataset ?? (await shelf.addDataset('My judgements', shelf.activeModel?.id));
    const responses = (await listComparisons(database, dataset.id)).map((comparison) => comparison.responses.length);
    const consequence = unsuitedSentence(form, responses);
    if (consequence !== null && !(await this.#ask(form, consequence))) return false;
    await setForm(database, dataset.id, form);
    this.#before = dataset;
    notices.tell(`The form is “${form.name}” now`, 'What was judged before stands.');
    return true;
  }

  answer(yes: boolean): void {
    this.#proposal?.answer(yes);
    this.#proposal = null;
  }

  #ask(form: Form, consequence: string): Promise<boolean> {
    this.answer(false);
    return new Promise((answer) => (this.#proposal = { form, consequence, answer }));
  }
}

export const formChange = new FormChange();
