import { expose, proxy } from 'comlink';
import type { PersonRater } from '../feedback/judgement';
import { Database } from '../store/database';
import type { DatasetRecord } from '../store/schema';
import { IncomingFile } from './incoming';
import { converted, ownJudgements, wholeDataset } from './outgoing';

/*
 * The worker that carries files in and out of the store: a hundred thousand
 * records are read, checked and written while the page, and whoever judges in
 * it, waits for none of them.
 */

let opening: Promise<Database> | null = null;

/** Opened when it is first needed, and anew where a newer lab took it over or it could not be opened. */
function database(): Promise<Database> {
  opening ??= Database.open().then(
    (opened) => {
      opened.onSuperseded(() => (opening = null));
      return opened;
    },
    (error) => {
      opening = null;
      throw error;
    },
  );
  return opening;
}

const transfer = {
  /** A file on its way in. */
  incoming: (file: File) => proxy(new IncomingFile(file, database)),
  wholeDataset: async (dataset: DatasetRecord) => wholeDataset(await database(), dataset),
  ownJudgements: async (dataset: DatasetRecord, rater: PersonRater) => ownJudgements(await database(), dataset, rater),
  converted: async (dataset: DatasetRecord, formatId: string) => converted(await database(), dataset, formatId),
};

export type Transfer = typeof transfer;

expose(transfer);
