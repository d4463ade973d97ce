import { verdictOf, type Form, type Question } from '../../feedback/form';
import { SCALES, type Answer, type FilledForm, type PairVerdict, type RankingVerdict, type Scale, type Span, type Strength, type Verdict } from '../../feedback/judgement';
import { FORM_LIMITS } from '../formSchema';

/*
 * What a file asks, found out from its answers: tools for annotation export
 * what was said and not what was asked. The whole file is heard first; then
 * each record's answers are those of one form.
 */

/** What somebody answered to one question. */
export type Said = { question: string } & (
  | { kind: 'pair'; verdict: PairVerdict; strength?: Strength }
  | { kind: 'ranking'; verdict: RankingVerdict }
  | { kind: 'rating'; response: number; value: number }
  | { kind: 'spans'; spans: Span[] }
  | { kind: 'number'; value: number }
  /** Options that were picked, or a text; where the tool doesn't say which, `options` is absent. */
  | { kind: 'words'; words: string[]; options?: boolean }
);

interface Heard {
  kind: Said['kind'];
  times: number;
  /** Ends of the numbers. */
  low: number;
  high: number;
  whole: boolean;
  /** Options or labels, as long as they are few. */
  words: Set<string>;
  several: boolean;
  options?: boolean;
  ties: boolean;
  bothBad: boolean;
  strength: boolean;
}

/** Of all the numbers that a file names responses by: without any, low is Infinity. */
export interface Numbering {
  low: number;
  high: number;
  whole: boolean;
}

export const MISHEARD = 'an answer of another kind than the first to the same question, or to a question beyond the thirtieth';

export class Survey {
  private readonly heard = new Map<string, Heard>();
  /** The question that all marks answer. */
  private marks?: string;
  private readonly numbers = { low: Infinity, high: -Infinity, whole: true };
  private found?: { form: Form; kinds: Map<string, Question['kind']> };

  /** A record names the better response by a number. */
  hearNumber(number: number): void {
    const { numbers } = this;
    numbers.low = Math.min(numbers.low, number);
    numbers.high = Math.max(numbers.high, number);
    numbers.whole &&= Number.isInteger(number);
  }

  /** The numbers by which better responses are named. */
  get numbering(): Numbering {
    return this.numbers;
  }

  /** One answer of the file. What comes after the form was asked for changes nothing. */
  hear(said: Said): void {
    const id = this.idOf(said);
    let heard = this.heard.get(id);
    if (!heard) {
      if (this.heard.size === FORM_LIMITS.questions || id.trim() === '') return;
      heard = { kind: said.kind, times: 0, low: Infinity, high: -Infinity, whole: true, words: new Set(), several: false, ties: false, bothBad: false, strength: false };
      this.heard.set(id, heard);
    }
    if (heard.kind !== said.kind) return;
    heard.times++;
    switch (said.kind) {
      case 'pair':
        heard.ties ||= said.verdict === 'tie';
        heard.bothBad ||= said.verdict === 'both-bad';
        heard.strength ||= said.strength !== undefined;
        break;
      case 'ranking':
        heard.ties ||= said.verdict.groups.some(({ length }) => length > 1);
        break;
      case 'rating':
      case 'number':
        heard.low = Math.min(heard.low, said.value);
        heard.high = Math.max(heard.high, said.value);
        heard.whole &&= Number.isInteger(said.value);
        break;
      case 'spans':
        for (const { label } of said.spans) this.keep(heard, label);
        break;
      case 'words':
        heard.several ||= said.words.length > 1;
        heard.options ??= said.options;
        for (const word of said.words) this.keep(heard, word);
    }
  }

  /** A question is known by the beginning of its name; two that share it are one, and so are all that marks are made for: a form has one such question. */
  private idOf({ question, kind }: Said): string {
    const id = question.slice(0, 100);
    if (kind !== 'spans') return id;
    const taken = this.heard.get(id);
    return taken && taken.kind !== 'spans' ? id : (this.marks ??= id);
  }

  private keep({ words }: Heard, word: string): void {
    // One more than may be is enough to know that they are too many.
    if (words.size <= FORM_LIMITS.options && word.trim() !== '') words.add(word.trim().slice(0, 500));
  }

