import { drawsFrom } from '../../feedback/chance';
import { DEFAULT_FORM } from '../../feedback/formTemplates';
import { fits } from '../../feedback/form';
import { MOST_RESPONSES } from '../../feedback/judgement';
import { MEDIA_FORMS, type Way } from '../../feedback/mediaForms';
import { kindOf, type MediaKind } from '../../feedback/mediaType';
import { balancedGroups, balancedPairs, mostPairs } from '../../feedback/pairing';
import { addComparisons, deleteDataset, type ComparisonDraft } from '../../store/datasets';
import { addMedia, sweepMedia } from '../../store/media';
import { count } from '../controls/wording';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { router } from '../shell/router.svelte';
import { shelf } from '../shell/shelf.svelte';
import { readMediaFile, type MediaFile } from './mediaFile';

/** A smaller group is a pair. */
export const SMALLEST_GROUP = 3;
// Each file in four pairs, or in two groups, is enough to order them roughly and soon done.
const PAIRS_EACH = 4;
const GROUPS_EACH = 2;
export const MOST_ITEMS = 5000;

const WORDS: Record<MediaKind | 'mixed', [one: string, many: string]> = { image: ['picture', 'pictures'], audio: ['sound', 'sounds'], video: ['film', 'films'], mixed: ['file', 'files'] };

/** Pictures, sounds and films on their way to become items: looked at, and asked about, before anything is kept. */
class MediaImport {
  #files = $state.raw<readonly MediaFile[]>([]);
  #leftOut = $state.raw<readonly { name: string; reason: string }[]>([]);
  #reading = $state.raw<{ done: number; total: number } | null>(null);
  #fault = $state<string | null>(null);
  #keeping = $state(false);
  #way = $state<Way>('pairs');
  /** As asked for; null: as many as are usual. */
  #pairs = $state<number | null>(null);
  #groups = $state<number | null>(null);
  /** What is asked for is what is usual, and stands still only because somebody is at it. */
  #held = false;
  size = $state(SMALLEST_GROUP);
  prompt = $state('');
  name = $state('');
  #intoActive = $state(false);
  /** Counts the times that the dialog was closed: what was begun before must not open it again. */
  #closings = 0;

  get open(): boolean {
    return this.#reading !== null || this.#files.length > 0 || this.#leftOut.length > 0;
  }

  get files(): readonly MediaFile[] {
    return this.#files;
  }

  /** Files that cannot be items, each with a sentence that says why. */
  get leftOut() {
    return this.#leftOut;
  }

  get reading() {
    return this.#reading;
  }

  get fault(): string | null {
    return this.#fault;
  }

  get keeping(): boolean {
    return this.#keeping;
  }

