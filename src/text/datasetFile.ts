import * as v from 'valibot';
import { CHOICES, MEDIA_TYPES, MOST_RESPONSES, SCALES, type Comparison, type JudgementEvent, type Scale } from '../feedback/judgement';
import type { DatasetRecord } from '../store/schema';
import type { Reading } from './fileBytes';
import { formSchema } from './formSchema';
import { JsonlError, readJsonl, writeJsonl, type JsonLine, type JsonlLimits } from './jsonl';

/*
 * The lab's own file of a dataset, which loses nothing: JSON Lines, first
 * {"nudge": 1, "dataset": …}, then {"comparison": …} in the order of the queue
 * and {"event": …} in the order of arrival.
 */

export const DATASET_FILE_VERSION = 1;

/** A dataset as its file tells it: comparisons in the order of the queue, events in that of their arrival, each list as it is read if it is long. */
export interface DatasetSource {
  dataset: DatasetRecord;
  comparisons: Iterable<Comparison> | AsyncIterable<Comparison>;
  events: Iterable<JudgementEvent> | AsyncIterable<JudgementEvent>;
}

/** The same, all of it at hand. */
export interface DatasetFile extends DatasetSource {
  comparisons: Comparison[];
  events: JudgementEvent[];
}

export function writeDatasetFile({ dataset, comparisons, events }: DatasetFile): string {
  return [[headerOf(dataset)], comparisons.map(comparisonRecord), events.map(eventRecord)].map(writeJsonl).join('');
}

const headerOf = (dataset: DatasetRecord) => ({ nudge: DATASET_FILE_VERSION, dataset });
const comparisonRecord = (comparison: Comparison) => ({ comparison });
const eventRecord = (event: JudgementEvent) => ({ event });

/** The lines of the file in its three parts: what the dataset is, its comparisons, its events. */
export function datasetParts({ dataset, comparisons, events }: DatasetSource): AsyncGenerator<string>[] {
  return [lines([headerOf(dataset)], (header) => header), lines(comparisons, comparisonRecord), lines(events, eventRecord)];
}

