import type { Span, Turn } from '../../feedback/judgement';
import { FileError } from '../fileError';
import type { Format } from './format';
import { item, placeOf, type ImportedAct, type ImportedItem, type ImportedJudgement, type LeftOut } from './item';
import { turnsOfMessages } from './messages';
import { isObject, objectOf, own, type FileRecord } from './record';
import { meansResponse, namedResponse, preferring, splitFields, withoutResponse, type SplitFields } from './responseFields';
import { MISHEARD, type Said, type Survey } from './survey';

/*
 * Records as Argilla writes them (docs.argilla.io, "Import and export
 * records"): {"fields", "responses", "suggestions", …}. Read are records of
 * version 2, whose responses are {question: [{value, user_id, status}]}; of
 * version 1, whose responses are [{values: {question: {value}}, user_id,
 * status}]; and version 1's data sets for the Hugging Face Hub, where the
 * questions stand beside the fields as lists of {user_id, value, status}.
 *
 * What is no person's submitted answer (a suggestion, a draft) is no judgement.
 */

export const argilla: Format = {
  id: 'argilla',
  title: 'Argilla records',
  about: 'Records of Argilla with their responses: ratings, rankings, labels, marked spans and texts',
  extensions: ['.json', '.jsonl'],
  container: 'json',
  recognises: (first) => first.some((value) => (isObject(own(value, 'fields')) && (isList(own(value, 'responses')) || isObject(own(value, 'responses')) || own(value, 'suggestions') !== undefined)) || hubQuestions(value).length > 0),
  hear(record, survey) {
    const fields = fieldsOf(record);
    if (fields) for (const { answers } of labelersOf(record)) for (const answer of answers) for (const said of saidOf(record, answer, fields).said) survey.hear(said);
  },
  read,
};

const isList = Array.isArray;

function read(record: FileRecord, survey: Survey): ImportedItem | LeftOut {
  const fields = fieldsOf(record);
  if (!fields) return { ...placeOf(record), leftOut: 'none of its fields is recognised as a response' };
  const judged: ImportedJudgement[] = [];
  const discarded: ImportedAct[] = [];
  const lost: string[] = [];
  for (const { user, status, answers } of labelersOf(record)) {
    const act: ImportedAct = user === undefined ? {} : { rater: { kind: 'person', name: user, id: user } };
    if (status === 'discarded') discarded.push(act);
    else if (status !== 'submitted') lost.push('a draft');
    else {
      const heard = answers.map((answer) => saidOf(record, answer, fields));
      lost.push(...heard.flatMap((one) => one.lost));
      const { judged: judgement, lost: misheard } = survey.judgement(heard.flatMap(({ said }) => said));
      lost.push(...Array.from({ length: misheard }, () => MISHEARD));
      if (judgement) judged.push({ ...judgement, ...act });
    }
  }
  return item(record, fields.prompt, fields.responses, { judged, ...(discarded.length > 0 && { discarded }), ...(lost.length > 0 && { lost }) });
}

interface Answer {
  question: string;
  value: unknown;
  at: string;
}

interface Labeler {
  user?: string;
  status: string;
  answers: Answer[];
}

/** The answers of a record by who gave them. */
function labelersOf(record: FileRecord): Labeler[] {
  const responses = own(objectOf(record), 'responses');
  if (isList(responses))
    return responses.map((response, i): Labeler => {
      const values = own(response, 'values');
      if (values !== undefined && !isObject(values)) throw new FileError(record, `responses.${i}.values`, 'it is not an object');
      const answers = Object.entries(values ?? {}).map(([question, value]) => ({ question, value: own(value, 'value'), at: `responses.${i}.values.${question}` }));
      return { ...signed(record, response, `responses.${i}`), answers };
    });
  if (responses !== undefined && !isObject(responses)) throw new FileError(record, 'responses', 'it is neither an object nor a list');
  const lists = responses ? Object.entries(responses).map(([question, list]) => [question, list, `responses.${question}`] as const) : hubQuestions(record.value).map(([question, list]) => [question, list, question] as const);
  const labelers = new Map<string, Labeler>();
  for (const [question, list, at] of lists) {
    if (!isList(list)) throw new FileError(record, at, 'it is not a list');
    list.forEach((response, i) => {
      const { user, status } = signed(record, response, `${at}.${i}`);
      const key = JSON.stringify([user, status]);
      let labeler = labelers.get(key);
      if (!labeler) labelers.set(key, (labeler = { ...(user !== undefined && { user }), status, answers: [] }));
      labeler.answers.push({ question, value: own(response, 'value'), at: `${at}.${i}.value` });
    });
  }
  return [...labelers.values()];
}

/** Who answered; without a status, the answer was submitted. */
function signed(record: FileRecord, response: unknown, at: string): { user?: string; status: string } {
  if (!isObject(response)) throw new FileError(record, at, 'it is not an object');
  const user = own(response, 'user_id');
  const status = own(response, 'status') ?? 'submitted';
  if (user !== undefined && typeof user !== 'string') throw new FileError(record, `${at}.user_id`, 'it is not text');
  if (typeof status !== 'string') throw new FileError(record, `${at}.status`, 'it is not text');
  return { ...(user !== undefined && { user }), status };
}