  /** What the file asks; undefined where that is only which of two is better, or nothing. */
  get form(): Form | undefined {
    const { form } = this.settled();
    const [only, ...others] = form.questions;
    return !only || (others.length === 0 && only.kind === 'pair') ? undefined : form;
  }

  private settled() {
    if (this.found) return this.found;
    const questions = [...this.heard].map(([id, heard]) => questionOf(id, heard));
    const form: Form = { name: 'As in the imported file', guidelines: '', questions, reasons: [] };
    return (this.found = { form, kinds: new Map(questions.map(({ id, kind }) => [id, kind])) });
  }

  /** What one labeler said of one record, as answers to the form: null where that is nothing; `lost` counts what is no answer to it. */
  judgement(said: readonly Said[]): { judged: { verdict: Verdict | FilledForm; strength?: Strength } | null; lost: number } {
    const { form, kinds } = this.settled();
    const answers = said.flatMap((one) => {
      const id = this.idOf(one);
      const heard = this.heard.get(id);
      return heard?.kind === one.kind ? (answerOf(one, id, kinds.get(id), heard) ?? []) : [];
    });
    return { judged: verdictOf(form, withMarksTogether(answers)), lost: said.length - answers.length };
  }
}

/** All marks as one answer, where the first of them stood. */
function withMarksTogether(answers: readonly Answer[]): Answer[] {
  const marked = answers.filter((answer) => 'spans' in answer);
  if (marked.length < 2) return [...answers];
  const [first] = marked;
  const together = { ...first, spans: marked.flatMap(({ spans }) => spans) };
  return answers.flatMap((answer): Answer[] => (answer === first ? [together] : 'spans' in answer ? [] : [answer]));
}

/** The smallest scale that holds all ratings; undefined where none does. */
const scaleOf = ({ low, high }: Heard) => (Object.keys(SCALES) as Scale[]).find((scale) => SCALES[scale][0] <= low && high <= SCALES[scale][1]);

function questionOf(id: string, heard: Heard): Question {
  const asked = { id, ask: id.trim(), required: false };
  const options = [...heard.words];
  const few = options.length > 0 && options.length <= FORM_LIMITS.options;
  switch (heard.kind) {
    case 'pair':
      return { ...asked, kind: 'pair', tie: heard.ties, bothBad: heard.bothBad, strength: heard.strength };
    case 'ranking':
      return { ...asked, kind: 'ranking', ties: heard.ties };
    case 'rating': {
      const scale = scaleOf(heard);
      if (scale) return { ...asked, kind: 'rating', criteria: [asked.ask], scale };
      return numberQuestion(asked, heard);
    }
    case 'number':
      return numberQuestion(asked, heard);
    case 'spans':
      return { ...asked, kind: 'spans', labels: few ? options : ['marked'] };
    case 'words':
      // Without a word from the tool: options come again and again, texts don't.
      if (few && (heard.options ?? (heard.several || options.length * 2 <= heard.times))) return { ...asked, kind: heard.several ? 'choices' : 'choice', options };
      return { ...asked, kind: 'text' };
  }
}

const numberQuestion = (asked: Pick<Question, 'id' | 'ask' | 'required'>, { low, high, whole }: Heard): Question => ({ ...asked, kind: 'number', low: Math.min(0, low), high: Math.max(1, high), step: whole ? 1 : 0.01 });

function answerOf(said: Said, question: string, kind: Question['kind'] | undefined, heard: Heard): Answer | null {
  switch (said.kind) {
    case 'pair':
      return { question, verdict: said.verdict, ...(said.strength !== undefined && { strength: said.strength }) };
    case 'ranking':
      return { question, verdict: said.verdict };
    case 'rating': {
      const scale = scaleOf(heard);
      return scale ? { question, verdict: { kind: 'rating', response: said.response, criterion: question.trim(), scale, value: said.value } } : { question, value: said.value };
    }
    case 'spans':
      return { question, spans: said.spans };
    case 'number':
      return { question, value: said.value };
    case 'words': {
      const words = said.words.map((word) => word.trim().slice(0, 500)).filter((word) => word !== '');
      if (kind === 'choices') return { question, value: words };
      if (kind === 'choice') return words.length > 0 ? { question, value: words[0] } : null;
      return { question, value: said.words.join('\n') };
    }
  }
}
