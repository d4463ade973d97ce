import type { Span, Turn } from '../../feedback/judgement';
import { FileError } from '../fileError';
import type { Format } from './format';
import { item, placeOf, type ImportedAct, type ImportedItem, type ImportedJudgement, type LeftOut } from './item';
import { isObject, objectOf, own, type FileRecord } from './record';
import { namedResponse, preferring, splitFields, withoutResponse, type SplitFields } from './responseFields';
import { MISHEARD, type Said, type Survey } from './survey';

/*
 * Label Studio's JSON export (labelstud.io/guide/task_format): a list of tasks
 * {"data", "annotations": [{"result", "completed_by", "was_cancelled", …}]}.
 * Read are the results of its tags Pairwise, Ranker, Rating, Choices, TextArea,
 * Number, and Labels on text; the shorter exports (JSON-MIN, CSV) are not read.
 * What a model predicted is no judgement.
 */

export const labelStudio: Format = {
  id: 'label-studio',
  title: 'Label Studio tasks',
  about: 'Tasks of Label Studio with their annotations: pairs, rankings, ratings, choices, marked stretches and texts',
  extensions: ['.json'],
  container: 'json',
  recognises: (first) => first.some((value) => isObject(own(value, 'data')) && Array.isArray(own(value, 'annotations'))),
  hear(record, survey) {
    const task = taskOf(record);
    if (task) for (const annotation of annotationsOf(record)) for (const said of resultsOf(record, annotation, task).said) survey.hear(said);
  },
  read,
};

interface Task extends SplitFields {
  /** What a Ranker calls each response, where the task lists them. */
  ids: readonly string[];
}

function read(record: FileRecord, survey: Survey): ImportedItem | LeftOut {
  const task = taskOf(record);
  if (!task) return { ...placeOf(record), leftOut: 'none of its data is recognised as a response' };
  const judged: ImportedJudgement[] = [];
  const skipped: ImportedAct[] = [];
  const lost: string[] = [];
  for (const annotation of annotationsOf(record)) {
    const act = actOf(annotation);
    if (own(annotation.value, 'was_cancelled') === true) {
      skipped.push(act);
      continue;
    }
    const heard = resultsOf(record, annotation, task);
    const { judged: judgement, lost: misheard } = survey.judgement(heard.said);
    lost.push(...heard.lost, ...Array.from({ length: misheard }, () => MISHEARD));
    if (judgement) judged.push({ ...judgement, ...act });
  }
  return item(record, task.prompt, task.responses, { judged, ...(skipped.length > 0 && { skipped }), ...(lost.length > 0 && { lost }) });
}

/** The texts of a task; responses that a Ranker orders are a list of {"id", "body"}. */
function taskOf(record: FileRecord): Task | null {
  const data = own(objectOf(record), 'data');
  if (!isObject(data)) throw new FileError(record, 'data', 'it is not an object');
  const texts = new Map<string, string | Turn[]>();
  let listed: { ids: string[]; responses: string[] } | undefined;
  for (const [name, content] of Object.entries(data)) {
    if (typeof content === 'string') texts.set(name, content);
    else if (Array.isArray(content) && content.length > 0 && content.every((entry) => typeof own(entry, 'id') === 'string')) listed ??= listOf(content);
  }
  if (!listed) {
    const split = splitFields(texts);
    return split && { ...split, ids: split.names };
  }
  return { prompt: [...texts.values()].join('\n\n'), names: listed.ids, ...listed };
}

function listOf(entries: unknown[]): { ids: string[]; responses: string[] } {
  const textOf = (entry: unknown) => ['body', 'text', 'html', 'title'].map((field) => own(entry, field)).find((text) => typeof text === 'string') ?? '';
  return { ids: entries.map((entry) => own(entry, 'id') as string), responses: entries.map(textOf) };
}

interface Annotation {
  value: unknown;
  at: string;
}

function annotationsOf(record: FileRecord): Annotation[] {
  const annotations = own(objectOf(record), 'annotations') ?? [];
  if (!Array.isArray(annotations)) throw new FileError(record, 'annotations', 'it is not a list');
  return annotations.map((value: unknown, i) => {
    if (!isObject(value)) throw new FileError(record, `annotations.${i}`, 'it is not an object');
    return { value, at: `annotations.${i}` };
  });
}

/** Who annotated, a number or a person with an address, and when. */
function actOf({ value }: Annotation): ImportedAct {
  const by = own(value, 'completed_by');
  const id = isObject(by) ? own(by, 'id') : by;
  const email = own(by, 'email');
  const name = typeof email === 'string' ? email : typeof id === 'number' || typeof id === 'string' ? String(id) : undefined;
  const created = own(value, 'created_at');
  const at = typeof created === 'string' ? Date.parse(created) : NaN;
  return { ...(name !== undefined && { rater: { kind: 'person', name, id: `label-studio:${String(id ?? name)}` } }), ...(at >= 0 && { at }) };
}

