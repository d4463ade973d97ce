import { proxy, type Remote } from 'comlink';
import type { PersonRater } from '../../feedback/judgement';
import type { Merged } from '../../store/datasetImport';
import type { DatasetRecord } from '../../store/schema';
import type { Found, IncomingFile } from '../../transfer/incoming';
import type { OutgoingFile } from '../../transfer/outgoing';
import type { Transfer } from '../../transfer/worker';
import { startTransfer } from '../shell/workers';

/*
 * The page's hold on the worker that carries files. It is started with the
 * first file, and anew after it has failed; a call that it cannot answer any
 * more fails rather than never ends.
 */

let running: ReturnType<typeof startTransfer> | null = null;

async function ask<T>(question: (transfer: Remote<Transfer>) => Promise<T>): Promise<T> {
  const { transfer, failed } = (running ??= startTransfer());
  failed.catch(() => (running = null));
  return Promise.race([question(transfer), failed]);
}

/** A file that somebody brings; see {@link IncomingFile}. */
export class Incoming {
  #remote: Promise<Remote<IncomingFile>>;

  constructor(readonly file: File) {
    this.#remote = ask((transfer) => transfer.incoming(file) as unknown as Promise<Remote<IncomingFile>>);
    this.#remote.catch(() => undefined);
  }

  look(progress: (bytes: number) => void): Promise<Found> {
    return ask(async () => (await this.#remote).look(proxy(progress)) as Promise<Found>);
  }

  keep(name: string, seed: number, progress: (done: number) => void): Promise<Merged> {
    return ask(async () => (await this.#remote).keep(name, seed, proxy(progress)));
  }

  prompts(most: number): Promise<string[]> {
    return ask(async () => (await this.#remote).prompts(most));
  }

  stop(): void {
    void this.#remote.then((remote) => remote.stop()).catch(() => undefined);
  }
}

export const wholeDataset = (dataset: DatasetRecord): Promise<OutgoingFile> => ask((transfer) => transfer.wholeDataset(dataset));

export const ownJudgements = (dataset: DatasetRecord, rater: PersonRater): Promise<OutgoingFile> => ask((transfer) => transfer.ownJudgements(dataset, rater));

export const converted = (dataset: DatasetRecord, formatId: string): Promise<OutgoingFile & { loss: string }> => ask((transfer) => transfer.converted(dataset, formatId));
