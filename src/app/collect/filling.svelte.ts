import { answersTo, askedQuestions, isAnswered, isAnswerTo, isInstant, missing, verdictOf, withAnswers, type Form, type Question } from '../../feedback/form';
import type { Answer, Comparison, Remarks, Span } from '../../feedback/judgement';
import type { Said } from './queue.svelte';
import { answered, isDone, isOpenEnded, moved, optionsOf, rankedGroups, ranking, stopsOf, tiedOrParted, type Option, type Stop } from './stops';

// Long enough for a word, short enough that nothing is lost that anybody would miss.
const SAVE_AFTER_MS = 300;

/** A stretch of a response that is selected and could be marked. */
export type Selection = Pick<Span, 'response' | 'from' | 'to'>;

/** What is filled in, before it is a judgement. */
export interface Draft extends Remarks {
  answers: readonly Answer[];
}

/** Where a form comes from, and where what is filled in goes. */
export interface Desk {
  readonly form: Form;
  /** What was filled in of this item before, and whether that is a draft that is kept. */
  recall(comparison: Comparison): Promise<(Draft & { kept: boolean }) | null>;
  keep(comparison: Comparison, draft: Draft): Promise<void>;
  /** Nothing of the draft is needed any more. */
  drop(comparison: Comparison): void;
  submit(comparison: Comparison, said: Said): Promise<void>;
}

/** The form of the item on the screen, as somebody fills it in. What is filled in is saved as a draft, and is a judgement only once it is submitted. */
export class Filling {
  #comparison = $state.raw<Comparison | null>(null);
  #given = $state.raw<readonly Answer[]>([]);
  #reasons = $state.raw<readonly string[]>([]);
  #comment = $state('');
  #active = $state<string | null>(null);
  #selection = $state.raw<Selection | null>(null);
  /** The questions that a submission was refused for. */
  #refused = $state.raw<readonly Question[]>([]);
  #draft = $state<'none' | 'saving' | 'saved' | 'failed'>('none');
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #desk: Desk;
  /** What was given to the form as it is now: it may have been changed since a draft was kept, or just now. */
  readonly #answers = $derived<readonly Answer[]>(this.#given.filter((answer) => this.#desk.form.questions.some((question) => isAnswerTo(question, answer))));
  #stops = $derived.by(() => (this.#comparison ? stopsOf(this.#desk.form, this.#answers, this.#comparison) : []));
  #stop = $derived(this.#stops.find(({ key }) => key === this.#active) ?? this.#stops.find((stop) => !this.done(stop)) ?? this.#stops.at(-1) ?? null);

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  get form(): Form {
    return this.#desk.form;
  }

  get answers(): readonly Answer[] {
    return this.#answers;
  }

  get reasons(): readonly string[] {
    return this.#reasons;
  }

  get comment(): string {
    return this.#comment;
  }