  get kind(): MediaKind | 'mixed' {
    const kinds = new Set(this.#files.map(({ type }) => kindOf(type)));
    return kinds.size === 1 ? [...kinds][0] : 'mixed';
  }

  /** So many of what was chosen: "3 pictures". */
  amount(n: number): string {
    return count(n, ...WORDS[this.kind]);
  }

  /** So many of what will be judged: "3 pairs". */
  itemAmount(n: number): string {
    return count(n, { alone: 'item', pairs: 'pair', groups: 'group' }[this.way]);
  }

  /** A picture can be judged against a picture, not against a sound. */
  get ways(): Way[] {
    const n = this.kind === 'mixed' ? 1 : this.#files.length;
    return ['alone', ...(n >= 2 ? ['pairs' as const] : []), ...(n >= SMALLEST_GROUP ? ['groups' as const] : [])];
  }

  get way(): Way {
    return this.ways.includes(this.#way) ? this.#way : 'alone';
  }

  get mostPairs(): number {
    return Math.min(mostPairs(this.#files.length), MOST_ITEMS);
  }

  get pairs(): number {
    return this.#pairs ?? Math.min(this.mostPairs, (PAIRS_EACH * this.#files.length) / 2);
  }

  get largestGroup(): number {
    return Math.min(MOST_RESPONSES, this.#files.length);
  }

  get groups(): number {
    return this.#groups ?? Math.ceil((GROUPS_EACH * this.#files.length) / this.size);
  }

  /** How many files an item shows. */
  get each(): number {
    return { alone: 1, pairs: 2, groups: this.size }[this.way];
  }

  /** How many items there will be; null where what was entered is no such number. */
  get items(): number | null {
    const [n, most] = { alone: [this.#files.length, Infinity], pairs: [this.pairs, this.mostPairs], groups: [this.groups, MOST_ITEMS] }[this.way] as [number, number];
    return Number.isInteger(n) && n >= 1 && n <= most ? n : null;
  }

  /** The dataset in use, where what it asks can be asked about these. */
  get fittingDataset() {
    const dataset = shelf.activeDataset;
    return dataset && fits(dataset.form ?? DEFAULT_FORM, { responses: Array<string>(this.each).fill('') }) ? dataset : null;
  }

  get intoActive(): boolean {
    return this.#intoActive && this.fittingDataset !== null;
  }

  get ready(): boolean {
    return this.#files.length > 0 && this.#reading === null && !this.#keeping && this.items !== null && (this.intoActive || this.name.trim() !== '');
  }

  choose(way: Way): void {
    this.#way = way;
  }

  /** So many pairs or groups; NaN where what was entered is no number, null for as many as are usual. */
  askFor(n: number | null): void {
    this.#held = false;
    if (this.way === 'pairs') this.#pairs = n;
    else this.#groups = n;
  }

  /** Somebody is at the number: it does not change under their hands while more files are read. */
  hold(): void {
    const [asked, usual] = this.way === 'pairs' ? [this.#pairs, this.pairs] : [this.#groups, this.groups];
    if (asked !== null || !this.#reading) return;
    this.askFor(usual);
    this.#held = true;
  }

  /** They went on without a change: while files are read, it follows them again. */
  release(): void {
    if (this.#held && this.#reading) this.askFor(null);
    this.#held = false;
  }

  putInto(active: boolean): void {
    this.#intoActive = active;
  }

  /** Look at files one after another, and show what can be made of them; further ones join those that are shown already. */
  async add(files: readonly File[]): Promise<void> {
    const closings = this.#closings;
    const { done, total } = this.#reading ?? { done: 0, total: 0 };
    this.#reading = { done, total: total + files.length };
    for (const file of files) {
      const result = await readMediaFile(file).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
      if (closings !== this.#closings) return;
      if (result instanceof Error) this.#leaveOut(file.name, result.message);
      else this.#take(result);
      this.#reading = { ...this.#reading, done: this.#reading.done + 1 };
    }
    if (this.#reading.done < this.#reading.total) return;
    this.#reading = null;
    if (this.name === '') this.name = `My ${WORDS[this.kind][1]} ${shelf.datasets.length + 1}`;
  }

  close(): void {
    this.#closings++;
    [this.#files, this.#leftOut, this.#reading, this.#fault] = [[], [], null, null];
    [this.#way, this.#pairs, this.#groups, this.#held, this.size] = ['pairs', null, null, false, SMALLEST_GROUP];
    [this.prompt, this.name, this.#intoActive] = ['', '', false];
  }

  /** Keep the files and the items that show them, in a new dataset or in the one in use: all of it or nothing. */
  async keep(): Promise<void> {
    const [items, database, active] = [this.items, lab.database, this.intoActive ? this.fittingDataset : null];
    if (!this.ready || items === null) return;
    this.#keeping = true;
    this.#fault = null;
    try {
      if (!database) throw new Error(lab.storageError ?? 'The storage is not open yet. Try again in a moment.');
      const ids = await addMedia(database, this.#files.map(({ bytes }) => bytes));
      const dataset = active ?? (await shelf.addDataset(this.name.trim(), undefined, MEDIA_FORMS[this.way]));
      try {
        await addComparisons(database, dataset.id, this.#drafts(ids, items, drawsFrom(dataset.seed)));
      } catch (error) {
        await (active ? sweepMedia(database) : deleteDataset(database, dataset.id));
        throw error;
      }
      notices.tell(`${this.amount(this.#files.length)} ${this.#files.length === 1 ? 'is' : 'are'} imported`, `${this.itemAmount(items)} in “${dataset.name}”, ready to be judged.`);
      this.close();
      router.go('collect');
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    } finally {
      this.#keeping = false;
    }
  }

  #take(file: MediaFile): void {
    const same = this.#files.find(({ id }) => id === file.id);
    if (same) this.#leaveOut(file.name, `It is the same as “${same.name}”.`);
    else this.#files = [...this.#files, file];
  }

  #leaveOut(name: string, reason: string): void {
    this.#leftOut = [...this.#leftOut, { name, reason }];
  }

  #drafts(ids: readonly string[], items: number, uniform: () => number): ComparisonDraft[] {
    const n = this.#files.length;
    const places = { alone: () => Array.from({ length: n }, (_, i) => [i]), pairs: () => balancedPairs(n, items, uniform), groups: () => balancedGroups(n, this.size, items, uniform) }[this.way]();
    const file = n === 1 ? this.#files[0].name : this.amount(n);
    return places.map((shown) => ({
      prompt: this.prompt.trim(),
      responses: shown.map(() => ''),
      attachments: shown.map((place, of) => ({ of, mediaId: ids[place], type: this.#files[place].type, name: this.#files[place].name })),
      source: { kind: 'imported', file },
    }));
  }
}

export const mediaImport = new MediaImport();
