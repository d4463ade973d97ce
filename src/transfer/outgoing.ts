import type { JudgementEvent, PersonRater } from '../feedback/judgement';
import { raterKey } from '../feedback/judgementState';
import type { Database } from '../store/database';
import { DatasetReader } from '../store/datasetReader';
import { loadJudgedDataset } from '../store/judgements';
import { readMedia } from '../store/media';
import type { DatasetRecord, MediaRecord } from '../store/schema';
import { NotFoundError } from '../store/storageErrors';
import { datasetParts, type DatasetSource } from '../text/datasetFile';
import { writeDatasetArchive } from '../text/datasetArchive';
import { FORMATS } from '../text/formats';

/** A file to hand to the person. */
export interface OutgoingFile {
  ending: string;
  bytes: Blob;
}

/** The lab's own file of a dataset: nothing is lost. Where items show files, an archive with them. */
export async function wholeDataset(database: Database, dataset: DatasetRecord): Promise<OutgoingFile> {
  const { source, shown } = await stored(database, dataset);
  if (shown.size === 0) return whole(database, dataset, { ending: '.nudge.jsonl', bytes: await fileOf(joined(datasetParts(source)), JSONL) });
  return whole(database, dataset, { ending: '.nudge.zip', bytes: await fileOf(writeDatasetArchive(source, files(database, shown)), 'application/zip') });
}

/** The same, without what items show, and with the events of one rater only. Merged where the others judge, it adds this rater's to theirs. */
export async function ownJudgements(database: Database, dataset: DatasetRecord, rater: PersonRater): Promise<OutgoingFile> {
  const { source } = await stored(database, dataset);
  const key = raterKey(rater);
  const own = { ...source, events: made(source.events, (event) => raterKey(event.rater) === key) };
  return whole(database, dataset, { ending: '.nudge.jsonl', bytes: await fileOf(joined(datasetParts(own)), JSONL) });
}

/** A dataset as other tools read it, and a sentence that says what is lost by it. */
export async function converted(database: Database, dataset: DatasetRecord, formatId: string): Promise<OutgoingFile & { loss: string }> {
  const format = FORMATS.find(({ id }) => id === formatId);
  if (!format?.write) throw new Error(`The lab writes no ${formatId}.`);
  const { chunks, loss } = format.write(await loadJudgedDataset(database, dataset.id));
  return whole(database, dataset, { ending: format.extensions[0], bytes: await fileOf(chunks, format.container === 'csv' ? 'text/csv' : JSONL), loss: loss.sentence });
}

const JSONL = 'application/jsonl';

/** A dataset as it is read from the store, once and piece by piece, and what its items show. */
async function stored(database: Database, dataset: DatasetRecord): Promise<{ source: DatasetSource; shown: ReadonlySet<string> }> {
  const shown = new Set<string>();
  for await (const comparisons of new DatasetReader(database, dataset.id).comparisons()) {
    for (const { attachments = [] } of comparisons) for (const { mediaId } of attachments) shown.add(mediaId);
  }
  const reader = new DatasetReader(database, dataset.id);
  const written = new Set<string>();
  async function* comparisons() {
    for await (const piece of reader.comparisons()) {
      for (const comparison of piece) {
        written.add(comparison.id);
        yield comparison;
      }
    }
  }
  async function* events() {
    // Somebody may judge meanwhile; what is about an item that came after those above waits for the next export.
    for await (const piece of reader.events()) yield* piece.filter(({ comparisonId }) => written.has(comparisonId));
  }
  return { source: { dataset, comparisons: comparisons(), events: events() }, shown };
}

async function* made(events: DatasetSource['events'], wanted: (event: JudgementEvent) => boolean): AsyncGenerator<JudgementEvent> {
  for await (const event of events) if (wanted(event)) yield event;
}

/** One at a time: all together may be more than a tab can hold. */
async function* files(database: Database, ids: Iterable<string>): AsyncGenerator<MediaRecord> {
  for (const id of ids) yield* await readMedia(database, [id]);
}

async function* joined(parts: readonly AsyncIterable<string>[]): AsyncGenerator<string> {
  for (const part of parts) yield* part;
}

const PIECE = 1 << 22;

/** A file of a dataset that was there until it was written: of one that is deleted meanwhile some is missing. @throws NotFoundError */
async function whole<T>(database: Database, { id }: DatasetRecord, file: T): Promise<T> {
  if ((await database.read(['datasets'], (transaction) => transaction.objectStore('datasets').getKey(id))) === undefined) throw new NotFoundError('dataset', id);
  return file;
}

/** A file of these pieces. The browser takes over some megabytes at a time, and keeps them where it likes. */
async function fileOf(pieces: Iterable<string> | AsyncIterable<string | Uint8Array>, type: string): Promise<Blob> {
  const taken: Blob[] = [];
  let waiting: BlobPart[] = [];
  let size = 0;
  for await (const piece of pieces) {
    waiting.push(piece as string | Uint8Array<ArrayBuffer>);
    size += piece.length;
    if (size < PIECE) continue;
    taken.push(new Blob(waiting));
    [waiting, size] = [[], 0];
  }
  return new Blob([...taken, ...waiting], { type });
}
