import type { Form } from '../../feedback/form';
import { DEFAULT_FORM, formForSizes } from '../../feedback/formTemplates';
import { FileError } from '../fileError';
import type { Encoding, Reading } from '../fileBytes';
import { detectFormat, entriesOf, UnknownFormatError } from './detection';
import type { Format } from './format';
import type { ImportedItem, LeftOut } from './item';
import { Survey } from './survey';

export interface ItemReading extends Reading {
  /** Absent: what the file is found to be. */
  format?: Format;
  /** A record that cannot be read ends it all, or is passed over as if it were not there. */
  onError: 'throw' | 'skip';
}

/** The items of a file, and what it asks about them: undefined where that is which of two is better. */
export interface ItemFile {
  format: Format;
  form?: Form;
  items: AsyncGenerator<ImportedItem | LeftOut>;
}

/**
 * Open a file of another tool. Its items come one by one; whoever keeps them
 * keeps none before the last has come, since one that cannot be read may stand
 * at the very end.
 * @throws UnknownFormatError
 * @throws FileError (from `items`) with the place of the first record that cannot be read
 */
export async function readItems(file: Blob & { name?: string }, { onError, ...reading }: ItemReading): Promise<ItemFile> {
  const { format, survey, rest } = await surveyed(file, reading);
  return { format, ...(survey.form && { form: survey.form }), items: items(file, format, survey, onError, rest) };
}

async function* items(file: Blob, format: Format, survey: Survey, onError: 'throw' | 'skip', reading: Reading): AsyncGenerator<ImportedItem | LeftOut> {
  for await (const outcome of outcomes(file, format, survey, reading)) {
    if (!(outcome instanceof FileError)) yield outcome;
    else if (onError === 'throw') throw outcome;
  }
}

/** What a file would give, before anything is kept. */
export interface Preview {
  format: Format;
  form?: Form;
  /** How its text is taken to be written: other than UTF-8, that is a guess. */
  encoding: Encoding;
  /** Items, of which `prompts` have no response yet. */
  items: number;
  prompts: number;
  judgements: number;
  /** Records that are in order and give no item, by the reason. */
  leftOut: Record<string, number>;
  /** What items lose on the way in, by what it is. */
  lost: Record<string, number>;
  /** The first few records that cannot be read. */
  errors: FileError[];
  errorCount: number;
  /** The first few items. */
  sample: ImportedItem[];
}

const SHOWN_ERRORS = 10;
/** What is wrong with every line needs not be said of each. */
const SHOWN_ALIKE = 3;
const SHOWN_ITEMS = 3;

/** Read a file from end to end and keep nothing of it but counts and examples. @throws UnknownFormatError */
export async function preview(file: Blob & { name?: string }, reading: Omit<ItemReading, 'onError'> = {}): Promise<Preview> {
  const { format, survey, rest } = await surveyed(file, reading);
  const found: Preview = { format, ...(survey.form && { form: survey.form }), encoding: 'utf-8', items: 0, prompts: 0, judgements: 0, leftOut: {}, lost: {}, errors: [], errorCount: 0, sample: [] };
  const sizes = new Set<number>();
  for await (const outcome of outcomes(file, format, survey, { ...rest, encoding: (encoding) => (found.encoding = encoding) })) {
    if (outcome instanceof FileError) {
      found.errorCount++;
      const alike = found.errors.filter(({ field, reason }) => field === outcome.field && reason === outcome.reason);
      if (found.errors.length < SHOWN_ERRORS && alike.length < SHOWN_ALIKE) found.errors.push(outcome);
    } else if ('leftOut' in outcome) count(found.leftOut, outcome.leftOut);
    else {
      found.items++;
      if (outcome.responses.length === 0) found.prompts++;
      else sizes.add(outcome.responses.length);
      found.judgements += outcome.judged.length;
      for (const lost of outcome.lost ?? []) count(found.lost, lost);
      if (found.sample.length < SHOWN_ITEMS) found.sample.push(outcome);
    }
  }
  // Where a file asks nothing, what can be asked about all of its items.
  const form = found.form ?? formForSizes(sizes);
  return form === DEFAULT_FORM ? found : { ...found, form };
}

const SHOWN_REASONS = 20;

/** Count a reason; those of a file with thousands of them, beyond some, as one. */
function count(counts: Record<string, number>, reason: string): void {
  const told = Object.hasOwn(counts, reason) || Object.keys(counts).length < SHOWN_REASONS ? reason : 'for other reasons';
  counts[told] = (counts[told] ?? 0) + 1;
}

/** The format of a file, with what it asks, for which some formats have to be read twice. */
async function surveyed(file: Blob & { name?: string }, { format: given, progress, signal }: Omit<ItemReading, 'onError'>): Promise<{ format: Format; survey: Survey; rest: Reading }> {
  const detected = given ? { kind: 'format' as const, format: given } : await detectFormat(file, { signal });
  if (detected?.kind !== 'format') throw new UnknownFormatError();
  const { format } = detected;
  const survey = new Survey();
  if (!format.hear) return { format, survey, rest: { progress, signal } };
  for await (const entry of entriesOf(file, { signal, progress: progress && ((bytes) => progress(bytes / 2)) })) {
    if ('error' in entry) continue;
    try {
      format.hear(entry, survey);
    } catch (error) {
      // The second reading tells it.
      if (!(error instanceof FileError)) throw error;
    }
  }
  return { format, survey, rest: { signal, progress: progress && ((bytes) => progress((file.size + bytes) / 2)) } };
}

async function* outcomes(file: Blob, format: Format, survey: Survey, reading: Reading): AsyncGenerator<ImportedItem | LeftOut | FileError> {
  for await (const entry of entriesOf(file, reading)) {
    if ('error' in entry) yield entry.error;
    else {
      let outcome: ReturnType<Format['read']> | FileError;
      try {
        outcome = format.read(entry, survey);
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        outcome = error;
      }
      if (Array.isArray(outcome)) yield* outcome as readonly ImportedItem[];
      else yield outcome as ImportedItem | LeftOut | FileError;
    }
  }
}