async function* lines<T>(values: Iterable<T> | AsyncIterable<T>, record: (value: T) => unknown): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(record(value))}\n`;
}

const id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(200));
const time = v.pipe(v.number(), v.finite(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const whole = v.pipe(v.number(), v.safeInteger());
const place = v.pipe(whole, v.minValue(0));
// Whether the comparison has such responses is for the store to say, which knows it.
const response = v.pipe(place, v.maxValue(MOST_RESPONSES - 1));

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const datasetSchema = v.object({
  id,
  name: v.string(),
  created: time,
  seed: whole,
  modelId: v.optional(v.string()),
  form: v.optional(formSchema),
  collecting: v.optional(v.object({ next: v.picklist(CHOICES), randomShare: share, repeatShare: share, everyone: v.boolean() })),
});

const written = { modelId: v.string(), temperature: finite, seed: whole };
const sourceSchema = v.variant('kind', [
  v.object({ kind: v.literal('sampled'), ...written }),
  v.object({ kind: v.literal('conversation'), ...written }),
  v.object({ kind: v.literal('imported'), file: v.string() }),
]);

const comparisonSchema = v.object({
  id,
  datasetId: id,
  order: place,
  prompt: v.string(),
  responses: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MOST_RESPONSES)),
  turns: v.optional(v.array(v.object({ role: v.picklist(['system', 'user', 'assistant']), text: v.string() }))),
  conversationId: v.optional(id),
  attachments: v.optional(
    v.array(v.object({ of: v.union([v.literal('prompt'), response]), mediaId: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), type: v.picklist(MEDIA_TYPES), name: v.string() })),
  ),
  swapped: v.boolean(),
  source: sourceSchema,
  created: time,
});

const raterSchema = v.variant('kind', [
  v.object({ kind: v.literal('person'), name: v.string(), id: v.optional(id) }),
  v.object({ kind: v.literal('simulated'), rule: v.string(), temperature: finite, lengthBias: v.optional(finite) }),
  v.object({ kind: v.literal('imported'), file: v.string() }),
  v.object({ kind: v.literal('key') }),
]);

const eventBase = { id, datasetId: id, comparisonId: id, at: time, rater: raterSchema };

const verdictSchema = v.union([
  v.picklist(['first', 'second', 'tie', 'both-bad']),
  v.object({ kind: v.literal('ranking'), groups: v.pipe(v.array(v.pipe(v.array(response), v.minLength(1), v.maxLength(MOST_RESPONSES))), v.minLength(1), v.maxLength(MOST_RESPONSES)) }),
  v.object({ kind: v.literal('rating'), response, criterion: v.string(), scale: v.picklist(Object.keys(SCALES) as Scale[]), value: finite }),
  v.object({ kind: v.literal('thumb'), response, up: v.boolean() }),
  v.object({ kind: v.literal('rewrite'), response, text: v.string() }),
]);

const strength = v.optional(v.picklist([1, 2, 3]));
const question = v.string();
const span = v.object({ response, from: place, to: place, label: v.string(), reason: v.optional(v.string()) });
const formVerdictSchema = v.object({
  kind: v.literal('form'),
  answers: v.array(
    v.union([
      v.strictObject({ question, verdict: verdictSchema, strength }),
      v.strictObject({ question, spans: v.array(span) }),
      v.strictObject({ question, value: v.union([v.string(), finite, v.array(v.string())]) }),
    ]),
  ),
});
const remarks = { reasons: v.optional(v.array(v.string())), comment: v.optional(v.string()) };

const eventSchema = v.variant('kind', [
  v.object({
    ...eventBase,
    kind: v.literal('judged'),
    ...remarks,
    verdict: v.union([verdictSchema, formVerdictSchema]),
    strength,
    elapsed: v.optional(v.pipe(finite, v.minValue(0))),
    choice: v.optional(v.picklist(['random', 'uncertain', 'moved'])),
    repeat: v.optional(v.literal(true)),
    adjudicates: v.optional(v.literal(true)),
  }),
  v.object({ ...eventBase, kind: v.literal('skipped') }),
  v.object({ ...eventBase, ...remarks, kind: v.literal('discarded') }),
  v.object({ ...eventBase, ...remarks, kind: v.literal('flagged') }),
  v.object({ ...eventBase, kind: v.literal('unflagged') }),
  v.object({ ...eventBase, kind: v.literal('undone') }),
]);

const headerSchema = v.object({ nudge: v.literal(DATASET_FILE_VERSION), dataset: datasetSchema });
const recordSchema = v.union([v.strictObject({ comparison: v.unknown() }), v.strictObject({ event: v.unknown() })]);

// Clocks of two devices differ. Later than this, every judgement to come would be dated past it, to stay the latest.
const CLOCKS_DIFFER_MS = 24 * 60 * 60 * 1000;

/** Whether a first line looks like the lab's own file rather than plain preferences. */
export function isDatasetHeader(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'nudge');
}

/** A record of the file, with its line. */
export type DatasetEntry = { line: number } & ({ dataset: DatasetRecord } | { comparison: Comparison } | { event: JudgementEvent });

/** As much as the lab itself may write of a dataset that it took in: a line of a conversation has its texts twice. */
const LIMITS: JsonlLimits = { lineBytes: 1 << 23, lines: 1_000_000 };

/**
 * The records of the lab's own file, one by one: first the dataset, then its
 * comparisons and events as they stand there. No time in it is more than a day
 * after `now`, in milliseconds since 1970. Fields that this version does not
 * know are left out; whether events speak of comparisons that exist is for the
 * store to say, which knows the others.
 * @throws JsonlError that names line and field; then nothing of the file is to be used
 */
export async function* readDatasetFile(file: Blob, now: number, reading?: Reading): AsyncGenerator<DatasetEntry> {
  let dataset: DatasetRecord | undefined;
  const [comparisons, events] = [new Set<string>(), new Set<string>()];
  const refuseFuture = (time: number, { line }: JsonLine, field: string) => {
    if (time > now + CLOCKS_DIFFER_MS) throw new JsonlError(line, field, 'it is more than a day in the future; if the file is right, set the clock of this device');
  };
  for await (const jsonLine of readJsonl(file, LIMITS, reading)) {
    const { line } = jsonLine;
    if (!dataset) {
      dataset = readHeader(jsonLine);
      refuseFuture(dataset.created, jsonLine, 'dataset.created');
      yield { line, dataset };
      continue;
    }
    const record = check(recordSchema, jsonLine, jsonLine.value, '', 'it is neither a comparison nor an event');
    if ('comparison' in record) {
      const comparison = check(comparisonSchema, jsonLine, record.comparison, 'comparison');
      refuseFuture(comparison.created, jsonLine, 'comparison.created');
      note(comparisons, comparison, dataset, jsonLine, 'comparison');
      yield { line, comparison };
    } else {
      const event = check(eventSchema, jsonLine, record.event, 'event');
      refuseFuture(event.at, jsonLine, 'event.at');
      note(events, event, dataset, jsonLine, 'event');
      yield { line, event };
    }
  }
  if (!dataset) throw new JsonlError(1, '', 'the file is empty');
}

function readHeader(jsonLine: JsonLine): DatasetRecord {
  const { line, value } = jsonLine;
  if (!isDatasetHeader(value)) throw new JsonlError(line, 'nudge', 'it is missing; this is not a dataset of the lab');
  const version = (value as { nudge: unknown }).nudge;
  if (typeof version === 'number' && version > DATASET_FILE_VERSION)
    throw new JsonlError(line, 'nudge', `the file is of version ${version}, written by a newer lab; this one reads ${DATASET_FILE_VERSION}`);
  return check(headerSchema, jsonLine, value, '').dataset;
}

/** Note the id of a record, unless it is another's. */
function note(ids: Set<string>, { id, datasetId }: { id: string; datasetId: string }, dataset: DatasetRecord, { line }: JsonLine, kind: string): void {
  if (datasetId !== dataset.id) throw new JsonlError(line, `${kind}.datasetId`, `it belongs to ${JSON.stringify(datasetId)}, not to this file's dataset`);
  if (ids.has(id)) throw new JsonlError(line, `${kind}.id`, 'an earlier line has the same one');
  ids.add(id);
}

function check<Schema extends v.GenericSchema>(schema: Schema, { line }: JsonLine, value: unknown, at: string, complaint?: string): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = [at, v.getDotPath(issue)].filter(Boolean).join('.');
  // valibot's own sentence quotes what it received, which may be a megabyte long.
  throw new JsonlError(line, field, complaint ?? `it should be ${issue.expected ?? 'another value'}`);
}
