import { newId, randomSeed } from '../../feedback/identity';
import { importItems } from '../../store/datasetImport';
import type { DatasetRecord } from '../../store/schema';
import type { ImportedItem, LeftOut } from '../../text/formats/item';
import { preview, readItems, type Preview } from '../../text/formats/reading';
import { sampling } from '../collect/sampling.svelte';
import { count } from '../controls/wording';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { importProgress, ImportStopped } from './importProgress.svelte';

/** More beginnings than anybody looks through. */
const MOST_PROMPTS = 2000;

/** A file of judged texts that another tool wrote: what it holds is shown before anything of it is kept. */
class FileImport {
  #file = $state.raw<File | null>(null);
  #found = $state.raw<Preview | null>(null);
  /** Bytes read so far. */
  #read = $state(0);
  #fault = $state<string | null>(null);
  #abort = new AbortController();
  name = $state('');

  get file(): File | null {
    return this.#file;
  }

  /** What is in the file; null while it is being read, and where it cannot be. */
  get found(): Preview | null {
    return this.#found;
  }

  get read(): number {
    return this.#read;
  }

  /** Why the file cannot be read at all. */
  get fault(): string | null {
    return this.#fault;
  }

  /** Items that can be judged. */
  get items(): number {
    return this.#found ? this.#found.items - this.#found.prompts : 0;
  }

  /** Look through a file, and show what it holds. */
  async look(file: File): Promise<void> {
    this.close();
    this.#file = file;
    this.name = file.name.replace(/(\.[a-z]{1,5}){1,2}$/i, '') || file.name;
    const { signal } = (this.#abort = new AbortController());
    try {
      const found = await preview(file, { signal, progress: (bytes) => (this.#read = bytes) });
      if (this.#file === file) this.#found = found;
    } catch (error) {
      if (this.#file === file) this.#fault = error instanceof Error ? error.message : String(error);
    }
  }

  close(): void {
    this.#abort.abort();
    this.#file = null;
    this.#found = null;
    this.#fault = null;
    this.#read = 0;
  }

  /** Keep all of it as a dataset of its own, but for what cannot be read; or nothing. */
  async keep(): Promise<void> {
    const [file, found, { database }] = [this.#file, this.#found, lab];
    if (!file || !found || this.items === 0) return;
    const name = this.name.trim() || file.name;
    this.close();
    try {
      if (!database) throw new Error(lab.storageError ?? 'The storage is not open yet. Try again in a moment.');
      const dataset: DatasetRecord = { id: newId(), created: Date.now(), name, seed: randomSeed(), ...(found.form && { form: found.form }) };
      const { comparisons, events } = await importProgress.during(file.name, found.items, async (progress) => {
        const { items } = await readItems(file, { onError: 'skip', format: found.format, signal: progress.signal });
        return importItems(database, dataset, answered(items), { file: file.name, ...progress });
      });
      await shelf.chooseDataset(dataset.id);
      notices.tell(`${file.name} is imported`, `${count(comparisons, 'item')} and ${count(events, 'judgement')}, as a dataset of its own.`);
    } catch (error) {
      if (error instanceof ImportStopped) notices.tell(`${file.name} was not imported`, error.message);
      else notices.report(`${file.name} was not imported`, error);
    }
  }

  /** Let the model go on from the prompts that nothing answers yet. */
  async usePrompts(): Promise<void> {
    const [file, found] = [this.#file, this.#found];
    if (!file || !found) return;
    this.close();
    const { items } = await readItems(file, { onError: 'skip', format: found.format });
    const prompts: string[] = [];
    for await (const item of items) {
      // The field has one beginning a line.
      if (!('leftOut' in item) && item.responses.length === 0 && !item.prompt.trim().includes('\n')) prompts.push(item.prompt.trim());
      if (prompts.length === MOST_PROMPTS) break;
    }
    sampling.ownPrompts = prompts.join('\n');
    notices.tell('The prompts are ready', `${count(prompts.length, 'beginning')} of one line stand under “More ${sampling.items}” in Collect. Let the model write there.`);
  }
}

async function* answered(items: AsyncIterable<ImportedItem | LeftOut>): AsyncGenerator<ImportedItem> {
  for await (const item of items) if (!('leftOut' in item) && item.responses.length > 0) yield item;
}

export const fileImport = new FileImport();
