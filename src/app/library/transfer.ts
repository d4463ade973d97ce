import { proxy, type Remote } from 'comlink';
import type { PersonRater } from '../../feedback/judgement';
import type { Merged } from '../../store/datasetImport';
import type { DatasetRecord } from '../../store/schema';
import type { Found, IncomingFile } from '../../transfer/incoming';
import type { OutgoingFile } from '../../transfer/outgoing';
import type { Transfer } from '../../transfer/worker';
import { startTransfer, type TransferWorker } from '../shell/workers';

/*
 * The page's hold on the worker that carries files. It is started with the
 * first file, and anew after it has failed; a call that it cannot answer any
 * more fails rather than never ends.
 */

let running: TransferWorker | null = null;

function inUse(): TransferWorker {
  if (running) return running;
  const started = (running = startTransfer());
  started.failed.catch(() => {
    if (running === started) running = null;
  });
  return started;
}

const ask = <T>(question: (transfer: Remote<Transfer>) => Promise<T>, { transfer, failed }: TransferWorker = inUse()): Promise<T> => Promise.race([question(transfer), failed]);

/** A record can be so made that reading it takes minutes, in which the worker hears nothing. */
const PATIENCE_MS = 15_000;

/** A file that somebody brings; see {@link IncomingFile}. */
export class Incoming {
  readonly #worker = inUse();
  readonly #remote: Promise<Remote<IncomingFile>>;

  constructor(readonly file: File) {
    this.#remote = ask((transfer) => transfer.incoming(file) as unknown as Promise<Remote<IncomingFile>>, this.#worker);
    this.#remote.catch(() => undefined);
  }

  look(progress: (bytes: number) => void): Promise<Found> {
    return this.#ask((file) => file.look(proxy(progress)) as Promise<Found>);
  }

  keep(name: string, seed: number, progress: (done: number) => void): Promise<Merged> {
    return this.#ask((file) => file.keep(name, seed, proxy(progress)));
  }

  prompts(most: number): Promise<string[]> {
    return this.#ask((file) => file.prompts(most));
  }

  /** Give up what is being done with it; where the worker does not even hear that, the worker. */
  stop(): void {
    const silent = setTimeout(() => this.#worker.end('The file could not be read to its end, and was given up. Nothing was changed.'), PATIENCE_MS);
    void this.#ask((file) => file.stop())
      .catch(() => undefined)
      .finally(() => clearTimeout(silent));
  }

  /** Of its own worker: another knows nothing of this file. */
  #ask<T>(question: (file: Remote<IncomingFile>) => Promise<T>): Promise<T> {
    return ask(async () => question(await this.#remote), this.#worker);
  }
}

export const wholeDataset = (dataset: DatasetRecord): Promise<OutgoingFile> => ask((transfer) => transfer.wholeDataset(dataset));

export const ownJudgements = (dataset: DatasetRecord, rater: PersonRater): Promise<OutgoingFile> => ask((transfer) => transfer.ownJudgements(dataset, rater));

export const converted = (dataset: DatasetRecord, formatId: string): Promise<OutgoingFile & { loss: string }> => ask((transfer) => transfer.converted(dataset, formatId));