  get questions(): readonly Question[] {
    return askedQuestions(this.#desk.form, this.#answers);
  }

  /** The questions without an answer that an attempt to submit has shown: what is required, or, where nothing is, all of them. */
  get refused(): readonly Question[] {
    const comparison = this.#comparison;
    if (!comparison || this.complete) return [];
    const asked = this.questions;
    return this.#refused.filter((question) => asked.includes(question) && !isAnswered(question, this.#answers, comparison.responses.length));
  }

  /** Whether what is filled in is on the disk. */
  get draft(): 'none' | 'saving' | 'saved' | 'failed' {
    return this.#draft;
  }

  get stops(): readonly Stop[] {
    return this.#stops;
  }

  /** The stop that the digits answer: the chosen one, else the first that is open. */
  get stop(): Stop | null {
    return this.#stop;
  }

  get selection(): Selection | null {
    return this.#selection;
  }

  /** One key judges, and nothing has to be submitted. */
  get instant(): boolean {
    return this.#comparison !== null && isInstant(this.#desk.form, this.#comparison);
  }

  get complete(): boolean {
    return this.#comparison !== null && this.#open.length === 0 && verdictOf(this.#desk.form, this.#answers) !== null;
  }

  get remarks(): Remarks {
    return { ...(this.#reasons.length > 0 && { reasons: [...this.#reasons] }), ...(this.#comment.trim() !== '' && { comment: this.#comment.trim() }) };
  }

  get #open(): Question[] {
    return this.#comparison ? missing(this.#desk.form, this.#answers, this.#comparison.responses.length) : [];
  }

  done(stop: Stop): boolean {
    return this.#comparison !== null && isDone(stop, this.#answers, this.#comparison.responses.length);
  }

  options(stop: Stop): Option[] {
    return this.#comparison ? optionsOf(stop, this.#answers, this.#comparison) : [];
  }

  /** Another item is on the screen: its draft if it has one; what was said of it, where it was opened again to be changed. */
  async begin(comparison: Comparison | null): Promise<void> {
    if (comparison?.id === this.#comparison?.id) return;
    this.#saveNow();
    this.#comparison = comparison;
    this.#set([], {});
    if (!comparison) return;
    const before = await this.#desk.recall(comparison);
    // Somebody went on, or began to fill it in, while it was looked up.
    if (this.#comparison?.id !== comparison.id || !before || this.#draft !== 'none') return;
    this.#set(before.answers, before);
    if (before.kept) this.#draft = 'saved';
  }

  /** Answer a question; its earlier answers go. */
  give(question: string, answers: readonly Answer[]): void {
    this.#given = withAnswers(this.#given, question, answers);
    this.#changed();
  }

  /** Answer one stop. */
  answer(stop: Stop, answer: Answer | null): void {
    this.give(stop.question.id, answered(stop, this.#answers, answer));
  }

  /** Choose an option of a stop and go on to the next, or submit where that is all. */
  choose(stop: Stop, option: Option): void {
    this.#active = stop.key;
    this.give(stop.question.id, option.give());
    if (this.instant) void this.submit();
    else if (!isOpenEnded(stop) && this.done(stop)) this.#active = null;
  }

  /** A digit was pressed: the option of that number at the active stop; of spans, the label for what is selected. */
  pick(number: number): void {
    const stop = this.#stop;
    if (!stop) return;
    if (stop.question.kind === 'spans') this.mark(stop.question.labels[number - 1]);
    else {
      const option = this.options(stop)[number - 1];
      if (option) this.choose(stop, option);
    }
  }

  /** Mark what is selected; what bears the same mark already keeps it. */
  mark(label: string | undefined): void {
    const selection = this.#selection;
    const question = this.questions.find(({ kind }) => kind === 'spans');
    if (!selection || !question || label === undefined) return;
    const { response, from, to } = selection;
    const marked = this.spans.some((span) => span.response === response && span.from === from && span.to === to && span.label === label);
    if (!marked) this.give(question.id, [{ question: question.id, spans: [...this.spans, { ...selection, label }] }]);
    this.#selection = null;
  }

  get spans(): readonly Span[] {
    return this.#answers.flatMap((answer) => ('spans' in answer ? answer.spans : []));
  }

  /** Change or take away one of the marks. */
  setSpans(spans: readonly Span[]): void {
    const question = this.questions.find(({ kind }) => kind === 'spans');
    if (question) this.give(question.id, spans.length > 0 ? [{ question: question.id, spans: [...spans] }] : []);
  }

  select(selection: Selection | null): void {
    this.#selection = selection;
    const stop = selection && this.#stops.find(({ question, response }) => question.kind === 'spans' && response === selection.response);
    if (stop) this.#active = stop.key;
  }

  /** Go to the next stop (1) or the one before (−1). */
  move(by: 1 | -1): void {
    const at = this.#stops.findIndex(({ key }) => key === this.#stop?.key);
    const next = this.#stops[at + by];
    if (next) this.#active = next.key;
  }

  activate(stop: Stop): void {
    this.#active = stop.key;
  }

  /** Take back the answer of the active stop; of a ranking or of marks, the last one. */
  clear(): void {
    const stop = this.#stop;
    if (!stop) return;
    const { question } = stop;
    if (question.kind === 'ranking') this.give(question.id, ranking(question.id, rankedGroups(answersTo(this.#answers, question.id)).slice(0, -1)));
    else if (question.kind === 'spans') this.setSpans(this.spans.slice(0, -1));
    else this.answer(stop, null);
  }

  /** Move a response in a ranking, or tie it with the one before. */
  rank(question: string, place: number, how: 'better' | 'worse' | 'tie'): void {
    const groups = rankedGroups(answersTo(this.#answers, question));
    this.give(question, ranking(question, how === 'tie' ? tiedOrParted(groups, place) : moved(groups, place, how === 'better' ? -1 : 1)));
  }

  toggleReason(reason: string): void {
    this.#reasons = this.#reasons.includes(reason) ? this.#reasons.filter((other) => other !== reason) : [...this.#reasons, reason];
    this.#changed();
  }

  write(comment: string): void {
    this.#comment = comment;
    this.#changed();
  }

  /** Judge; where something required is missing, say what instead. */
  async submit(): Promise<void> {
    const comparison = this.#comparison;
    const said = verdictOf(this.#desk.form, this.#answers);
    if (!comparison) return;
    if (this.#open.length > 0 || !said) {
      this.#refused = this.#open.length > 0 ? this.#open : this.questions;
      this.#active = this.#stops.find((stop) => stop.question.id === this.#refused[0]?.id && !this.done(stop))?.key ?? null;
      return;
    }
    const remarks = this.remarks;
    this.forget(comparison);
    await this.#desk.submit(comparison, { ...said, ...remarks });
  }

  /** Save what is filled in now: the page may be gone in a moment. */
  keep(): void {
    this.#saveNow();
  }

  /** The item is done, one way or another: nothing of its draft is kept. */
  forget(comparison: Comparison | null = this.#comparison): void {
    if (!comparison) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const kept = this.#draft !== 'none';
    this.#set([], {});
    this.#comparison = null;
    if (kept) this.#desk.drop(comparison);
  }

  #set(answers: readonly Answer[], { reasons = [], comment = '' }: Remarks): void {
    this.#given = answers;
    this.#reasons = reasons;
    this.#comment = comment;
    this.#active = null;
    this.#selection = null;
    this.#refused = [];
    this.#draft = 'none';
  }

  #changed(): void {
    this.#draft = 'saving';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#saveNow(), SAVE_AFTER_MS);
  }

  #saveNow(): void {
    const comparison = this.#comparison;
    if (this.#timer === undefined || !comparison) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#desk.keep(comparison, { answers: this.#answers, ...this.remarks }).then(
      () => this.#comparison?.id === comparison.id && this.#timer === undefined && this.#draft === 'saving' && (this.#draft = 'saved'),
      () => this.#comparison?.id === comparison.id && (this.#draft = 'failed'),
    );
  }
}