function resultsOf(record: FileRecord, annotation: Annotation, task: Task): { said: Said[]; lost: string[] } {
  const results = own(annotation.value, 'result') ?? [];
  if (!Array.isArray(results)) throw new FileError(record, `${annotation.at}.result`, 'it is not a list');
  const said: Said[] = [];
  const lost: string[] = [];
  const spans = new Map<string, Span[]>();
  results.forEach((result: unknown, i) => {
    const at = `${annotation.at}.result.${i}`;
    if (!isObject(result)) throw new FileError(record, at, 'it is not an object');
    const outcome = resultOf(result, task);
    if (outcome === null) lost.push(`a result of the kind ${JSON.stringify(String(own(result, 'type')).slice(0, 40))}, or of no response`);
    else if (outcome.kind === 'spans') spans.set(outcome.question, [...(spans.get(outcome.question) ?? []), ...outcome.spans]);
    else said.push(outcome);
  });
  return { said: [...said, ...[...spans].map(([question, marked]): Said => ({ question, kind: 'spans', spans: marked }))], lost };
}

/** What one result says; null where the lab has no word for it. */
function resultOf(result: unknown, task: Task): Said | null {
  const { names, ids, responses } = task;
  const from = own(result, 'from_name');
  const to = own(result, 'to_name');
  const value = own(result, 'value');
  const question = typeof from === 'string' && from.trim() !== '' ? from : 'answer';
  const about = typeof to === 'string' ? namedResponse(to, names) : null;
  const response = about ?? (names.length === 1 ? 0 : namedResponse(question, names));
  const texts = (field: string): string[] | null => {
    const list = own(value, field);
    const all = Array.isArray(list) ? list : [list];
    return all.every((text) => typeof text === 'string') ? all : null;
  };
  switch (own(result, 'type')) {
    case 'pairwise': {
      const selected = own(value, 'selected');
      if (responses.length !== 2 || (selected !== 'left' && selected !== 'right')) return null;
      // The names of the two stand in the order of the screen.
      const left = typeof to === 'string' ? (namedResponse(to.split(',')[0], names) ?? 0) : 0;
      return { question, kind: 'pair', verdict: (selected === 'left') === (left === 0) ? 'first' : 'second' };
    }
    case 'ranker': {
      const ranker = own(value, 'ranker');
      // One list is an order; several are boxes into which responses were sorted, of which only the first has an order that is known.
      const list = Array.isArray(ranker) ? ranker : isObject(ranker) && Object.keys(ranker).length === 1 ? Object.values(ranker)[0] : null;
      if (!Array.isArray(list)) return null;
      const places = list.map((id) => ids.indexOf(id as string));
      if (places.length < 2 || places.includes(-1) || new Set(places).size < places.length) return null;
      return { question, kind: 'ranking', verdict: { kind: 'ranking', groups: places.map((place) => [place]) } };
    }
    case 'rating': {
      const rating = own(value, 'rating');
      if (typeof rating !== 'number' || !Number.isFinite(rating)) return null;
      return response === null ? { question, kind: 'number', value: rating } : { question: withoutResponse(question, names), kind: 'rating', response, value: rating };
    }
    case 'number': {
      const number = own(value, 'number');
      return typeof number === 'number' && Number.isFinite(number) ? { question, kind: 'number', value: number } : null;
    }
    case 'choices': {
      const words = texts('choices');
      if (!words) return null;
      const verdict = words.length === 1 ? preferring(question, words[0], names) : null;
      if (typeof verdict === 'string') return { question, kind: 'pair', verdict };
      return verdict ? { question, kind: 'ranking', verdict } : { question, kind: 'words', words, options: true };
    }
    case 'textarea': {
      const words = texts('text');
      return words && { question, kind: 'words', words: [words.join('\n')], options: false };
    }
    case 'labels': {
      const [start, end] = [own(value, 'start'), own(value, 'end')];
      const [label] = texts('labels') ?? [];
      const whole = typeof start === 'number' && typeof end === 'number' && Number.isInteger(start) && Number.isInteger(end);
      if (response === null || label === undefined || !whole || start < 0 || start >= end || end > responses[response].length) return null;
      const text = own(value, 'text');
      if (typeof text === 'string' && responses[response].slice(start, end) !== text) return null;
      return { question, kind: 'spans', spans: [{ response, from: start, to: end, label }] };
    }
    default:
      return null;
  }
}
