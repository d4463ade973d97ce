import { newId } from '../feedback/identity';
import { sniffMedia } from '../feedback/mediaType';
import type { Database } from '../store/database';
import { importItems, type Merged } from '../store/datasetImport';
import { mergeDataset, surveyMerge, type MergeSurvey } from '../store/datasetMerge';
import { addMedia, readMedia, sweepMedia } from '../store/media';
import type { DatasetRecord } from '../store/schema';
import { openDatasetArchive, type DatasetArchive } from '../text/datasetArchive';
import { readDatasetFile } from '../text/datasetFile';
import type { Place } from '../text/fileError';
import { detectFormat } from '../text/formats/detection';
import type { ImportedItem, LeftOut } from '../text/formats/item';
import { preview, readItems, type Preview } from '../text/formats/reading';

/** Records of another tool, as they would be taken in. */
export interface FoundItems extends Omit<Preview, 'format' | 'errors'> {
  kind: 'items';
  /** Name of the format. */
  format: string;
  errors: (Place & { field: string; reason: string })[];
}

/** The lab's own file, or an archive of it with what its items show. */
export interface FoundDataset extends MergeSurvey {
  kind: 'dataset';
  /** Pictures, sounds and films in it. */
  media: number;
}

/** What is in a file; 'zip' is another archive, which may hold a run or a model, and null a file of no kind that the lab reads. */
export type Found = FoundItems | FoundDataset | { kind: 'zip' } | null;

/** A file on its way in: looked through first, then kept or not. Nothing of it is kept unless it is said so. */
export class IncomingFile {
  readonly #abort = new AbortController();
  #preview: Preview | null = null;
  /** The lab's own records and what they show: of a file without an archive, nothing. */
  #own: DatasetArchive | null = null;

  constructor(
    private readonly file: File,
    private readonly database: () => Promise<Database>,
  ) {}

  /** Read it from end to end. `progress` hears of the bytes read. @throws an error for the person, where it cannot be read */
  async look(progress: (bytes: number) => void): Promise<Found> {
    const { signal } = this.#abort;
    const reading = { signal, progress: nowAndThen(progress) };
    const detected = await detectFormat(this.file, { signal });
    switch (detected?.kind) {
      case 'format': {
        const { format, errors, ...rest } = (this.#preview = await preview(this.file, { ...reading, format: detected.format }));
        return { kind: 'items', ...rest, format: format.title, errors: errors.map(({ line, element, field, reason }) => ({ line, element, field, reason })) };
      }
      case 'dataset':
        this.#own = { records: (reading) => readDatasetFile(this.file, Date.now(), reading), media: [] };
        return { kind: 'dataset', media: 0, ...(await surveyMerge(await this.database(), this.#own.records(reading), { signal })) };
      case 'archive':
        this.#own = await openDatasetArchive(this.file, Date.now(), sniffMedia, reading);
        return { kind: 'dataset', media: this.#own.media.length, ...(await surveyMerge(await this.database(), this.#own.records({ signal }), { signal })) };
      case 'zip':
        return { kind: 'zip' };
      default:
        return null;
    }
  }

  /**
   * Keep what was found: records of another tool as a dataset of their own
   * under this name, but for what cannot be read; the lab's own merged into
   * what is here. All of it or nothing. `progress` hears of the items, or of
   * the records.
   */
  async keep(name: string, seed: number, progress: (done: number) => void): Promise<Merged> {
    const database = await this.database();
    const options = { signal: this.#abort.signal, onProgress: nowAndThen(progress) };
    if (this.#own) return this.#keepOwn(database, this.#own, options);
    if (!this.#preview) throw new Error('Nothing was found in the file that can be kept.');
    const { form, format } = this.#preview;
    const dataset: DatasetRecord = { id: newId(), created: Date.now(), name, seed, ...(form && { form }) };
    const { items } = await readItems(this.file, { onError: 'skip', format, signal: options.signal });
    return importItems(database, dataset, answered(items), { file: this.file.name, ...options });
  }

  async #keepOwn(database: Database, { records, media }: DatasetArchive, options: { signal: AbortSignal; onProgress: (done: number) => void }): Promise<Merged> {
    await addMedia(database, media.map(({ bytes }) => bytes));
    try {
      const merged = await mergeDataset(database, records({ signal: options.signal }), options);
      // Before an item showed them, another tab may have swept them away.
      const kept = new Set((await readMedia(database, media.map(({ id }) => id))).map(({ id }) => id));
      await addMedia(database, media.filter(({ id }) => !kept.has(id)).map(({ bytes }) => bytes));
      return merged;
    } catch (error) {
      // No item shows them now.
      if (media.length > 0) await sweepMedia(database).catch(() => undefined);
      throw error;
    }
  }

  /** The first prompts that nothing answers yet, of one line each. */
  async prompts(most: number): Promise<string[]> {
    const { items } = await readItems(this.file, { onError: 'skip', format: this.#preview?.format, signal: this.#abort.signal });
    const prompts: string[] = [];
    for await (const item of items) {
      if (!('leftOut' in item) && item.responses.length === 0 && !item.prompt.trim().includes('\n')) prompts.push(item.prompt.trim());
      if (prompts.length === most) break;
    }
    return prompts;
  }

  /** Give up whatever is being done; nothing of it is kept. */
  stop(): void {
    this.#abort.abort(new Error('It was stopped. Nothing was changed.'));
  }
}

async function* answered(items: AsyncIterable<ImportedItem | LeftOut>): AsyncGenerator<ImportedItem> {
  for await (const item of items) if (!('leftOut' in item) && item.responses.length > 0) yield item;
}

const TOLD_EVERY_MS = 100;

/** Tell no more often than somebody can see: each word is a task of the page's. */
function nowAndThen(tell: (done: number) => void): (done: number) => void {
  let last = -Infinity;
  return (done) => {
    const now = performance.now();
    if (now - last < TOLD_EVERY_MS) return;
    last = now;
    tell(done);
  };
}