/** The questions of a record that stand beside its fields. */
function hubQuestions(value: unknown): [question: string, answers: unknown[]][] {
  if (!isObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, unknown[]] => isList(entry[1]) && entry[1].length > 0 && entry[1].every((answer) => isObject(answer) && Object.hasOwn(answer, 'user_id') && Object.hasOwn(answer, 'value')));
}

// What stands beside the fields in a data set for the Hub, and is none.
const BESIDE_FIELDS = /^(external_id|metadata|id|_server_id|status|.*-suggestion(-metadata)?)$/;

function fieldsOf(record: FileRecord): SplitFields | null {
  const whole = objectOf(record);
  const fields = own(whole, 'fields');
  if (fields !== undefined && !isObject(fields)) throw new FileError(record, 'fields', 'it is not an object');
  const beside = () => Object.entries(whole).filter(([name, content]) => typeof content === 'string' && !BESIDE_FIELDS.test(name));
  const named = new Map<string, string | Turn[]>();
  for (const [name, content] of fields ? Object.entries(fields) : beside()) {
    if (typeof content === 'string') named.set(name, content);
    else if (isList(content)) named.set(name, turnsOfMessages(record, content, `fields.${name}`));
    else if (content !== null) throw new FileError(record, `fields.${name}`, 'it is neither text nor a conversation');
  }
  return splitFields(named);
}

/** What an answer says, by the kind of its value: a number rates, a name of a response prefers it, other words label or write, a list of names ranks, stretches mark. */
function saidOf(record: FileRecord, { question, value, at }: Answer, { names, responses }: SplitFields): { said: Said[]; lost: string[] } {
  const whole = (said: Said[], lost: string[] = []) => ({ said, lost });
  if (value === undefined) return whole([]);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new FileError(record, at, 'it is not a number');
    const response = names.length === 1 ? 0 : namedResponse(question, names);
    return whole([response === null ? { question, kind: 'number', value } : { question: withoutResponse(question, names), kind: 'rating', response, value }]);
  }
  if (typeof value === 'string') {
    const verdict = preferring(question, value, names);
    if (typeof verdict === 'string') return whole([{ question, kind: 'pair', verdict }]);
    return whole([verdict ? { question, kind: 'ranking', verdict } : { question, kind: 'words', words: [value] }]);
  }
  if (!isList(value)) throw new FileError(record, at, 'it is of no kind that is known');
  if (value.every((one) => typeof one === 'string')) {
    const places = value.map((one) => namedResponse(one, names));
    if (isRanking(places) && value.every((one) => meansResponse(question, one, names))) return whole([{ question, kind: 'ranking', verdict: { kind: 'ranking', groups: places.map((place) => [place]) } }]);
    return whole([{ question, kind: 'words', words: value, options: true }]);
  }
  if (value.every((one) => typeof own(one, 'rank') === 'number' && typeof own(one, 'value') === 'string')) {
    const ranked = value.map((one) => ({ rank: own(one, 'rank') as number, place: namedResponse(own(one, 'value') as string, names) }));
    if (!isRanking(ranked.map(({ place }) => place))) return whole([], ['a ranking of what are no responses']);
    const ranks = [...new Set(ranked.map(({ rank }) => rank))].sort((a, b) => a - b);
    return whole([{ question, kind: 'ranking', verdict: { kind: 'ranking', groups: ranks.map((rank) => ranked.filter((one) => one.rank === rank).map(({ place }) => place!)) } }]);
  }
  if (value.every((one) => typeof own(one, 'start') === 'number' && typeof own(one, 'end') === 'number')) {
    const spans = value.map((one) => spanOf(one, namedResponse(question, names), responses));
    const marked = spans.filter((span) => span !== null);
    return whole(marked.length > 0 ? [{ question, kind: 'spans', spans: marked }] : [], spans.filter((span) => span === null).map(() => 'a marked stretch that is in no response'));
  }
  throw new FileError(record, at, 'it is of no kind that is known');
}

const isRanking = (places: (number | null)[]): places is number[] => places.length > 1 && places.every((place) => place !== null) && new Set(places).size === places.length;

/** A stretch of the response that its question or its own text names, or of the only one. */
function spanOf(stretch: unknown, named: number | null, responses: readonly string[]): Span | null {
  const from = own(stretch, 'start') as number;
  const to = own(stretch, 'end') as number;
  const text = own(stretch, 'text');
  const label = own(stretch, 'label');
  const fits = (response: string | undefined) => response !== undefined && Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= response.length && (typeof text !== 'string' || response.slice(from, to) === text);
  const response = named ?? (typeof text === 'string' ? responses.findIndex(fits) : responses.length === 1 ? 0 : -1);
  return fits(responses[response]) ? { response, from, to, label: typeof label === 'string' ? label : 'marked' } : null;
}
