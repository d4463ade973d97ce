import { randomSeed } from '../../feedback/identity';
import type { Merged } from '../../store/datasetImport';
import type { Found } from '../../transfer/incoming';
import { sampling } from '../collect/sampling.svelte';
import { count } from '../controls/wording';
import { notices } from '../shell/notices.svelte';
import { router } from '../shell/router.svelte';
import { shelf } from '../shell/shelf.svelte';
import { importProgress, ImportStopped } from './importProgress.svelte';
import { Incoming } from './transfer';

/** More beginnings than anybody looks through. */
const MOST_PROMPTS = 2000;

/** A file of items or judgements: what it holds is shown before anything of it is kept. */
class FileImport {
  #incoming: Incoming | null = null;
  #file = $state.raw<File | null>(null);
  #found = $state.raw<Found>(null);
  /** Bytes read so far. */
  #read = $state(0);
  #fault = $state<string | null>(null);
  /** The person has said what shall become of the file, or nobody asks any more. */
  #settled: () => void = () => undefined;
  /** Resolves when the file before is settled: they are asked about one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  name = $state('');

  get file(): File | null {
    return this.#file;
  }

  /** What is in the file; null while it is being read, and where it cannot be. */
  get found(): Found {
    return this.#found;
  }

  get read(): number {
    return this.#read;
  }

  /** Why the file cannot be taken in at all. */
  get fault(): string | null {
    return this.#fault;
  }

  /** Items of another tool's file that can be judged. */
  get items(): number {
    return this.#found?.kind === 'items' ? this.#found.items - this.#found.prompts : 0;
  }

  /** There is something that can be kept. */
  get worthKeeping(): boolean {
    const found = this.#found;
    if (found?.kind !== 'dataset') return this.items > 0;
    return found.conflictCount === 0 && (!found.here || found.comparisons.fresh + found.events.fresh > 0);
  }

  /**
   * Look through a file, show what it holds, and keep it or not as the person
   * says. Files wait for those before them.
   * @returns once that is settled; 'zip' where it is an archive of something else
   */
  take(file: File): Promise<'settled' | 'zip'> {
    const taken = this.#turn.then(() => this.#ask(file));
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  async #ask(file: File): Promise<'settled' | 'zip'> {
    [this.#file, this.#found, this.#fault, this.#read] = [file, null, null, 0];
    this.name = file.name.replace(/(\.[a-z]{1,5}){1,2}$/i, '') || file.name;
    const incoming = (this.#incoming = new Incoming(file));
    const settled = new Promise<void>((resolve) => (this.#settled = resolve));
    try {
      const found = await Promise.race([incoming.look((bytes) => (this.#read = bytes)), settled]);
      if (found?.kind === 'zip') {
        this.close();
        return 'zip';
      }
      // Closed while it was being read, there is nothing to show.
      if (this.#incoming === incoming) {
        this.#found = found ?? null;
        if (!found) this.#fault = UNKNOWN;
      }
    } catch (error) {
      if (this.#incoming === incoming) this.#fault = error instanceof Error ? error.message : String(error);
    }
    await settled;
    return 'settled';
  }

  /** Nothing of the file is kept. */
  close(): void {
    if (!this.#incoming) return;
    this.#incoming.stop();
    this.#hide();
    this.#settled();
  }

  #hide(): void {
    [this.#incoming, this.#file, this.#found, this.#fault] = [null, null, null, null];
  }

  /** Keep all of it: records of another tool as a dataset of its own, but for what cannot be read; the lab's own merged with what is here. Or nothing. */
  async keep(): Promise<void> {
    const [file, found, incoming, worthKeeping] = [this.#file, this.#found, this.#incoming, this.worthKeeping];
    if (!file || !incoming || !worthKeeping || (found?.kind !== 'items' && found?.kind !== 'dataset')) return;
    const total = found.kind === 'items' ? this.items : found.comparisons.fresh + found.comparisons.known + found.events.fresh + found.events.known;
    const name = this.name.trim() || file.name;
    this.#hide();
    let merged: Merged;
    try {
      merged = await importProgress.during(file.name, total, async ({ signal, onProgress }) => {
        signal.addEventListener('abort', () => incoming.stop(), { once: true });
        return incoming.keep(name, randomSeed(), onProgress).catch((error: unknown) => {
          throw signal.aborted ? signal.reason : error;
        });
      });
    } catch (error) {
      if (error instanceof ImportStopped) notices.tell(`${file.name} was not imported`, error.message);
      else notices.report(`${file.name} was not imported`, error);
      return;
    } finally {
      this.#settled();
    }
    const { datasetId, comparisons, events } = merged;
    const whole = found.kind === 'items';
    const [items, acts] = [count(comparisons, whole ? 'item' : 'new item'), count(events, whole ? 'judgement' : 'new event')];
    const text = whole ? `${items} and ${acts}, as a dataset of its own.` : `${items} and ${acts} of their history. What was here already was left as it is.`;
    notices.tell(`${file.name} is imported`, text, router.room === 'collect' ? undefined : { label: 'Judge them', run: () => router.go('collect') });
    await shelf.chooseDataset(datasetId).catch((error: unknown) => notices.report('The imported dataset could not be made the one in use', error));
  }

  /** Let the model go on from the prompts that nothing answers yet. */
  async usePrompts(): Promise<void> {
    const [incoming, file] = [this.#incoming, this.#file];
    if (!incoming || !file) return;
    this.#hide();
    try {
      const prompts = await incoming.prompts(MOST_PROMPTS);
      sampling.ownPrompts = prompts.join('\n');
      notices.tell('The prompts are ready', `${count(prompts.length, 'beginning')} of one line stand under “More ${sampling.items}” in Collect. Let the model write there.`);
    } catch (error) {
      notices.report(`The prompts of ${file.name} could not be read`, error);
    } finally {
      this.#settled();
    }
  }
}

const UNKNOWN =
  'It is no table (CSV), no JSON with texts, no picture, sound or film, and no file of the lab. A table needs columns such as question, answer_a and answer_b. A model comes as three files at once: config.json, tokenizer.json and model.safetensors. Nothing was changed.';

export const fileImport = new FileImport();
